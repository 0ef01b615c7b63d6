internal import Crypto

/// The order in which one person's messages go to one receiver (対象者別処理順), as a pseudonym.
///
/// The first eight bytes, big-endian, of HMAC-SHA256 over the identifier kind, a zero byte and the value,
/// under a key that only one hub has (design §3). It is never a 個人番号 or 符号 that is derived here.
public struct LaneID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ value: Int64) { rawValue = value }

    /// Derives the lane of `value`; equal kind, value and key give the same lane for good.
    public static func derive(key: [UInt8], kind: String, value: [UInt8]) -> LaneID {
        LaneKey(key).lane(kind: kind, value: value)
    }

    /// As above, for bytes that are read in place.
    public static func derive(key: [UInt8], kind: String, value: Span<UInt8>) -> LaneID {
        LaneKey(key).lane(kind: kind, value: value)
    }

    /// Sixteen hexadecimal digits.
    public var description: String { Hexadecimal.text(UInt64(bitPattern: rawValue)) }
}

/// A hub's lane key, prepared once (対象者別処理順の鍵).
public struct LaneKey: Sendable {
    private let keyed: HMAC<SHA256>

    public init(_ key: [UInt8]) { keyed = HMAC<SHA256>(key: SymmetricKey(data: key)) }

    /// The lane of a value of the given kind.
    public func lane(kind: String, value: [UInt8]) -> LaneID { lane(kind: kind, value: value.span) }

    /// As above, for bytes that are read in place.
    public func lane(kind: String, value: Span<UInt8>) -> LaneID {
        var code = keyed
        var input: [UInt8] = []
        input.reserveCapacity(kind.utf8.count + 1 + value.count)
        input.append(contentsOf: kind.utf8)
        input.append(0)
        for index in value.indices { input.append(value[index]) }
        code.update(data: input)
        var first: UInt64 = 0
        for byte in code.finalize().prefix(8) { first = first << 8 | UInt64(byte) }
        return LaneID(Int64(bitPattern: first))
    }
}
