/// Why a text is not an identifier of its kind (識別子の誤り).
///
/// The refused text is not kept: somebody may have put a personal number where a name belongs.
public struct InvalidIdentifier: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, e.g. `ParticipantID`.
    public let kind: String
    /// The rule that the text breaks.
    public let rule: String

    public init(kind: String, rule: String) {
        self.kind = kind
        self.rule = rule
    }

    public var description: String { "\(kind): \(rule)" }
}
