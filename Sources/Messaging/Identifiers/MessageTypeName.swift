/// The name of a kind of message, without its version (電文種別), e.g. `identity.update.request`.
public struct MessageTypeName: TextIdentifier {
    public let rawValue: String

    /// Accepts dotted lower-case words, at most 80 characters.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isTypeName) else {
            throw InvalidIdentifier(
                kind: "MessageTypeName", rule: "dotted lower-case words, at most 80 characters")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
