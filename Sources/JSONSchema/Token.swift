/// One value or member name on the tape (字句); it says where its bytes are and holds none.
struct Token: BitwiseCopyable, Sendable {
    /// The raw value is also the bit of this kind in a `type` rule.
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        case null = 0
        case boolean, number, string, array, object
    }

    var kind: Kind
    /// A string written with escapes: its contents stand in the tape's `decoded`.
    var isEscaped = false
    /// A member's name.
    var isName = false
    /// A number written without point and exponent.
    var isPlain = false
    /// Capture keywords of the schemas that held for this value.
    var captured: UInt32 = 0
    /// Offset of the first byte as written, quotes included.
    var start: UInt32
    /// Offset behind the last byte as written.
    var end: UInt32
    /// The token behind this value and everything in it.
    var next: UInt32
    /// Code points of a string, members of an object, elements of an array; 1 for `true`.
    var count: UInt32 = 0
    /// `KeyHash` of a member name.
    var hash: UInt32 = 0
    /// Index among the tape's `escapes`, if `isEscaped`.
    var escape: UInt32 = 0

    @inline(__always)
    init(_ kind: Kind, start: Int, end: Int, next: Int) {
        self.kind = kind
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
    }

    var rawRange: Range<Int> { Int(start)..<Int(end) }
}

/// Where the contents of a string that was written with escapes stand.
struct EscapedContent: BitwiseCopyable, Sendable {
    var offset: UInt32
    var count: UInt32
}
