/// Numbers: grammar and limits only; their value stays in the text (数の走査).
extension Tape {
    /// - Returns: the offset behind the number.
    mutating func number(
        _ text: Bytes, at start: Int, _ limits: CheckLimits
    ) throws(SyntaxFault) -> Int {
        var at = start
        if text[at] == UInt8(ascii: "-") { at += 1 }
        let leadsWithZero = at < text.count && text[at] == UInt8(ascii: "0")
        let integerEnd = try Self.digits(text, at)
        if leadsWithZero, integerEnd > at + 1 {
            throw SyntaxFault(code: .number, offset: at + 1)
        }
        at = integerEnd
        var isPlain = true
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at = try Self.digits(text, at + 1)
            isPlain = false
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < text.count,
                text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-")
            {
                at += 1
            }
            let end = try Self.digits(text, at)
            guard DecimalLexeme.magnitude(text, at, end) <= limits.maxExponent else {
                throw SyntaxFault(code: .numberLimit, offset: start)
            }
            at = end
            isPlain = false
        }
        guard at - start <= limits.maxNumberBytes else {
            throw SyntaxFault(code: .numberLimit, offset: start)
        }
        var token = Token(.number, start: start, end: at, next: tokens.count + 1)
        token.isPlain = isPlain
        tokens.append(token)
        return at
    }

    /// At least one digit; returns the offset behind the last.
    private static func digits(_ text: Bytes, _ start: Int) throws(SyntaxFault) -> Int {
        var at = start
        while at < text.count, text[at] &- 0x30 < 10 { at += 1 }
        guard at > start else {
            throw at < text.count
                ? SyntaxFault(code: .number, offset: at)
                : SyntaxFault(code: .truncated, offset: at)
        }
        return at
    }
}
