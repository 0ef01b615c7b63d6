/// One code point in UTF-8 (RFC 3629): overlong forms, surrogates and what lies above U+10FFFF are
/// refused (UTF-8列).
enum UTF8Sequence {
    /// The length of the well-formed sequence whose first byte, not ASCII, stands at `at`.
    @inline(__always)
    static func length(_ text: Bytes, _ at: Int) throws(SyntaxFault) -> Int {
        let lead = text[at]
        if lead & 0xF0 == 0xE0, at + 3 <= text.count {
            let second = text[at + 1]
            let third = text[at + 2]
            let top = UInt32(lead & 0x0F) << 6 | UInt32(second & 0x3F)
            // top = the code point without its last six bits: 0x800 and more, no surrogate.
            if second & 0xC0 == 0x80, third & 0xC0 == 0x80, top >= 0x20, top & 0x3E0 != 0x360 {
                return 3
            }
            throw SyntaxFault(code: .utf8, offset: at)
        }
        return try rareLength(text, at)
    }

    private static func rareLength(_ text: Bytes, _ at: Int) throws(SyntaxFault) -> Int {
        let lead = text[at]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw SyntaxFault(code: .utf8, offset: at)
        }
        guard at + length <= text.count, second.contains(text[at + 1]) else {
            throw SyntaxFault(code: .utf8, offset: at)
        }
        for index in at + 2..<max(at + 2, at + length) where text[index] & 0xC0 != 0x80 {
            throw SyntaxFault(code: .utf8, offset: at)
        }
        return length
    }

    static func append(_ codePoint: UInt32, to buffer: inout ScratchBuffer<UInt8>) {
        switch codePoint {
        case 0..<0x80:
            buffer.append(UInt8(codePoint))
        case 0x80..<0x800:
            buffer.append(UInt8(0xC0 | codePoint >> 6))
            buffer.append(UInt8(0x80 | codePoint & 0x3F))
        case 0x800..<0x10000:
            buffer.append(UInt8(0xE0 | codePoint >> 12))
            buffer.append(UInt8(0x80 | codePoint >> 6 & 0x3F))
            buffer.append(UInt8(0x80 | codePoint & 0x3F))
        default:
            buffer.append(UInt8(0xF0 | codePoint >> 18))
            buffer.append(UInt8(0x80 | codePoint >> 12 & 0x3F))
            buffer.append(UInt8(0x80 | codePoint >> 6 & 0x3F))
            buffer.append(UInt8(0x80 | codePoint & 0x3F))
        }
    }

    /// The code point at `at` of text that is known to be well-formed, and its length.
    @inline(__always)
    static func decode(_ bytes: Bytes, _ at: Int) -> (codePoint: UInt32, length: Int) {
        let lead = UInt32(bytes[at])
        if lead < 0x80 { return (lead, 1) }
        let second = UInt32(bytes[at + 1] & 0x3F)
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, 2) }
        let third = UInt32(bytes[at + 2] & 0x3F)
        if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
        let fourth = UInt32(bytes[at + 3] & 0x3F)
        return ((lead & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
    }
}
