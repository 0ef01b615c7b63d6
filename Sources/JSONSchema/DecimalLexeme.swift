/// The exact value of a number as written (十進数): ± digits × 10^exponent, never a Double.
///
/// It keeps only where the significant digits stand; comparing allocates nothing.
struct DecimalLexeme {
    private let text: Bytes
    /// Offsets of the first and behind the last significant digit; a point may stand between.
    private let first: Int
    private let end: Int
    let isNegative: Bool
    /// Significant digits: neither leading nor trailing zeros; 0 for zero.
    let digitCount: Int
    /// The power of ten of the last significant digit.
    let exponent: Int

    var isZero: Bool { digitCount == 0 }
    /// Whether the value is a whole number: `1.0` and `1e3` are.
    var isInteger: Bool { digitCount == 0 || exponent >= 0 }

    /// Reads a range that the scan found to be a number.
    init(_ text: Bytes, from start: Int, to stop: Int) {
        self.text = text
        isNegative = text[start] == UInt8(ascii: "-")
        var mantissaEnd = start
        var point = -1
        var firstDigit = -1
        var lastDigit = -1
        while mantissaEnd < stop {
            let byte = text[mantissaEnd]
            if byte | 0x20 == UInt8(ascii: "e") { break }
            if byte == UInt8(ascii: ".") {
                point = mantissaEnd
            } else if byte > 0x30 {
                if firstDigit < 0 { firstDigit = mantissaEnd }
                lastDigit = mantissaEnd
            }
            mantissaEnd += 1
        }
        guard firstDigit >= 0 else {
            (first, end, digitCount, exponent) = (start, start, 0, 0)
            return
        }
        let straddles = point > firstDigit && point < lastDigit
        first = firstDigit
        end = lastDigit + 1
        digitCount = lastDigit + 1 - firstDigit - (straddles ? 1 : 0)
        let written = mantissaEnd < stop ? Self.signed(text, mantissaEnd + 1, stop) : 0
        let place =
            point < 0
            ? mantissaEnd - 1 - lastDigit
            : (lastDigit < point ? point - 1 - lastDigit : point - lastDigit)
        exponent = written + place
    }

    /// The value of a run of digits, stopping well below overflow.
    static func magnitude(_ text: Bytes, _ start: Int, _ stop: Int) -> Int {
        var value = 0
        for index in start..<stop {
            value = value * 10 + Int(text[index] - 0x30)
            if value > 1_000_000_000 { return value }
        }
        return value
    }

    private static func signed(_ text: Bytes, _ start: Int, _ stop: Int) -> Int {
        switch text[start] {
        case UInt8(ascii: "-"): -magnitude(text, start + 1, stop)
        case UInt8(ascii: "+"): magnitude(text, start + 1, stop)
        default: magnitude(text, start, stop)
        }
    }

    /// Significant digits from the highest on, 0…9.
    struct Digits: IteratorProtocol {
        fileprivate let text: Bytes
        fileprivate var at: Int
        fileprivate let end: Int

        mutating func next() -> UInt8? {
            guard at < end else { return nil }
            if text[at] == UInt8(ascii: ".") { at += 1 }
            defer { at += 1 }
            return text[at] - 0x30
        }
    }

    var digits: Digits { Digits(text: text, at: first, end: end) }

    /// -1, 0 or 1 as this number is less than, equal to or greater than the other.
    func compared(to other: DecimalLexeme) -> Int {
        if isZero || other.isZero || isNegative != other.isNegative {
            let mine = isZero ? 0 : (isNegative ? -1 : 1)
            let theirs = other.isZero ? 0 : (other.isNegative ? -1 : 1)
            return (mine - theirs).signum()
        }
        let magnitude = comparedMagnitude(to: other)
        return isNegative ? -magnitude : magnitude
    }

    private func comparedMagnitude(to other: DecimalLexeme) -> Int {
        let height = exponent + digitCount
        let otherHeight = other.exponent + other.digitCount
        if height != otherHeight { return height < otherHeight ? -1 : 1 }
        var mine = digits
        var theirs = other.digits
        while true {
            switch (mine.next(), theirs.next()) {
            case (nil, nil): return 0
            case (nil, _): return -1
            case (_, nil): return 1
            case (let left?, let right?):
                if left != right { return left < right ? -1 : 1 }
            }
        }
    }

    /// Whether this number is a whole multiple of `divisor`, which is greater than zero.
    ///
    /// Neither digit run ends in zero, so a divisor with the higher exponent never divides; for the
    /// rest it is a remainder by the divisor's digits, long division for as many as there are.
    func isMultiple(of divisor: DecimalLexeme) -> Bool {
        if isZero { return true }
        guard exponent >= divisor.exponent else { return false }
        let shift = exponent - divisor.exponent
        if divisor.digitCount <= 18 { return remainder(by: divisor.small, shift: shift) == 0 }
        var modulus = LongRemainder(modulus: divisor.digits)
        var digits = digits
        while let digit = digits.next() { modulus.push(digit) }
        for _ in 0..<shift { modulus.push(0) }
        return modulus.isZero
    }

    private var small: UInt64 {
        var value: UInt64 = 0
        var digits = digits
        while let digit = digits.next() { value = value * 10 + UInt64(digit) }
        return value
    }

    private func remainder(by modulus: UInt64, shift: Int) -> UInt64 {
        var rest: UInt64 = 0
        func push(_ digit: UInt64) {
            let (high, low) = rest.multipliedFullWidth(by: 10)
            let (sum, carry) = low.addingReportingOverflow(digit)
            rest = modulus.dividingFullWidth((high + (carry ? 1 : 0), sum)).remainder
        }
        var digits = digits
        while let digit = digits.next() { push(UInt64(digit)) }
        for _ in 0..<shift where rest != 0 { push(0) }
        return rest
    }
}
