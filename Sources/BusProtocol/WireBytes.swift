/// Big-endian reading that never trusts a length from outside.
extension Span where Element == UInt8 {
    /// The unsigned integer at `offset`, or nil where the bytes end before it does.
    func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Value.Type = Value.self
    ) -> Value? {
        let width = MemoryLayout<Value>.size
        guard offset >= 0, offset <= count - width else { return nil }
        var value: Value = 0
        for index in offset..<offset + width {
            value = (value << 8) | Value(truncatingIfNeeded: self[index])
        }
        return value
    }

    /// A copy of the bytes in `range`, clamped to what is there.
    func copied(_ range: Range<Int>) -> [UInt8] {
        let clamped = range.clamped(to: 0..<count)
        return unsafe extracting(clamped).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The text of a reason code in `range`, or nil unless it is 1 to 64 characters of `a–z 0–9 .
    /// -`.
    func reasonCode(_ range: Range<Int>) -> String? {
        guard range.lowerBound >= 0, range.upperBound <= count, !range.isEmpty,
            range.count <= WireLimits.codeBytes
        else { return nil }
        for index in range where !ReasonCode.allows(self[index]) { return nil }
        return String(decoding: copied(range), as: UTF8.self)
    }
}

/// The alphabet of reason codes (理由コード).
package enum ReasonCode {
    static func allows(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
    }

    /// `text` if it can travel as a reason code, otherwise `unspecified`.
    package static func wire(_ text: String) -> String {
        let bytes = text.utf8
        guard (1...WireLimits.codeBytes).contains(bytes.count), bytes.allSatisfy(allows) else {
            return "unspecified"
        }
        return text
    }
}
