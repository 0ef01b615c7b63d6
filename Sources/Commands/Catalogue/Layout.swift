internal import FoundationEssentials
internal import JSONSchema
internal import Messaging
internal import Platform
internal import Simulation

/// One topic's layout as the tools show and check it (電文定義).
struct Layout {
    let topic: Topic
    /// The schema document as it stands in the directory.
    let text: String
    private let schema: CompiledSchema

    /// `name` is a topic, or a type, which means its newest version.
    init(named name: String, _ options: SchemaOptions) throws {
        let files = try options.files()
        let catalogue = try SchemaOptions.catalogue(files, withLab: true)
        guard let topic = Self.topic(name, catalogue), let index = catalogue.topicIndex(of: topic)
        else {
            throw CommandFailure(
                "topic-unknown", "この電文種別・版はありません (no layout for \(name))",
                hint: "jukihub schema ls", exit: .failure)
        }
        let path = "messages/\(topic.type.rawValue)/v\(topic.major).schema.json"
        self.topic = topic
        schema = catalogue.topic(index).schema
        text = String(decoding: files[path] ?? [], as: UTF8.self)
    }

    private static func topic(_ name: String, _ catalogue: Catalogue) -> Topic? {
        if name.contains("/") { return try? Topic(name) }
        guard let type = catalogue.types.first(where: { $0.name.rawValue == name }),
            let major = type.majors.max()
        else { return nil }
        return try? Topic("\(name)/v\(major)")
    }

    /// The first of the layout's own examples, as JSON text.
    func example() throws -> String? {
        let document = try JSONDecoder().decode(Examples.self, from: Data(text.utf8))
        return try document.examples?.first.map { try Printer.json($0, pretty: true) }
    }

    private struct Examples: Decodable {
        let examples: [JSONValue]?
    }

    /// What a check came to; it names places, never a value.
    struct Finding: Encodable {
        let topic: String
        let valid: Bool
        var keyword: String?
        var instancePointer: String?
        var schemaPointer: String?
        var missingMember: String?
        var text: String?
    }

    func check(_ payload: [UInt8]) -> Finding {
        var checker = Checker()
        switch checker.check(payload.span, against: schema) {
        case .valid: return Finding(topic: topic.rawValue, valid: true)
        case .invalid(let violation):
            return Finding(
                topic: topic.rawValue, valid: false, keyword: violation.keyword,
                instancePointer: violation.instancePointer, schemaPointer: violation.schemaPointer,
                missingMember: violation.missingMember)
        case .malformed(let fault):
            return Finding(
                topic: topic.rawValue, valid: false, keyword: fault.code.rawValue,
                text: "JSONとして読めません not JSON: \(fault)")
        }
    }
}
