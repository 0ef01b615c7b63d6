internal import JSONSchema

/// The layouts of messages, found, checked and compiled (電文様式).
struct MessageLayouts {
    private(set) var topics: [TopicEntry] = []
    /// The schema texts, for masking.
    private(set) var texts: [Topic: [UInt8]] = [:]

    static func uri(of topic: Topic) -> String {
        "urn:jukihub:messages:\(topic.type):v\(topic.major)"
    }

    static func file(of topic: Topic) -> String {
        "messages/\(topic.type)/v\(topic.major).schema.json"
    }

    /// Compiles the layout of every listed version.
    ///
    /// A prohibited type has one version that no payload satisfies, so that it can be refused by name.
    init(parts: CatalogueParts, files: [String: [UInt8]]) throws(CatalogueError) {
        var library = SchemaLibrary(captures: Catalogue.captures)
        for type in parts.types where type.prohibited == nil {
            for major in type.majors.sorted() {
                let topic = Topic(type: type.name, major: major)
                let file = Self.file(of: topic)
                guard let text = files[file] else {
                    throw CatalogueError(
                        file: file, pointer: "", reason: "the layout of a listed version is missing"
                    )
                }
                try LayoutReview(file: file, text: text, topic: topic, type: type, parts: parts)
                    .check()
                try Self.located(file) { () throws(SchemaLoadError) in
                    try library.add(text, uri: Self.uri(of: topic))
                }
                texts[topic] = text
            }
        }
        let nothing = "urn:jukihub:nothing"
        try Self.located("catalogue/types.json") { () throws(SchemaLoadError) in
            try library.add(Array("{\"not\":{}}".utf8), uri: nothing)
        }
        for (index, type) in parts.types.enumerated() {
            guard let retention = parts.retention.first(where: { $0.name == type.retention }) else {
                let place = parts.place("types", index)
                throw CatalogueError(
                    file: place.file, pointer: place.pointer, reason: "no such retention class")
            }
            let isProhibited = type.prohibited != nil
            for major in isProhibited ? [1] : type.majors.sorted() {
                let topic = Topic(type: type.name, major: major)
                let schema = try Self.located(Self.file(of: topic)) { () throws(SchemaLoadError) in
                    try library.compile(isProhibited ? nothing : Self.uri(of: topic))
                }
                topics.append(
                    TopicEntry(
                        index: TopicIndex(topics.count), topic: topic, type: type,
                        retention: retention, urgency: Self.urgency(of: type, in: parts),
                        schema: schema))
                if !isProhibited {
                    try Self.checkExamples(texts[topic] ?? [], topic, schema)
                }
            }
        }
    }

    /// A query's answer is as urgent as the query.
    private static func urgency(of type: MessageType, in parts: CatalogueParts) -> Urgency {
        let asked = type.replyTo.flatMap { request in
            parts.types.first { $0.name == request }
        }
        return type.kind == .query || asked?.kind == .query ? .query : .ordinary
    }

    /// Every example must satisfy its own layout.
    private static func checkExamples(
        _ text: [UInt8], _ topic: Topic, _ schema: CompiledSchema
    ) throws(CatalogueError) {
        let file = file(of: topic)
        guard case .object(let members)? = JSONTree.parse(text),
            case .array(let examples)? = members["examples"]
        else {
            throw CatalogueError(file: file, pointer: "/examples", reason: "there are no examples")
        }
        var checker = Checker()
        for (index, example) in examples.enumerated() {
            let bytes = example.encoded()
            switch checker.check(bytes.span, against: schema) {
            case .valid: continue
            case .invalid(let violation):
                throw CatalogueError(
                    file: file, pointer: "/examples/\(index)\(violation.instancePointer)",
                    reason: "the example breaks \(violation.keyword)")
            case .malformed(let fault):
                throw CatalogueError(
                    file: file, pointer: "/examples/\(index)", reason: fault.description)
            }
        }
    }

    private static func located<Value>(
        _ file: String, _ body: () throws(SchemaLoadError) -> Value
    ) throws(CatalogueError) -> Value {
        do throws(SchemaLoadError) {
            return try body()
        } catch {
            throw CatalogueError(file: file, pointer: error.pointer, reason: error.reason)
        }
    }
}
