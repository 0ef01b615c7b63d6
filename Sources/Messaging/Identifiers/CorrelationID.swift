/// What ties the messages of one case together within a zone (事案の関連番号; design §3).
public struct CorrelationID: TextIdentifier {
    public let rawValue: String

    /// Accepts letters, digits and `. _ ~ : / -`, at most 128, not a bare run of more than ten digits.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isCorrelation) else {
            throw InvalidIdentifier(
                kind: "CorrelationID",
                rule:
                    "letters, digits and . _ ~ : / -, at most 128, not a bare number of more than ten digits"
            )
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
