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

    let receptionNumber: String
    let notificationType: String
    let subjects: [Subject]
    let moveDate: CivilDate
    let notifiedDate: CivilDate
    /// Six digits.
    let previousMunicipalityCode: String?
}

/// What the 入力者 enters (仮更新).
struct DraftRequest: Decodable {
    struct Subject: Decodable {
        let juminhyoCode: String?
        let addresseeNumber: String?
    }

    let receptionNumber: String
    let moveReason: String
    let subject: Subject
    /// F1 items by name, as entered at the counter.
    let counterInput: JSONFields
    let verificationReference: String?
}

/// The 確認者's approval (本更新).
struct CommitRequest: Decodable {
    let draftNumber: String
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
