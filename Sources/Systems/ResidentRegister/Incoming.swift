import Messaging
import ParticipantStore

/// 転出証明書情報 as it arrives (B3-02), v1 or v2: a group of movers.
struct MoveOutCertificate: Decodable {
    /// One mover: what the 転出地 knows of the person, and where the person means to go.
    struct Mover: Codable {
        let juminhyoCode: String
        let individualNumber: String
        let nameKanji: String
        let nameKana: String?
        let sexCode: String
        let birthDate: FuzzyDate
        let relationshipCode: String
        let registeredDomicileMunicipalityCode: String?
        let registeredDomicile: String?
        let familyRegisterHeadName: String?
        let currentPostalCode: String?
        let currentAddress: String
        let currentAddressAnnex: String?
        let plannedMoveOutMunicipalityCode: String
        let plannedMoveOutPostalCode: String?
        let plannedMoveOutAddress: String?
        let plannedMoveOutAddressAnnex: String?
        let plannedMoveOutHouseholdHeadName: String?
        let formerSurnameKana: String?
        let formerSurnameKanji: String?
        let hasIndividualNumberCard: Bool
    }

    let deliveryMode: String?
    let plannedMoveOutDate: CivilDate?
    let groupId: String?
    let groupSize: Int?
    /// Five digits.
    let originMunicipalityCode: String
    let destinationMunicipalityCode: String
    let movers: [Mover]
}

/// A 届出 taken at the counter (A1-01, B1-01), v1 or v2; it has no place for a 個人番号.
struct NotificationAccepted: Decodable {
    struct Subject: Decodable {
        let addresseeNumber: String?
        let nameKanji: String
        let birthDate: FuzzyDate?
        let hasIndividualNumberCard: Bool
    }

    /// 本人確認書類.
    struct Evidence: Decodable {
        let kind: String
        let checked: Bool
    }

    let receptionNumber: String
    let notificationType: String
    let subjects: [Subject]
    let moveDate: CivilDate
    let notifiedDate: CivilDate
    /// Six digits.
    let previousMunicipalityCode: String?
    var identityEvidence: [Evidence]?

    /// The card itself, or a 通知カード together with another legal document (R-048, corrections 6).
    var provesIdentity: Bool {
        let kinds = Set((identityEvidence ?? []).filter(\.checked).map(\.kind))
        let documents: Set = ["drivingLicence", "passport", "residenceCard"]
        return kinds.contains("individualNumberCard")
            || kinds.contains("notificationCard") && !kinds.isDisjoint(with: documents)
    }
}

/// The common part of replies: accepted, or refused with a code.
struct Outcome: Decodable {
    let result: String
    let code: String?
    let juminhyoCode: String?
    let updateSequence: Int64?
    let addresseeNumber: String?
    let certificateSubjectId: String?
    let recordVersion: Int64?

    /// Whom a relayed message is about.
    struct Subject: Decodable {
        let juminhyoCode: String
    }
}

/// An operator's question which cases of other zones belong to one case.
struct PairingRequest: Decodable {
    let zone: String?
    let correlationId: String
}

/// A generated 個人番号, or why there is none (A1-07).
struct NumberAssigned: Decodable {
    let juminhyoCode: String
    let result: String
    let individualNumber: String?
    let code: String?
}

/// 空き住民票コード (C11).
struct CodePool: Decodable {
    let batchNumber: String
    let juminhyoCodes: [String]
}

/// 転入通知情報 about somebody who left (C6); six-digit codes.
struct MoveInNotice: Decodable {
    let juminhyoCode: String
    let currentMunicipalityCode: String
    let currentPostalCode: String?
    let currentAddress: String
    let currentAddressAnnex: String?
    let becameResidentDate: FuzzyDate
    let previousMunicipalityCode: String
}

/// A peer's 送信依頼 (C7); five-digit codes.
struct CertificateRequest: Decodable {
    let juminhyoCode: String
    let nameKanji: String?
    let destinationMunicipalityCode: String?
    let applicationReference: String?
}

/// The taking back of a certificate, and its answer (SC-11).
struct CertificateWithdrawal: Decodable {
    let juminhyoCode: String
    let groupId: String
    let groupSize: Int?
    let originMunicipalityCode: String
    let destinationMunicipalityCode: String
    let result: String?
    let code: String?
}

/// Whom to extract 送付先情報 of again (B7-01).
struct ExtractRequest: Decodable {
    let addresseeNumbers: [String]
    let printCategory: String?
}

/// What became of a 送付先 at the CS.
struct MailingResult: Decodable {
    let mailingControlNumber: String
    let result: String
    let state: String
    let code: String?
}

/// A person's decision about a case, and the question which cases wait.
struct ManualCaseRequest: Decodable {
    let id: String?
    let decision: String?
    let reason: String?
    let code: String?
}

/// A peer's answer to a certificate or to a 送信依頼.
struct CertificateReply: Decodable {
    let inReplyTo: String
    let result: String
    let code: String?
    let groupId: String?
}
