/// Reads the linear-time subset of ECMA-262 regular expressions, in their Unicode mode (正規表現の解析).
///
/// Refused: back references, look-around, `\b`, and whatever Unicode mode refuses. A lazy quantifier
/// is read as a greedy one: what matters is whether it matches, not how far.
struct PatternParser {
    /// Groups inside one another.
    static let maxDepth = 100
    /// The largest count in `{m,n}`.
    static let maxCount = 1_000

    private let source: [Unicode.Scalar]
    private var at = 0
    private var depth = 0

    static func parse(_ text: String) throws(PatternError) -> PatternSyntax {
        var parser = PatternParser(source: Array(text.unicodeScalars))
        let syntax = try parser.choice()
        guard parser.at == parser.source.count else { throw parser.error("unbalanced )") }
        return syntax
    }

    private init(source: [Unicode.Scalar]) { self.source = source }

    private var next: Unicode.Scalar? { at < source.count ? source[at] : nil }

    private func error(_ reason: String) -> PatternError {
        PatternError(reason: reason, offset: at)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        at += 1
        return true
    }

    private mutating func choice() throws(PatternError) -> PatternSyntax {
        depth += 1
        guard depth <= Self.maxDepth else { throw error("groups nested too deeply") }
        defer { depth -= 1 }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternSyntax {
        var items: [PatternSyntax] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            items.append(try quantified(try atom()))
        }
        return items.count == 1 ? items[0] : .sequence(items)
    }

    private mutating func atom() throws(PatternError) -> PatternSyntax {
        guard let scalar = next else { throw error("something is missing") }
        at += 1
        switch scalar {
        case "^": return .start
        case "$": return .end
        case ".": return .one(.anyButLineEnds)
        case "(": return try group()
        case "[": return .one(try characterClass())
        case "\\": return .one(try escape(inClass: false))
        case "*", "+", "?", "{", "}", "]":
            at -= 1
            throw error("\(scalar) has nothing to stand behind or must be escaped")
        default: return .one(CodePointSet(scalar))
        }
    }

    private mutating func group() throws(PatternError) -> PatternSyntax {
        if take("?") {
            if take("<") {
                guard next != "=", next != "!" else { throw error("look-behind is not linear") }
                while let scalar = next, scalar != ">" {
                    guard
                        scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic
                            || scalar.properties.numericType != nil
                    else { throw error("the group's name is malformed") }
                    at += 1
                }
                guard take(">") else { throw error("the group's name does not end") }
            } else if !take(":") {
                throw error("look-ahead and inline flags are not in the subset")
            }
        }
        let inner = try choice()
        guard take(")") else { throw error("a group does not end") }
        return inner.isEmptyAssertion ? .sequence([inner]) : inner
    }

    private mutating func quantified(_ atom: PatternSyntax) throws(PatternError) -> PatternSyntax {
        let bounds: (from: Int, to: Int?)
        switch next {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            at += 1
            bounds = try braces()
            at -= 1
        default: return atom
        }
        guard !atom.isEmptyAssertion else { throw error("an anchor cannot be repeated") }
        at += 1
        _ = take("?")
        return .repeated(atom, from: bounds.from, to: bounds.to)
    }

    /// Reads `m}`, `m,}` or `m,n}`.
    private mutating func braces() throws(PatternError) -> (from: Int, to: Int?) {
        let from = try count()
        var to: Int? = from
        if take(",") { to = next == "}" ? nil : try count() }
        guard take("}") else { throw error("a repetition does not end") }
        guard to.map({ $0 >= from }) ?? true else {
            throw error("a repetition's bounds are reversed")
        }
        return (from, to)
    }

    private mutating func count() throws(PatternError) -> Int {
        var value: Int?
        while let scalar = next, let digit = scalar.asciiDigit {
            value = (value ?? 0) * 10 + digit
            at += 1
            guard value ?? 0 <= Self.maxCount else {
                throw error("more than \(Self.maxCount) repetitions")
            }
        }
        guard let value else { throw error("a repetition has no count") }
        return value
    }
}

/// Character classes and escapes (文字クラス).
extension PatternParser {
    private mutating func characterClass() throws(PatternError) -> CodePointSet {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while true {
            guard let scalar = next else { throw error("a class does not end") }
            if scalar == "]" { break }
            let low = try classAtom()
            if next == "-", at + 1 < source.count, source[at + 1] != "]" {
                at += 1
                let high = try classAtom()
                guard let from = low.single, let to = high.single, from <= to else {
                    throw error("a class has a range that is none")
                }
                ranges.append(from...to)
            } else {
                ranges += low.ranges
            }
        }
        at += 1
        let set = CodePointSet(ranges)
        return isNegated ? set.inverted : set
    }

    private mutating func classAtom() throws(PatternError) -> CodePointSet {
        guard let scalar = next else { throw error("a class does not end") }
        at += 1
        return scalar == "\\" ? try escape(inClass: true) : CodePointSet(scalar)
    }

    /// Reads what stands behind a backslash.
    private mutating func escape(inClass: Bool) throws(PatternError) -> CodePointSet {
        guard let scalar = next else { throw error("a backslash at the end") }
        at += 1
        switch scalar {
        case "d": return .digits
        case "D": return CodePointSet.digits.inverted
        case "w": return .word
        case "W": return CodePointSet.word.inverted
        case "s": return .space
        case "S": return CodePointSet.space.inverted
        case "p": return try property()
        case "P": return try property().inverted
        case "t": return CodePointSet("\t")
        case "n": return CodePointSet("\n")
        case "v": return CodePointSet("\u{0B}")
        case "f": return CodePointSet("\u{0C}")
        case "r": return CodePointSet("\r")
        case "b" where inClass: return CodePointSet("\u{08}")
        case "0" where next?.asciiDigit == nil: return CodePointSet("\0")
        case "c":
            guard let letter = next, letter.properties.isAlphabetic, letter.isASCII else {
                throw error("a control escape names no letter")
            }
            at += 1
            return CodePointSet(Unicode.Scalar(UInt8(letter.value % 32)))
        case "x": return CodePointSet(try scalarValue(try hex(2)))
        case "u": return CodePointSet(try unicodeEscape())
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/", "-":
            return CodePointSet(scalar)
        default:
            at -= 1
            throw error("\\\(scalar) is not in the subset")
        }
    }

    private mutating func property() throws(PatternError) -> CodePointSet {
        guard take("{") else { throw error("a property has no name") }
        var name = ""
        while let scalar = next, scalar != "}" {
            name.unicodeScalars.append(scalar)
            at += 1
        }
        guard take("}"), let set = UnicodeProperty.set(named: name) else {
            throw error("the property \(name) is not in the subset")
        }
        return set
    }

    private mutating func hex(_ count: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = next?.asciiHexDigit else {
                throw error("hexadecimal digits expected")
            }
            value = value << 4 | digit
            at += 1
        }
        return value
    }

    private mutating func unicodeEscape() throws(PatternError) -> Unicode.Scalar {
        if take("{") {
            var value: UInt32 = 0
            repeat {
                value = value << 4 | (try hex(1))
                guard value <= CodePointSet.highest else { throw error("no such code point") }
            } while next != "}"
            at += 1
            return try scalarValue(value)
        }
        let unit = try hex(4)
        guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
            return try scalarValue(unit)
        }
        let low = try hex(4)
        guard (0xDC00..<0xE000).contains(low) else { throw error("a surrogate stands alone") }
        return try scalarValue(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    }

    private func scalarValue(_ value: UInt32) throws(PatternError) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw error("a surrogate stands alone") }
        return scalar
    }
}

extension CodePointSet {
    /// The one code point of a set that has one.
    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
    }
}

extension Unicode.Scalar {
    fileprivate var asciiDigit: Int? {
        ("0"..."9").contains(self) ? Int(value) - 0x30 : nil
    }

    fileprivate var asciiHexDigit: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "A"..."F": value - 0x41 + 10
        case "a"..."f": value - 0x61 + 10
        default: nil
        }
    }
}
