internal import JSONSchema

/// Every converter between neighbouring versions (版変換表), checked when the catalogue is loaded.
///
/// Each pair of neighbouring versions of a type has one converter each way; that which the older version
/// cannot say is refused by its converter, never by its absence. Every example of either layout goes
/// through it and fits the other layout, unless it is refused.
struct ConversionBook: Sendable {
    private struct Way: Hashable {
        let type: MessageTypeName
        let from: Int
        let to: Int
    }

    private let conversions: [Way: Conversion]

    init(
        files: [String: [UInt8]], topics: [TopicEntry], texts: [Topic: [UInt8]]
    ) throws(CatalogueError) {
        let reader = try ConversionReader(files: files)
        var conversions: [Way: Conversion] = [:]
        for (lower, upper) in zip(topics, topics.dropFirst())
        where lower.topic.type == upper.topic.type {
            for (from, to) in [(lower, upper), (upper, lower)] {
                let found = try reader.read(
                    from.topic.type, from: from.topic.major, to: to.topic.major)
                guard let conversion = found else {
                    throw CatalogueError(
                        file: ConversionReader.file(
                            of: from.topic.type, from.topic.major, to.topic.major),
                        pointer: "", reason: "the converter between two versions is missing")
                }
                try Self.check(conversion, from: from, to: to, text: texts[from.topic] ?? [])
                conversions[Way(type: from.topic.type, from: conversion.from, to: conversion.to)] =
                    conversion
            }
        }
        self.conversions = conversions
    }

    func conversion(_ type: MessageTypeName, from: Int, to: Int) -> Conversion? {
        conversions[Way(type: type, from: from, to: to)]
    }

    /// Every example that is not refused comes out as the other version has it.
    private static func check(
        _ conversion: Conversion, from: TopicEntry, to: TopicEntry, text: [UInt8]
    ) throws(CatalogueError) {
        guard case .array(let examples)? = JSONTree.parse(text)?.members?["examples"],
            let day = CivilDate(year: 2025, month: 10, day: 1)
        else { return }
        let file = ConversionReader.file(of: from.topic.type, from.topic.major, to.topic.major)
        var checker = Checker()
        for (index, example) in examples.enumerated() {
            var payload = example
            var lost: [String] = []
            do throws(ConversionFailure) {
                try conversion.apply(
                    to: &payload, sent: Conversion.Sent(id: "example~1", day: day), lost: &lost)
            } catch {
                continue
            }
            let bytes = payload.encoded()
            guard case .invalid(let violation) = checker.check(bytes.span, against: to.schema)
            else { continue }
            throw CatalogueError(
                file: file, pointer: "",
                reason:
                    "example \(index) of v\(conversion.from) comes out breaking \(violation.description)"
            )
        }
    }
}
