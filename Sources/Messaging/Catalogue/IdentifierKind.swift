/// A kind of number that stands for a person (識別子の種類).
public struct IdentifierKind: Hashable, Sendable, Decodable {
    /// The name of the fields that carry it.
    public let kind: String
    public let ja: String
    /// Whether messages may be ordered by it. Never a 個人番号 or 符号 (design §3).
    public let orders: Bool
    /// The `x-privacy` that its fields must have.
    public let privacy: String
}
