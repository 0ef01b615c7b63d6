/// The grammars of identifiers over bytes (識別子の文法).
///
/// One set of rules serves the text initialisers and the envelope scan, so that they cannot differ.
/// Every function looks at `bytes[range]` only and takes linear time.
enum Grammar {
    static let participantLimit = 64
    static let zoneLimit = 32
    static let typeLimit = 80
    static let correlationLimit = 128
    static let personalLimit = 32
    static let phraseLimit = 128
    /// A run of this many digits in an operator, terminal, task or basis could be a 住民票コード or a
    /// 個人番号; headers carry neither (design §3).
    static let longestDigitRun = 10

    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    static func isLowerHex(_ byte: UInt8) -> Bool { isDigit(byte) || byte &- 0x61 < 6 }

    /// `^[a-zA-Z][A-Za-z0-9-]*(/[A-Za-z0-9-]+)?$`, at most 64 bytes.
    static func isParticipant(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= participantLimit,
            isLetter(bytes[range.lowerBound])
        else { return false }
        var slash: Int?
        for index in range.dropFirst() {
            let byte = bytes[index]
            if byte == UInt8(ascii: "/") {
                guard slash == nil else { return false }
                slash = index
            } else if !(isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-")) {
                return false
            }
        }
        return slash != range.upperBound - 1
    }

    /// `^[a-z][a-z0-9-]*$`, at most 32 bytes.
    static func isZone(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= zoneLimit, isLower(bytes[range.lowerBound]) else {
            return false
        }
        for index in range where !isWordByte(bytes[index]) { return false }
        return true
    }

    /// `^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$`, at most 80 bytes.
    static func isTypeName(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= typeLimit else { return false }
        var startsWord = true
        for index in range {
            let byte = bytes[index]
            if startsWord {
                guard isLower(byte) else { return false }
                startsWord = false
            } else if byte == UInt8(ascii: ".") {
                startsWord = true
            } else if !isWordByte(byte) {
                return false
            }
        }
        return !startsWord
    }

    /// The major behind `/v` (1…999, no leading zero), if `range` is `<type>/v<major>`.
    static func topic(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (type: Range<Int>, major: Int)?
    {
        var slash = range.upperBound
        for index in range where bytes[index] == UInt8(ascii: "/") {
            slash = index
            break
        }
        let digits = slash + 2..<max(range.upperBound, slash + 2)
        guard slash + 2 < range.upperBound, bytes[slash + 1] == UInt8(ascii: "v"),
            digits.count <= 3, bytes[digits.lowerBound] != UInt8(ascii: "0"),
            isTypeName(bytes, range.lowerBound..<slash)
        else { return nil }
        var major = 0
        for index in digits {
            guard isDigit(bytes[index]) else { return nil }
            major = major * 10 + Int(bytes[index] &- 0x30)
        }
        return (range.lowerBound..<slash, major)
    }

    /// `^[ABC][0-9]{1,2}(-[0-9]{2})?$`
    static func isStep(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count >= 2, range.count <= 6, bytes[range.lowerBound] &- 0x41 < 3 else {
            return false
        }
        var index = range.lowerBound + 1
        while index < range.upperBound, isDigit(bytes[index]) { index += 1 }
        guard (1...2).contains(index - range.lowerBound - 1) else { return false }
        if index == range.upperBound { return true }
        return bytes[index] == UInt8(ascii: "-") && range.upperBound - index == 3
            && isDigit(bytes[index + 1]) && isDigit(bytes[index + 2])
    }

    /// Exactly `count` ASCII digits.
    static func isDigits(_ bytes: Span<UInt8>, _ range: Range<Int>, count: Int) -> Bool {
        guard range.count == count else { return false }
        for index in range where !isDigit(bytes[index]) { return false }
        return true
    }

    /// Visible ASCII of identifiers; never a bare run of eleven or twelve digits.
    static func isCorrelation(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= correlationLimit else { return false }
        var digits = 0
        for index in range {
            let byte = bytes[index]
            if isDigit(byte) {
                digits += 1
            } else if !(isLetter(byte) || isTechnicalMark(byte)) {
                return false
            }
        }
        return !(digits == range.count && digits > longestDigitRun)
    }

    /// Names of people's accounts and of terminals: `^[A-Za-z0-9][A-Za-z0-9._-]*$`, at most 32 bytes,
    /// no run of more than ten digits.
    /// A stable code: a letter, then letters, digits and hyphens; at most sixty-four.
    static func isCode(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= codeLimit, isLetter(bytes[range.lowerBound]) else {
            return false
        }
        var run = 0
        for index in range {
            let byte = bytes[index]
            run = isDigit(byte) ? run + 1 : 0
            guard run <= longestDigitRun,
                isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
            else { return false }
        }
        return true
    }

    private static let codeLimit = 64

    static func isAccount(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= personalLimit,
            isLetter(bytes[range.lowerBound]) || isDigit(bytes[range.lowerBound])
        else { return false }
        var run = 0
        for index in range {
            let byte = bytes[index]
            run = isDigit(byte) ? run + 1 : 0
            guard run <= longestDigitRun,
                isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            else { return false }
        }
        return true
    }

    /// A short phrase such as a business task or a legal basis: well-formed UTF-8 without control
    /// characters, quotes and backslashes, at most 128 bytes, no run of more than ten digits.
    static func isPhrase(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= phraseLimit else { return false }
        var run = 0
        var ascii = true
        for index in range {
            let byte = bytes[index]
            guard byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "\""),
                byte != UInt8(ascii: "\\")
            else { return false }
            run = isDigit(byte) ? run + 1 : 0
            guard run <= longestDigitRun else { return false }
            if byte >= 0x80 { ascii = false }
        }
        if ascii { return true }
        return (try? UTF8Span(validating: bytes.extracting(range))) != nil
    }

    /// W3C trace context: `00-<32 hex>-<16 hex>-<2 hex>`.
    static func isTraceParent(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == 55 else { return false }
        for offset in 0..<55 {
            let byte = bytes[range.lowerBound + offset]
            let isDash = offset == 2 || offset == 35 || offset == 52
            guard isDash ? byte == UInt8(ascii: "-") : isLowerHex(byte) else { return false }
        }
        return true
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
    }

    private static func isTechnicalMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"),
            UInt8(ascii: "/"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}

extension Grammar {
    /// Asks a byte rule about a whole text.
    static func holds(
        _ text: String, _ rule: (Span<UInt8>, Range<Int>) -> Bool
    ) -> Bool {
        let span = text.utf8.span
        return rule(span, 0..<span.count)
    }
}
