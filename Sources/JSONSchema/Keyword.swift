/// The keywords of JSON Schema 2020-12 that this checker implements (様式キーワード).
///
/// Missing on purpose: `$dynamicRef`, `$dynamicAnchor` (refused at load, like any unknown word).
enum Keyword: String, CaseIterable, BitwiseCopyable, Sendable {
    // Core
    case schema = "$schema"
    case vocabulary = "$vocabulary"
    case id = "$id"
    case anchor = "$anchor"
    case ref = "$ref"
    case defs = "$defs"
    case comment = "$comment"
    // Applicators
    case allOf, anyOf, oneOf, not
    case `if`, then, `else`
    case dependentSchemas
    case prefixItems, items, contains
    case properties, patternProperties, additionalProperties, propertyNames
    case unevaluatedItems, unevaluatedProperties
    // Validation
    case type, `enum`, const
    case multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum
    case maxLength, minLength, pattern
    case maxItems, minItems, uniqueItems, maxContains, minContains
    case maxProperties, minProperties, required, dependentRequired
    // Annotations: read by people and tools, never a reason to refuse a payload
    case title, description, `default`, examples, deprecated, readOnly, writeOnly
    case format, contentEncoding, contentMediaType, contentSchema

    /// The shape of a keyword's value: what the loader demands before it compiles anything.
    enum Shape {
        case schema, schemas, schemaMap
        case uri, anchorName, dialect, vocabularies, text, truth, anything
        case typeNames, distinctNames, namesByName
        case list, count, number, positiveNumber, pattern
    }

    var shape: Shape {
        switch self {
        case .schema: .dialect
        case .vocabulary: .vocabularies
        case .id, .ref: .uri
        case .anchor: .anchorName
        case .comment, .title, .description, .format, .contentEncoding, .contentMediaType: .text
        case .defs, .dependentSchemas, .properties, .patternProperties: .schemaMap
        case .allOf, .anyOf, .oneOf, .prefixItems: .schemas
        case .not, .if, .then, .else, .items, .contains, .additionalProperties, .propertyNames,
            .unevaluatedItems, .unevaluatedProperties, .contentSchema:
            .schema
        case .type: .typeNames
        case .enum, .examples: .list
        case .const, .default: .anything
        case .multipleOf: .positiveNumber
        case .maximum, .exclusiveMaximum, .minimum, .exclusiveMinimum: .number
        case .maxLength, .minLength, .maxItems, .minItems, .maxContains, .minContains,
            .maxProperties, .minProperties:
            .count
        case .pattern: .pattern
        case .uniqueItems, .deprecated, .readOnly, .writeOnly: .truth
        case .required: .distinctNames
        case .dependentRequired: .namesByName
        }
    }
}
