package import Messaging
import ParticipantStore

/// What one 移転先 gets of a resident, and on what legal basis (移転先別の項目; ).
///
/// Profiles are data: `Schemas/catalogue/transfer-profiles.json`. A recipient without one gets nothing.
package struct TransferProfile: Decodable, Sendable {
    /// A department's name from a day on (別添3 renames departments, never their 移転先No).
    struct Name: Decodable, Sendable {
        let from: CivilDate
        let name: String
    }

    /// A profile's name; changes when its items change.
    let profile: String
    let recipient: ParticipantID
    /// 移転先No of 別紙2, the recipient's lasting name (別添3 renames the departments, not the numbers).
    let transferNumber: String
    let names: [Name]
    let legalBasis: String
    let businessTask: String
    let validFrom: CivilDate
    let validUntil: CivilDate?
    /// F1 items by name.
    let items: [String]

    func isValid(on day: CivilDate) -> Bool {
        validFrom <= day && (validUntil.map { day <= $0 } ?? true)
    }

    /// What the recipient was called on a day.
    func name(on day: CivilDate) -> String? { names.last { $0.from <= day }?.name }
}

/// The profiles of the city, and what its 異動事由 mean to the recipients (移転先一覧).
package struct TransferProfiles: Decodable, Sendable {
    /// The profiles of connected recipients.
    private(set) var profiles: [TransferProfile]
    /// Meaning of each 異動事由 (CL-1) that is not a plain amendment.
    let meanings: [String: ChangeMeaning]

    private enum CodingKeys: String, CodingKey {
        case profiles, meanings
    }

    /// Reads the catalogue's file; throws where it is not one.
    package static func read(_ file: [UInt8]) throws -> TransferProfiles {
        try PayloadCoding.decode(TransferProfiles.self, from: file)
    }

    /// Only the recipients that are wired (接続済みの移転先); nil means all. A wired recipient without a profile gets nothing.
    package func connected(_ recipients: [ParticipantID]?) -> TransferProfiles {
        guard let recipients else { return self }
        var connected = self
        connected.profiles = profiles.filter { recipients.contains($0.recipient) }
        return connected
    }

    /// The profiles in force on a day, of one recipient or of all.
    func valid(on day: CivilDate, for recipient: ParticipantID? = nil) -> [TransferProfile] {
        profiles.filter { $0.isValid(on: day) && (recipient == nil || $0.recipient == recipient) }
    }
}

/// What a change means to a recipient (異動の区分): the layout of `resident-info.transfer` states each.
package enum ChangeMeaning: String, Decodable, Sendable {
    case entry, amendment, correction, plannedMoveOut, removal, cancellation, snapshot
}
