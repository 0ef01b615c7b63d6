/// A numbered step of 別添1 or a derived one (事務手順番号): `B3-05`, `C1-02`, `C4`.
public struct StepID: TextIdentifier {
    public let rawValue: String

    /// Accepts `A`, `B` or `C`, a group of one or two digits, and a two-digit step that only derived flows may omit.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isStep) else {
            throw InvalidIdentifier(kind: "StepID", rule: "like B3-05 or C4")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
