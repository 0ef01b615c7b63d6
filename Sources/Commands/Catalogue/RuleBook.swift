internal import FoundationEssentials
internal import JSONSchema
internal import Messaging
internal import Platform

/// The rules of the assessment that software keeps or that only papers prove (規則): `catalogue/rules.json`.
struct RuleBook: Decodable {
    enum Kind: String, Codable {
        /// A test carries its id.
        case enforced
        /// Organisational: an attachment proves it, and nothing simulates it (証跡欄).
        case evidence
    }

    struct Rule: Codable {
        /// `R-021`.
        let id: String
        let ja: String
        let ref: String
        let enforcedBy: String
        let how: String
        let kind: Kind
        /// Whether an attachment belongs to it besides.
        let evidenceSlot: Bool
    }

    let rules: [Rule]

    private static let file = "catalogue/rules.json"

    /// Reads it out of the schema directory's files, against the catalogue's own schema.
    static func read(_ files: [String: [UInt8]]) throws -> RuleBook {
        guard let text = files[file], let schema = files["catalogue/catalogue.schema.json"] else {
            throw broken("the file is missing")
        }
        var library = SchemaLibrary(captures: [])
        try library.add(schema, uri: "urn:jukihub:catalogue")
        let compiled = try library.compile("urn:jukihub:catalogue#/$defs/rules")
        var checker = Checker()
        switch checker.check(text.span, against: compiled) {
        case .valid: return try JSONDecoder().decode(RuleBook.self, from: Data(text))
        case .invalid(let violation):
            throw broken("\(violation.instancePointer): \(violation.keyword)")
        case .malformed(let fault): throw broken("\(fault)")
        }
    }

    private static func broken(_ reason: String) -> CommandFailure {
        CommandFailure(
            "rules-broken", "規則の一覧に誤り (\(reason))", hint: "Schemas/\(file)", exit: .failure)
    }
}
