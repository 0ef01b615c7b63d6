internal import Crypto
package import JSONSchema

/// Who may send what to whom, in which steps, and how it is laid out (連携定義).
///
/// The one source for admission, routing, traces and documents; loaded from bytes, checked against its
/// own schema and within itself, and immutable afterwards.
public struct Catalogue: Sendable {
    public let zones: [Zone]
    public let participants: [ParticipantFamily]
    public let links: [Link]
    public let forbidden: [Prohibition]
    public let groups: [Step.Group]
    public let steps: [Step]
    public let identifiers: [IdentifierKind]
    public let types: [MessageType]
    public let legalBases: [LegalBasis]
    public let retentionClasses: [RetentionClass]
    public let causality: [Causality]
    public let functions: [OperatorFunction]
    /// Every topic with a layout, by its index.
    public let topics: [TopicEntry]
    /// SHA-256 over every file under `catalogue`, `conversions` and `messages`, in the order of their names.
    public let digest: [UInt8]

    private let zoneTable: ByteTable
    private let familyTable: ByteTable
    private let topicTable: ByteTable
    private let routes: RouteTable
    private let privacy: PrivacySchemas
    private let book: ConversionBook
    private let basisTable: ByteTable

    /// Loads the catalogue.
    ///
    /// - Parameter files: contents by path below `Schemas`: `catalogue/links.json`,
    ///   `messages/<type>/v<major>.schema.json`. Files elsewhere are ignored.
    public init(
        files: [String: [UInt8]], options: CatalogueOptions = CatalogueOptions()
    ) throws(CatalogueError) {
        let parts = try CatalogueParts(files: files, options: options)
        try CatalogueReferences(parts).check()
        let layouts = try MessageLayouts(parts: parts, files: files)
        zones = parts.zones
        participants = parts.participants
        links = parts.links
        forbidden = parts.forbidden
        groups = parts.groups
        steps = parts.steps
        identifiers = parts.identifiers
        types = parts.types
        legalBases = parts.legalBases
        retentionClasses = parts.retention
        causality = parts.causality
        functions = parts.functions
        topics = layouts.topics
        digest = Self.digest(of: files)
        zoneTable = ByteTable(parts.zones.map(\.id.rawValue))
        familyTable = ByteTable(parts.participants.map(\.family))
        topicTable = ByteTable(layouts.topics.map(\.topic.rawValue))
        routes = RouteTable(parts: parts, topics: layouts.topics)
        privacy = PrivacySchemas(texts: layouts.texts)
        book = try ConversionBook(files: files, topics: layouts.topics, texts: layouts.texts)
        basisTable = ByteTable(parts.legalBases.map(\.id))
    }

    /// Lower-case hexadecimal, as HELLO and WELCOME carry it.
    public var digestHex: String { Hexadecimal.text(digest) }

    /// The number of `x-order-key` and `x-technical-id` among the capture keywords.
    package static let orderKeyCapture = 0
    package static let technicalCapture = 1
    package static let captures = ["x-order-key", "x-technical-id"]

    /// Each name, a zero byte, the length in eight bytes big-endian and the content.
    static func digest(of files: [String: [UInt8]]) -> [UInt8] {
        var hash = SHA256()
        for name in files.keys.sorted()
        where ["catalogue/", "conversions/", "messages/"].contains(where: { name.hasPrefix($0) }) {
            let content = files[name] ?? []
            var head = Array(name.utf8) + [0]
            for shift in stride(from: 56, through: 0, by: -8) {
                head.append(UInt8(truncatingIfNeeded: UInt64(content.count) >> UInt64(shift)))
            }
            hash.update(data: head)
            hash.update(data: content)
        }
        return Array(hash.finalize())
    }
}

extension Catalogue {
    /// The topic of a `dataschema` text; nil where there is no layout.
    public func topicIndex(of bytes: Span<UInt8>) -> TopicIndex? {
        topicIndex(of: bytes, 0..<bytes.count)
    }

    /// As above, for a part of `bytes`.
    public func topicIndex(of bytes: Span<UInt8>, _ range: Range<Int>) -> TopicIndex? {
        topicTable.find(bytes, range).map(TopicIndex.init)
    }

    public func topicIndex(of topic: Topic) -> TopicIndex? {
        topicIndex(of: topic.rawValue.utf8.span)
    }

    public func topic(_ index: TopicIndex) -> TopicEntry { topics[Int(index.rawValue)] }

    /// Whether the catalogue knows the type in some version, if only by name.
    public func knowsType(_ name: MessageTypeName) -> Bool { types.contains { $0.name == name } }

    public func zoneIndex(of zone: ZoneID) -> ZoneIndex? {
        let span = zone.rawValue.utf8.span
        return zoneTable.find(span, 0..<span.count).map(ZoneIndex.init)
    }

    /// The family of a participant; nil for an unknown family or a name that is none of its members'.
    public func familyIndex(of participant: ParticipantID) -> FamilyIndex? {
        let span = participant.rawValue.utf8.span
        return familyIndex(ofParticipant: span, 0..<span.count)
    }

    /// As above, for a participant's name in a part of `bytes`.
    public func familyIndex(ofParticipant bytes: Span<UInt8>, _ range: Range<Int>) -> FamilyIndex? {
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/") { end += 1 }
        guard let index = familyTable.find(bytes, range.lowerBound..<end) else { return nil }
        let instance = end < range.upperBound ? end + 1..<range.upperBound : nil
        return participants[index].admits(bytes, instance: instance) ? FamilyIndex(index) : nil
    }

    public func family(_ index: FamilyIndex) -> ParticipantFamily {
        participants[Int(index.rawValue)]
    }

    /// Whether a message of `topic` may go from one family to another in `zone`.
    ///
    /// A prohibition wins over a link and holds in every zone.
    public func route(
        from sender: FamilyIndex, to receiver: FamilyIndex, zone: ZoneIndex, topic: TopicIndex
    ) -> RouteVerdict {
        routes.verdict(from: sender, to: receiver, zone: zone, topic: topic)
    }

    /// The layout with its `x-privacy` annotations, for ``Masking``; compiled when first asked for.
    package func privacySchema(for topic: Topic) -> CompiledSchema? { privacy.schema(for: topic) }

    public func step(_ id: StepID) -> Step? { steps.first { $0.id == id } }
    public func type(_ name: MessageTypeName) -> MessageType? { types.first { $0.name == name } }
    public func retentionClass(_ name: String) -> RetentionClass? {
        retentionClasses.first { $0.name == name }
    }
    public func legalBasis(_ id: String) -> LegalBasis? { legalBases.first { $0.id == id } }

    /// The legal basis named in a part of `bytes`.
    public func legalBasis(of bytes: Span<UInt8>, _ range: Range<Int>) -> LegalBasis? {
        basisTable.find(bytes, range).map { legalBases[$0] }
    }

    /// What follows a message, in words for people; rules for its step first, else those for any.
    public func consequences(
        of type: MessageTypeName, in step: StepID?
    ) -> [Causality.Consequence] {
        let rules = causality.filter { $0.type == type }
        let exact = rules.filter { $0.step != nil && $0.step == step }
        return (exact.isEmpty ? rules.filter { $0.step == nil } : exact).flatMap(\.then)
    }
}

extension Catalogue {
    /// The newest version of a type that has a layout.
    public func newestMajor(of type: MessageTypeName) -> Int? {
        topics.lazy.filter { $0.topic.type == type }.map(\.topic.major).max()
    }

    /// The converter between two neighbouring versions; nil where there is none.
    package func conversion(_ type: MessageTypeName, from: Int, to: Int) -> Conversion? {
        book.conversion(type, from: from, to: to)
    }

    /// The next version on the way from one to another.
    func neighbour(of major: Int, towards target: Int, in type: MessageTypeName) -> Int? {
        let majors = topics.lazy.filter { $0.topic.type == type }.map(\.topic.major)
        return major < target
            ? majors.filter { $0 > major }.min() : majors.filter { $0 < major }.max()
    }
}
