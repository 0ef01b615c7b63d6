/// How long a hub may keep sealed content that nothing settles (保管区分).
public struct RetentionClass: Hashable, Sendable, Decodable {
    /// What ends the retention.
    public enum Limit: Hashable, Sendable {
        case days(Int)
        case seconds(Int)
        /// Settlement of the last message of the case; the key is the case's own.
        case settlementOfCase
    }

    public let name: String
    public let ja: String
    public let limit: Limit
    /// Whether backups may contain it.
    public let backup: Bool
    public let tag: EvidenceTag
    public let basis: String?
    public let note: String?

    private enum Key: String, CodingKey {
        case name, ja, days, seconds, event, scope, backup, tag, basis, note
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        name = try values.decode(String.self, forKey: .name)
        ja = try values.decode(String.self, forKey: .ja)
        backup = try values.decode(Bool.self, forKey: .backup)
        tag = try values.decode(EvidenceTag.self, forKey: .tag)
        basis = try values.decodeIfPresent(String.self, forKey: .basis)
        note = try values.decodeIfPresent(String.self, forKey: .note)
        if let days = try values.decodeIfPresent(Int.self, forKey: .days) {
            limit = .days(days)
        } else if let seconds = try values.decodeIfPresent(Int.self, forKey: .seconds) {
            limit = .seconds(seconds)
        } else {
            limit = .settlementOfCase
        }
    }
}
