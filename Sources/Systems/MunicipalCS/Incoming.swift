import Messaging
import ParticipantStore

/// 本人確認情報の更新要求 (A1-03), v1 to v3: the items as they came, and those the CS decides by.
struct IdentityUpdateRequest: Decodable {
    let juminhyoCode: String
    let updateSequence: Int64
    let moveReason: String
    let individualNumber: String?
    let requestControlNumber: String?
    let previousMunicipalityCode: String?
    let moveDate: CivilDate?
    let formerJuminhyoCode: String?
    let fields: JSONFields

    init(from decoder: any Decoder) throws {
        let fields = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let code = fields["juminhyoCode"]?.text,
            let sequence = fields["updateSequence"]?.integer,
            let reason = fields["moveReason"]?.text
        else { throw Refuse("payload-unreadable") }
        juminhyoCode = code
        updateSequence = sequence
        moveReason = reason
        individualNumber = fields["individualNumber"]?.text
        requestControlNumber = fields["requestControlNumber"]?.text
        previousMunicipalityCode = fields["previousMunicipalityCode"]?.text
        moveDate = fields["moveDate"]?.text.flatMap { try? CivilDate(date8: $0) }
        formerJuminhyoCode = fields["formerJuminhyoCode"]?.text
        self.fields = fields
    }

    /// 記載: the person need not be here yet. Everything else must match a current row (突合; R-049).
    var isEntry: Bool { ["moveIn", "birth", "exOfficioEntry"].contains(moveReason) }
    /// 消除.
    var isRemoval: Bool { ["moveOut", "death", "exOfficioRemoval"].contains(moveReason) }
    /// 住民票コードの変更: the code this one replaces (F2-24; SC-17).
    var replacedCode: String? { moveReason == "juminhyoCodeChange" ? formerJuminhyoCode : nil }

    /// A 転出 whose day has not come: the person is 転出予定者 (F2-32) and still current.
    func isPlannedRemoval(on day: CivilDate) -> Bool {
        guard moveReason == "moveOut", let moveDate else { return false }
        return moveDate > day
    }

    func isRemoved(on day: CivilDate) -> Bool { isRemoval && !isPlannedRemoval(on: day) }
}

/// 転出証明書情報 from another municipality (B3-01), v1 or v2, as far as the CS looks into it.
struct MoveOutCertificate: Decodable {
    struct Mover: Decodable {
        let juminhyoCode: String
    }

    let plannedMoveOutDate: CivilDate?
    let groupId: String?
    let groupSize: Int?
    /// `push`, or `requested`: the answer to a 送信依頼 (C7).
    let deliveryMode: String?
    /// Five digits.
    let originMunicipalityCode: String
    /// Five digits.
    let destinationMunicipalityCode: String
    let movers: [Mover]
}

/// 転出証明書情報の取下げ and its answer, as far as the CS routes by it (SC-11).
struct Withdrawal: Decodable {
    let juminhyoCode: String
    let groupId: String?
    let groupSize: Int64?
    /// Five digits.
    let originMunicipalityCode: String
    /// Five digits.
    let destinationMunicipalityCode: String
    /// Of the answer only.
    let result: String?
}

/// 送信依頼 of another municipality (C7), as far as the CS looks into it.
struct PeerRequest: Decodable {
    let juminhyoCode: String
    /// Who asks, five digits.
    let destinationMunicipalityCode: String?
    let applicationReference: String?
}

/// 転入通知情報 and 戸籍の附票情報, as far as the CS routes by it: six-digit codes.
struct RoutedNotice: Decodable {
    let juminhyoCode: String
    /// Where the person lives now; the municipality that sends.
    let currentMunicipalityCode: String?
    let previousMunicipalityCode: String?
    let registeredDomicileMunicipalityCode: String?
}

/// 本人確認 (B2), its question: what is logged of it, not the search key.
struct VerificationRequest: Decodable {
    let purpose: String
    let applicationReference: String
}

/// 本人確認 (B2), its answer.
struct VerificationResult: Decodable {
    let matched: Bool
    let verificationReference: String
    let applicationReference: String
}

/// カードの継続利用 (B3-06) and カードの状態 (B8-01), question and answer.
struct CardMessage: Decodable {
    let juminhyoCode: String
    let cardManagementNumber: String
    let status: String?
    let applicationReference: String?
    let result: String?
}

/// 照会 (B5), its answer; the items only pass or are compared.
struct InquiryResult: Decodable {
    let matched: Bool
    let verificationReference: String
    let applicationReference: String
    let items: JSONFields?
}

/// The prefecture's answer to a 更新情報.
struct NoticeAck: Decodable {
    let juminhyoCode: String
    let result: String
    let code: String?
}
