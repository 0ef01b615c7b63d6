/// What the checker says of one payload (検査結果).
package enum Verdict: Hashable, Sendable {
    case valid
    /// JSON, but not what the schema allows.
    case invalid(Violation)
    /// Not a JSON text within the limits.
    case malformed(SyntaxFault)

    package var isValid: Bool { self == .valid }
}
