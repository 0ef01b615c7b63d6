import Messaging
import ParticipantStore

/// What one 移転先 gets of a resident, and on what legal basis (移転先別の項目; ).
///
/// Profiles are data: `Schemas/catalogue/transfer-profiles.json`. A recipient without one gets nothing.
package struct TransferProfile: Decodable, Sendable {
    /// A profile's name; changes when its items change.
    let profile: String
    let recipient: ParticipantID
    /// 移転先No of 別紙2, the recipient's lasting name (別添3 renames the departments, not the numbers).
    let transferNumber: String
    let legalBasis: String
    let businessTask: String
    let validFrom: CivilDate
    let validUntil: CivilDate?
    /// F1 items by name.
    let items: [String]

    private struct File: Decodable {
        let profiles: [TransferProfile]
    }

    /// The profiles of a file; throws where it is not one.
    package static func read(_ file: [UInt8]) throws -> [TransferProfile] {
        try PayloadCoding.decode(File.self, from: file).profiles
    }

    func isValid(on day: CivilDate) -> Bool {
        validFrom <= day && (validUntil.map { day <= $0 } ?? true)
    }
}
