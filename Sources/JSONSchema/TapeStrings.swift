/// Strings: where they end, whether they are UTF-8, how many code points they hold (文字列の走査).
extension Tape {
    /// Scans the string that opens at `start` and appends its token.
    /// - Returns: the offset behind the closing quote.
    @inline(__always)
    mutating func string(_ text: Bytes, at start: Int) throws(SyntaxFault) -> Int {
        var at = start + 1
        var continuations = 0
        let count = text.count
        while true {
            while at + 8 <= count {
                let special = Self.specialBytes(text.word(at: at))
                guard special == 0 else {
                    at += special.trailingZeroBitCount >> 3
                    break
                }
                at += 8
            }
            guard at < count else { throw SyntaxFault(code: .truncated, offset: count) }
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                var token = Token(.string, start: start, end: at + 1, next: tokens.count + 1)
                token.count = UInt32(truncatingIfNeeded: at - start - 1 - continuations)
                tokens.append(token)
                return at + 1
            }
            if byte == UInt8(ascii: "\\") {
                return try escapedString(
                    text, from: start, firstEscape: at,
                    codePoints: at - start - 1 - continuations)
            }
            if byte >= 0x80 {
                repeat {
                    let length = try UTF8Sequence.length(text, at)
                    at += length
                    continuations += length - 1
                } while at < count && text[at] >= 0x80
            } else if byte < 0x20 {
                throw SyntaxFault(code: .controlCharacter, offset: at)
            } else {
                at += 1
            }
        }
    }

    /// The top bit of each byte that is a quote, a backslash, a control character or not ASCII;
    /// exact for the lowest one set.
    @inline(__always)
    private static func specialBytes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let found =
            ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            | ((word &- (ones &* 0x20)) & ~word) | word
        return found & tops
    }

    /// Goes on at the first backslash, undoing escapes into `decoded`.
    @inline(never)
    private mutating func escapedString(
        _ text: Bytes, from start: Int, firstEscape: Int, codePoints before: Int
    ) throws(SyntaxFault) -> Int {
        let offset = decoded.count
        decoded.append(text, start + 1, firstEscape - start - 1)
        var at = firstEscape
        var codePoints = before
        while at < text.count {
            let byte = text[at]
            switch byte {
            case UInt8(ascii: "\""):
                var token = Token(.string, start: start, end: at + 1, next: tokens.count + 1)
                token.isEscaped = true
                token.count = UInt32(truncatingIfNeeded: codePoints)
                token.escape = UInt32(truncatingIfNeeded: escapes.count)
                escapes.append(
                    EscapedContent(offset: UInt32(offset), count: UInt32(decoded.count - offset)))
                tokens.append(token)
                return at + 1
            case UInt8(ascii: "\\"):
                at = try escape(text, at)
            case 0..<0x20:
                throw SyntaxFault(code: .controlCharacter, offset: at)
            case 0x20..<0x80:
                decoded.append(byte)
                at += 1
            default:
                let length = try UTF8Sequence.length(text, at)
                decoded.append(text, at, length)
                at += length
            }
            codePoints += 1
        }
        throw SyntaxFault(code: .truncated, offset: text.count)
    }

    private mutating func escape(_ text: Bytes, _ at: Int) throws(SyntaxFault) -> Int {
        guard at + 1 < text.count else {
            throw SyntaxFault(code: .truncated, offset: text.count)
        }
        switch text[at + 1] {
        case UInt8(ascii: "\""): decoded.append(0x22)
        case UInt8(ascii: "\\"): decoded.append(0x5C)
        case UInt8(ascii: "/"): decoded.append(0x2F)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(text, at)
        default: throw SyntaxFault(code: .escape, offset: at)
        }
        return at + 2
    }

    private mutating func unicodeEscape(_ text: Bytes, _ at: Int) throws(SyntaxFault) -> Int {
        let unit = try Self.fourDigits(text, at + 2)
        guard (0xD800...0xDFFF).contains(unit) else {
            UTF8Sequence.append(unit, to: &decoded)
            return at + 6
        }
        guard unit < 0xDC00, at + 7 < text.count, text[at + 6] == UInt8(ascii: "\\"),
            text[at + 7] == UInt8(ascii: "u")
        else { throw SyntaxFault(code: .surrogate, offset: at) }
        let low = try Self.fourDigits(text, at + 8)
        guard (0xDC00...0xDFFF).contains(low) else {
            throw SyntaxFault(code: .surrogate, offset: at)
        }
        UTF8Sequence.append(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00), to: &decoded)
        return at + 12
    }

    private static func fourDigits(_ text: Bytes, _ at: Int) throws(SyntaxFault) -> UInt32 {
        guard at + 4 <= text.count else {
            throw SyntaxFault(code: .truncated, offset: text.count)
        }
        var value: UInt32 = 0
        for index in at..<at + 4 {
            let byte = text[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw SyntaxFault(code: .escape, offset: index)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
