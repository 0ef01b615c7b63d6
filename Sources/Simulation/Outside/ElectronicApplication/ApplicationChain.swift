import Messaging

/// One 受付番号 at the LGWAN terminal with all its versions (申請データの履歴, R-047).
///
/// Only the newest version may go on; older ones stay as history until all are purged together.
struct ApplicationChain: Hashable, Sendable {
    enum State: Hashable, Sendable {
        /// The signature held when it came.
        case verified
        /// The signature did not hold; the code.
        case rejected(code: String)
        /// On a medium, under that entry of the book.
        case onMedium(entry: String)
        /// The register has it.
        case imported
        /// The register did not take it; the code.
        case refused(code: String)
    }

    struct Version: Hashable, Sendable {
        /// The messages it came with.
        var messages: [MessageID]
        let correlation: CorrelationID
        var state: State
        /// What came; nil once it is purged.
        var content: JSONValue?
    }

    /// The invented person who applied.
    let person: String?
    private(set) var versions: [Int: Version] = [:]

    init(person: String?) { self.person = person }

    var newest: Int { versions.keys.max() ?? 0 }
    var isPurged: Bool { versions.values.allSatisfy { $0.content == nil } }
    var stored: Int { versions.values.count { $0.content != nil } }

    subscript(version: Int) -> Version? {
        get { versions[version] }
        set { versions[version] = newValue }
    }

    /// The version on a medium under that entry.
    func version(on entry: String) -> Int? {
        versions.first { $0.value.state == .onMedium(entry: entry) }?.key
    }

    /// Forgets every copy, and tells which messages had brought which version.
    mutating func purge() -> [(version: Int, message: MessageID)] {
        var brought: [(Int, MessageID)] = []
        for (number, version) in versions.sorted(by: { $0.key < $1.key })
        where version.content != nil {
            brought += version.messages.map { (number, $0) }
            versions[number]?.content = nil
        }
        return brought
    }
}
