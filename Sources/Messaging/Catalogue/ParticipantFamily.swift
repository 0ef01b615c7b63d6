/// A kind of party the catalogue knows (参加システムの区分): one system, or all of one sort.
public struct ParticipantFamily: Hashable, Sendable, Decodable {
    public enum Kind: String, Hashable, Sendable, Decodable {
        case core, hub, external, terminal, human, contractor, `operator`, lab
    }

    /// What stands behind the slash of its members' names.
    public enum Instance: String, Hashable, Sendable, Decodable {
        /// Nothing: the family is one participant.
        case none
        /// Five digits of a municipality.
        case municipality
        /// One to three digits.
        case number
        /// Letters, digits and hyphens.
        case name
    }

    /// The catalogue's number, P1, E6, T2; `-` where it has none.
    public let no: String
    public let family: String
    /// As the assessment calls it.
    public let ja: String
    public let kind: Kind
    public let instance: Instance
    /// Where it may have a session; empty: nowhere.
    public let zones: [ZoneID]
    public let basis: String
    public let tag: EvidenceTag
    public let text: String?

    /// Whether `instance`, the bytes behind the slash or nil, is what this family's members have.
    func admits(_ bytes: Span<UInt8>, instance: Range<Int>?) -> Bool {
        guard let range = instance else { return self.instance == .none }
        switch self.instance {
        case .none: return false
        case .name: return true
        case .municipality: return Grammar.isDigits(bytes, range, count: 5)
        case .number:
            return (1...3).contains(range.count)
                && Grammar.isDigits(bytes, range, count: range.count)
        }
    }
}
