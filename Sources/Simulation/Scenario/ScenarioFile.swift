import JSONSchema

/// A scenario's file: read, checked against the scenario schema, linted (シナリオファイル).
package enum ScenarioFile {
    /// Where the scenario schema lies in the schema directory.
    static let schemaName = "scenario.schema.json"

    /// Reads `path`, YAML or JSON. `schemas` is the schema directory. Throws ``ScenarioFault`` and `FileFailure`.
    package static func read(
        _ path: String, schemas: String, people: People
    ) throws -> Scenario {
        let text = try FileText.text(path)
        let schema = try FileText.bytes(schemas + "/" + schemaName)
        return try parse(text, file: path, schema: schema, people: people)
    }

    /// The same for texts already read.
    package static func parse(
        _ text: String, file: String, schema: [UInt8], people: People
    ) throws -> Scenario {
        let document = try YAMLText.parse(text, file: file)
        try check(document, file: file, schema: schema)
        try ScenarioLint.check(document, file: file, people: people)
        try ScenarioLint.check(text: text, file: file)
        var reader = ScenarioReader(file: file)
        return try reader.scenario(document)
    }

    private static func check(_ document: JSONValue, file: String, schema: [UInt8]) throws {
        var library = SchemaLibrary(captures: [])
        try library.add(schema, uri: schemaName)
        let compiled = try library.compile(schemaName)
        var checker = Checker()
        let bytes = document.encoded
        switch checker.check(bytes.span, against: compiled) {
        case .valid: return
        case .invalid(let violation):
            throw ScenarioFault(
                file: file, pointer: violation.instancePointer,
                "breaks `\(violation.keyword)` of the scenario schema")
        case .malformed(let fault):
            throw ScenarioFault(file: file, "not JSON: \(fault)")
        }
    }
}
