internal import JSONSchema

/// The search for 個人番号 where none may be (特定個人情報の混入検査; R-020).
///
/// It sees decoded strings, keys and numbers, so that `\u0031` hides no digit. A hit is a maximal run of
/// exactly twelve digits with a valid check digit, after folding, once as written and once with spaces
/// and hyphens taken out. Strings whose schema says `x-technical-id` are not looked into: one random
/// run in eleven has a valid check digit, and identifiers are full of runs.
package struct NumberScan: ValueInspector {
    /// How many numbers were found. Nothing else of them is kept.
    package private(set) var hits = 0
    private let exempt: UInt32

    /// - Parameter technicalCapture: the place of `x-technical-id` among the capture keywords.
    package init(technicalCapture: Int = Catalogue.technicalCapture) {
        exempt = 1 << UInt32(technicalCapture)
    }

    package mutating func string(_ decoded: Span<UInt8>, isKey: Bool, captured: UInt32) {
        if !isKey, captured & exempt != 0 { return }
        scan(decoded)
    }

    package mutating func number(_ lexeme: Span<UInt8>) {
        scan(lexeme)
        scanValue(lexeme)
    }

    /// How many numbers stand in `text`.
    package static func hits(in text: String) -> Int {
        var scan = NumberScan()
        scan.scan(text.utf8.span)
        return scan.hits
    }

    private mutating func scan(_ bytes: Span<UInt8>) {
        guard bytes.count >= 6 else { return }
        var written = DigitRun()
        var joined = DigitRun()
        var separated = false
        var gap = false
        var at = 0
        while at < bytes.count {
            switch FoldedScalar(Self.scalar(bytes, &at)) {
            case .digit(let digit):
                written.append(digit)
                joined.append(digit)
                separated = separated || gap
            case .twoDigits(let first, let second):
                for digit in [first, second] {
                    written.append(digit)
                    joined.append(digit)
                }
                separated = separated || gap
            case .separator:
                if written.end() { hits += 1 }
                gap = !joined.isEmpty
            case .other:
                endRuns(&written, &joined, separated)
                separated = false
                gap = false
            }
        }
        endRuns(&written, &joined, separated)
    }

    /// A run without separators is the same one twice and counts once.
    private mutating func endRuns(
        _ written: inout DigitRun, _ joined: inout DigitRun, _ separated: Bool
    ) {
        if written.end() { hits += 1 }
        if joined.end(), separated { hits += 1 }
    }

    /// A number's value may be a 個人番号 that its writing hides: `9.99999001049e11`.
    private mutating func scanValue(_ lexeme: Span<UInt8>) {
        var digits = DigitRun()
        var count = 0
        var fraction = 0
        var inFraction = false
        var at = 0
        while at < lexeme.count, lexeme[at] | 0x20 != UInt8(ascii: "e") {
            let byte = lexeme[at]
            if byte == UInt8(ascii: ".") {
                inFraction = true
            } else if Grammar.isDigit(byte) {
                if inFraction { fraction += 1 }
                if count > 0 || byte != UInt8(ascii: "0") {
                    count += 1
                    if count <= 12 {
                        digits.append(byte &- 0x30)
                    } else if byte != UInt8(ascii: "0") {
                        return
                    }
                }
            }
            at += 1
        }
        let exponent = Self.exponent(lexeme, from: at + 1)
        guard inFraction || exponent != 0, count > 0, count - fraction + exponent == 12 else {
            return
        }
        if count < 12 { for _ in count..<12 { digits.append(0) } }
        if digits.end() { hits += 1 }
    }

    private static func exponent(_ lexeme: Span<UInt8>, from start: Int) -> Int {
        var value = 0
        var negative = false
        var at = start
        while at < lexeme.count {
            if lexeme[at] == UInt8(ascii: "-") { negative = true }
            if Grammar.isDigit(lexeme[at]) {
                value = min(value * 10 + Int(lexeme[at] &- 0x30), 9999)
            }
            at += 1
        }
        return negative ? -value : value
    }

    /// The scalar at `at`, which moves on; lenient, for the checker has validated the UTF-8.
    private static func scalar(_ bytes: Span<UInt8>, _ at: inout Int) -> UInt32 {
        let first = bytes[at]
        at += 1
        guard first >= 0xC0 else { return UInt32(first) }
        let more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
        var value = UInt32(first) & (0x3F >> UInt32(more))
        for _ in 0..<more {
            guard at < bytes.count, bytes[at] & 0xC0 == 0x80 else { return 0xFFFD }
            value = value << 6 | UInt32(bytes[at] & 0x3F)
            at += 1
        }
        return value
    }
}
