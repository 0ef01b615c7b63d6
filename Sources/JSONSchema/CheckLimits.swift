/// How much of a payload the checker reads before it refuses (検査の上限).
///
/// Every limit ends in a fault of its own, never in a crash: see `SyntaxFault.Code`.
package struct CheckLimits: Hashable, Sendable {
    /// Containers that may stand inside one another; a value at the top has depth 0.
    package var maxDepth: Int
    /// Members of one object, or elements of one array.
    package var maxMembers: Int
    /// Bytes of a whole payload.
    package var maxBytes: Int
    /// Bytes of one number as written.
    package var maxNumberBytes: Int
    /// The largest power of ten, either sign, a number may be written with.
    package var maxExponent: Int

    package init(
        maxDepth: Int = 64, maxMembers: Int = 10_000, maxBytes: Int = 1 << 20,
        maxNumberBytes: Int = 1_000, maxExponent: Int = 9_999
    ) {
        precondition(maxBytes < 1 << 31, "offsets in a payload are kept in 32 bits")
        self.maxDepth = maxDepth
        self.maxMembers = maxMembers
        self.maxBytes = maxBytes
        self.maxNumberBytes = maxNumberBytes
        self.maxExponent = maxExponent
    }

    package static let `default` = CheckLimits()

    /// Schemas are ours, not a sender's: they may be larger than a payload.
    static let schemaText = CheckLimits(maxDepth: 128, maxMembers: 100_000, maxBytes: 16 << 20)
}
