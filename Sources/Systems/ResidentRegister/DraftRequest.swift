import Messaging
import ParticipantStore

/// What the 入力者 enters (仮更新): one 異動 of one person, or of several who move together.
struct DraftRequest {
    /// Whom an entry is about.
    struct Subject: Decodable {
        /// Somebody with a 転出証明書, held or on paper.
        var juminhyoCode: String?
        /// Somebody already in the register.
        var addresseeNumber: String?
        /// Somebody with neither (出生, 国外転入, 職権記載).
        var newPerson: Bool?
    }

    /// One person's part of the 異動.
    struct Person: Decodable {
        var subject: Subject
        /// F1 items by name as entered at the counter, and `furiganaCertified`.
        var counterInput: JSONFields = [:]
        var paperCertificate: Bool?
        var hasIndividualNumberCard: Bool?
        /// 宛名番号 of somebody in the household the person joins.
        var joinHouseholdOf: String?
    }

    var receptionNumber: String
    /// CL-1.
    var moveReason: String
    var people: [Person]
    var plannedMoveOutDate: CivilDate?
    var wholeHousehold = false
    var verificationReference: String?
}

extension DraftRequest {
    /// One person's 異動.
    init(
        receptionNumber: String, moveReason: String, subject: Subject, counterInput: JSONFields,
        verificationReference: String? = nil
    ) {
        self.init(
            receptionNumber: receptionNumber, moveReason: moveReason,
            people: [Person(subject: subject, counterInput: counterInput)],
            verificationReference: verificationReference)
    }
}

extension DraftRequest: Decodable {
    private enum Key: String, CodingKey {
        case receptionNumber, moveReason, members, plannedMoveOutDate, wholeHousehold
        case verificationReference
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        receptionNumber = try container.decode(String.self, forKey: .receptionNumber)
        moveReason = try container.decode(String.self, forKey: .moveReason)
        plannedMoveOutDate = try container.decodeIfPresent(
            CivilDate.self, forKey: .plannedMoveOutDate)
        wholeHousehold =
            try container.decodeIfPresent(Bool.self, forKey: .wholeHousehold) ?? false
        verificationReference = try container.decodeIfPresent(
            String.self, forKey: .verificationReference)
        people =
            try [Person(from: decoder)]
            + (container.decodeIfPresent([Person].self, forKey: .members) ?? [])
    }
}

/// The 確認者's approval (本更新); the result of a B2 or B5 may come as late as now.
struct CommitRequest: Decodable {
    let draftNumber: String
    var verificationReference: String?
}

/// The 取消し of a draft or of a committed change.
struct CancelRequest: Decodable {
    /// Of the 取消しの届出.
    let receptionNumber: String
    /// What is cancelled.
    let draftNumber: String
    let reason: String
}

/// The 取下げ of a 届出 before 本更新.
struct NotificationWithdrawn: Decodable {
    let receptionNumber: String
}
