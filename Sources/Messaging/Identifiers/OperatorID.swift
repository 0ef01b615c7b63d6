/// The account of the person who acts (操作者ID; R-070).
public struct OperatorID: TextIdentifier {
    public let rawValue: String

    /// Accepts letters, digits, full stops, underscores and hyphens, at most 32, without a run of more than ten digits.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isAccount) else {
            throw InvalidIdentifier(
                kind: "OperatorID",
                rule: "letters, digits, . _ -, at most 32, no run of more than ten digits")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
