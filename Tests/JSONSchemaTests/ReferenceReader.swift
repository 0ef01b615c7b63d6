/// RFC 8259 read plainly over Unicode scalars, duplicate keys and lone surrogates refused: what the
/// checker's scan is compared with.
struct ReferenceReader {
    private let text: [Unicode.Scalar]
    private var at = 0

    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        var reader = ReferenceReader(text: Array(text.unicodeScalars))
        reader.space()
        guard reader.value(depth: 0) else { return false }
        reader.space()
        return reader.at == reader.text.count
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard at < text.count, text[at] == scalar else { return false }
        at += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        word.unicodeScalars.allSatisfy { take($0) }
    }

    private mutating func space() {
        while take(" ") || take("\t") || take("\n") || take("\r") {}
    }

    private mutating func value(depth: Int) -> Bool {
        guard at < text.count, depth <= 64 else { return false }
        switch text[at] {
        case "{": return depth < 64 && object(depth: depth)
        case "[": return depth < 64 && array(depth: depth)
        case "\"": return string() != nil
        case "t": return take(word: "true")
        case "f": return take(word: "false")
        case "n": return take(word: "null")
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> Bool {
        at += 1
        space()
        if take("}") { return true }
        var names: Set<[UInt32]> = []
        repeat {
            space()
            guard let name = string(), names.insert(name).inserted else { return false }
            space()
            guard take(":") else { return false }
            space()
            guard value(depth: depth + 1) else { return false }
            space()
        } while take(",")
        return take("}")
    }

    private mutating func array(depth: Int) -> Bool {
        at += 1
        space()
        if take("]") { return true }
        repeat {
            space()
            guard value(depth: depth + 1) else { return false }
            space()
        } while take(",")
        return take("]")
    }

    private mutating func digits() -> Int {
        let start = at
        while at < text.count, ("0"..."9").contains(text[at]) { at += 1 }
        return at - start
    }

    private mutating func number() -> Bool {
        _ = take("-")
        let zero = at < text.count && text[at] == "0"
        let count = digits()
        guard count > 0, !zero || count == 1 else { return false }
        if take(".") { guard digits() > 0 else { return false } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            let start = at
            guard digits() > 0 else { return false }
            let exponent = text[start..<at].drop { $0 == "0" }
            return exponent.count <= 4
        }
        return true
    }

    /// The UTF-16 units of a string, as escapes give them.
    private mutating func string() -> [UInt32]? {
        guard take("\"") else { return nil }
        var scalars: [UInt32] = []
        while at < text.count {
            let scalar = text[at]
            at += 1
            switch scalar {
            case "\"": return scalars
            case "\\":
                guard let escaped = escape() else { return nil }
                scalars.append(escaped)
            case "\u{0}"..<" ": return nil
            default: scalars.append(scalar.value)
            }
        }
        return nil
    }

    private mutating func escape() -> UInt32? {
        guard at < text.count else { return nil }
        at += 1
        switch text[at - 1] {
        case "\"", "\\", "/": return text[at - 1].value
        case "b": return 8
        case "f": return 12
        case "n": return 10
        case "r": return 13
        case "t": return 9
        case "u":
            guard let unit = unit() else { return nil }
            if (0xD800..<0xDC00).contains(unit) {
                guard take("\\"), take("u"), let low = self.unit(),
                    (0xDC00..<0xE000).contains(low)
                else { return nil }
                return 0x10000 + (unit - 0xD800) * 0x400 + low - 0xDC00
            }
            return (0xDC00..<0xE000).contains(unit) ? nil : unit
        default: return nil
        }
    }

    private mutating func unit() -> UInt32? {
        guard at + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for scalar in text[at..<at + 4] {
            guard scalar.isASCII, let digit = Character(scalar).hexDigitValue else { return nil }
            value = value * 16 + UInt32(digit)
        }
        at += 4
        return value
    }
}
