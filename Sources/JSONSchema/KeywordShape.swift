/// The demands on a keyword's value (キーワード値の検査), checked before anything is compiled.
enum KeywordShape {
    static let dialect = "https://json-schema.org/draft/2020-12/schema"
    private static let vocabularies: Set<String> = Set(
        [
            "core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation",
            "content",
        ].map { "https://json-schema.org/draft/2020-12/vocab/\($0)" })
    static let typeNames = [
        "null", "boolean", "number", "string", "array", "object", "integer",
    ]

    static func check(_ value: SchemaCursor, _ keyword: Keyword) throws(SchemaLoadError) {
        switch keyword.shape {
        case .anything, .schema: break
        case .schemas:
            try demand(value.kind == .array && value.count > 0, value, "a list of schemas")
        case .schemaMap:
            try demand(value.kind == .object, value, "an object of schemas")
            if keyword == .patternProperties {
                for (name, inner) in value.members { try pattern(name, inner) }
            }
        case .uri, .text: try demand(value.kind == .string, value, "a string")
        case .anchorName:
            try demand(value.kind == .string && isAnchor(value.string), value, "an anchor name")
        case .dialect:
            let isKnown = value.kind == .string && value.string == dialect
            try demand(isKnown, value, dialect)
        case .vocabularies: try checkVocabularies(value)
        case .truth: try demand(value.kind == .boolean, value, "true or false")
        case .typeNames:
            let names = value.kind == .array ? value.elements : [value]
            try demand(!names.isEmpty && areDistinct(names), value, "distinct type names")
            for name in names {
                try demand(typeNames.contains(name.string), name, "one of the seven type names")
            }
        case .distinctNames:
            let isList = value.kind == .array && areDistinct(value.elements)
            try demand(isList, value, "a list of distinct strings")
        case .namesByName:
            try demand(value.kind == .object, value, "an object of lists")
            for (_, names) in value.members {
                let isList = names.kind == .array && areDistinct(names.elements)
                try demand(isList, names, "a list of distinct strings")
            }
        case .list: try demand(value.kind == .array, value, "a list")
        case .count: try demand(value.countValue != nil, value, "a whole number from 0")
        case .number: try demand(value.kind == .number, value, "a number")
        case .positiveNumber: try demand(value.isPositiveNumber, value, "a number above 0")
        case .pattern:
            try demand(value.kind == .string, value, "a string")
            try pattern(value.string, value)
        }
    }

    private static func demand(
        _ holds: Bool, _ value: SchemaCursor, _ what: String
    ) throws(SchemaLoadError) {
        guard holds else { throw value.error("the keyword's value must be \(what)") }
    }

    private static func areDistinct(_ values: [SchemaCursor]) -> Bool {
        // By bytes: Swift's own equality takes composed and decomposed kana for the same.
        values.allSatisfy { $0.kind == .string }
            && Set(values.map { Array($0.string.utf8) }).count == values.count
    }

    private static func isAnchor(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else {
            return false
        }
        return name.utf8.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || "-._".utf8.contains($0)
        }
    }

    private static func checkVocabularies(_ value: SchemaCursor) throws(SchemaLoadError) {
        try demand(value.kind == .object, value, "an object")
        for (name, isRequired) in value.members {
            try demand(isRequired.kind == .boolean, isRequired, "true or false")
            guard !isRequired.isTrue || vocabularies.contains(name) else {
                throw isRequired.error("the vocabulary \(name) is required but not implemented")
            }
        }
    }

    private static func pattern(_ text: String, _ value: SchemaCursor) throws(SchemaLoadError) {
        do throws(PatternError) {
            _ = try PatternProgram(text)
        } catch {
            throw value.error("the pattern is refused: \(error.reason)")
        }
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
