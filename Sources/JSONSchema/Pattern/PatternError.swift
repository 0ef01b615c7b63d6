/// Why a regular expression is outside the subset (正規表現の不備).
struct PatternError: Error, Hashable, Sendable {
    let reason: String
    /// Code points from the beginning of the expression.
    let offset: Int
}
