/// The flat list of tokens one scan of a JSON text leaves (字句列): no object per value.
///
/// The scan is iterative, so nesting costs no stack, and it settles everything that does not
/// depend on a schema: grammar (RFC 8259), strict UTF-8, escapes, duplicate keys, limits.
struct Tape: ~Copyable {
    var tokens = ScratchBuffer<Token>(capacity: 256)
    /// Contents of the strings that were written with escapes.
    var decoded = ScratchBuffer<UInt8>(capacity: 256)
    var escapes = ScratchBuffer<EscapedContent>(capacity: 16)
    private var open = ScratchBuffer<OpenContainer>(capacity: 64)
    private var nameTokens = ScratchBuffer<UInt32>(capacity: 128)
    private var nameSlots = ScratchBuffer<Int32>(capacity: 128)

    struct OpenContainer: BitwiseCopyable {
        var token: UInt32
        var isObject: Bool
        var count: UInt32
        /// Where this object's names begin among `nameTokens`.
        var firstName: UInt32
    }

    init() {}

    func view(of text: Bytes) -> TapeView {
        TapeView(
            text: text, decoded: decoded.view, tokens: tokens.view, escapes: escapes.view)
    }

    /// Replaces the tape by that of `text`, which must be one JSON value.
    mutating func scan(_ text: Bytes, limits: CheckLimits) throws(SyntaxFault) {
        tokens.truncate(to: 0)
        decoded.truncate(to: 0)
        escapes.truncate(to: 0)
        open.truncate(to: 0)
        nameTokens.truncate(to: 0)
        guard text.count <= limits.maxBytes else {
            throw SyntaxFault(code: .size, offset: limits.maxBytes)
        }
        var at = try Self.skipSpace(text, 0)
        while true {
            let byte = text[at]
            var closes = false
            switch byte {
            case UInt8(ascii: "\""):
                at = try string(text, at: at)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = byte == UInt8(ascii: "{")
                try enter(isObject, at: at, limits)
                at = try Self.skipSpace(text, at + 1)
                if text[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    closes = true
                } else {
                    open[open.count - 1].count = 1
                    if isObject { at = try name(text, at: at) }
                    continue
                }
            case UInt8(ascii: "t"):
                at = try literal(text, at, "true", .boolean)
                tokens[tokens.count - 1].count = 1
            case UInt8(ascii: "f"):
                at = try literal(text, at, "false", .boolean)
            case UInt8(ascii: "n"):
                at = try literal(text, at, "null", .null)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                at = try number(text, at: at, limits)
            default:
                throw SyntaxFault(code: .syntax, offset: at)
            }
            // A value is complete: close what it closes, or go on to the next one.
            while true {
                if closes {
                    at += 1
                    try close(text, end: at)
                    closes = false
                }
                if open.count == 0 {
                    guard let rest = Self.spaceEnd(text, at) else { return }
                    throw SyntaxFault(code: .trailing, offset: rest)
                }
                at = try Self.skipSpace(text, at)
                let isObject = open[open.count - 1].isObject
                switch text[at] {
                case UInt8(ascii: ","):
                    try countOneMore(at, limits)
                    at = try Self.skipSpace(text, at + 1)
                    if isObject { at = try name(text, at: at) }
                case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                    closes = true
                default:
                    throw SyntaxFault(code: .syntax, offset: at)
                }
                if !closes { break }
            }
        }
    }

    private mutating func enter(
        _ isObject: Bool, at offset: Int, _ limits: CheckLimits
    ) throws(SyntaxFault) {
        guard open.count < limits.maxDepth else { throw SyntaxFault(code: .depth, offset: offset) }
        open.append(
            OpenContainer(
                token: UInt32(tokens.count), isObject: isObject, count: 0,
                firstName: UInt32(nameTokens.count)))
        tokens.append(Token(isObject ? .object : .array, start: offset, end: offset, next: 0))
    }

    private mutating func close(_ text: Bytes, end: Int) throws(SyntaxFault) {
        let container = open[open.count - 1]
        open.truncate(to: open.count - 1)
        let token = Int(container.token)
        tokens[token].end = UInt32(truncatingIfNeeded: end)
        tokens[token].next = UInt32(truncatingIfNeeded: tokens.count)
        tokens[token].count = container.count
        if container.isObject {
            if container.count > 1 { try refuseDuplicates(text, from: Int(container.firstName)) }
            nameTokens.truncate(to: Int(container.firstName))
        }
    }

    private mutating func countOneMore(_ at: Int, _ limits: CheckLimits) throws(SyntaxFault) {
        let count = open[open.count - 1].count + 1
        guard count <= limits.maxMembers else { throw SyntaxFault(code: .members, offset: at) }
        open[open.count - 1].count = count
    }

    /// Scans `"name" :` and stops at the member's value.
    private mutating func name(_ text: Bytes, at offset: Int) throws(SyntaxFault) -> Int {
        guard text[offset] == UInt8(ascii: "\"") else {
            throw SyntaxFault(code: .syntax, offset: offset)
        }
        var at = try string(text, at: offset)
        let index = tokens.count - 1
        let (bytes, from, count) = view(of: text).content(tokens[index])
        tokens[index].isName = true
        tokens[index].hash = KeyHash.of(bytes, from, count)
        nameTokens.append(UInt32(truncatingIfNeeded: index))
        at = try Self.skipSpace(text, at)
        guard text[at] == UInt8(ascii: ":") else { throw SyntaxFault(code: .syntax, offset: at) }
        return try Self.skipSpace(text, at + 1)
    }

    private mutating func literal(
        _ text: Bytes, _ offset: Int, _ word: StaticString, _ kind: Token.Kind
    ) throws(SyntaxFault) -> Int {
        let end = offset + word.utf8CodeUnitCount
        for index in 0..<word.utf8CodeUnitCount {
            guard offset + index < text.count else {
                throw SyntaxFault(code: .truncated, offset: text.count)
            }
            guard unsafe text[offset + index] == word.utf8Start[index] else {
                throw SyntaxFault(code: .syntax, offset: offset + index)
            }
        }
        tokens.append(Token(kind, start: offset, end: end, next: tokens.count + 1))
        return end
    }

    /// The next byte that is no white space; its absence means the text was cut off.
    @inline(__always)
    private static func skipSpace(_ text: Bytes, _ offset: Int) throws(SyntaxFault) -> Int {
        if offset < text.count, text[offset] > 0x20 { return offset }
        guard let at = spaceEnd(text, offset) else {
            throw SyntaxFault(code: .truncated, offset: text.count)
        }
        return at
    }

    private static func spaceEnd(_ text: Bytes, _ offset: Int) -> Int? {
        var at = offset
        while at < text.count {
            switch text[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return at
            }
        }
        return nil
    }
}

/// Duplicate keys (キー重複).
extension Tape {
    /// Above this many members the names go through a table with a hash no sender can foresee.
    private static var pairwiseLimit: Int { 32 }

    private mutating func refuseDuplicates(_ text: Bytes, from first: Int) throws(SyntaxFault) {
        let view = view(of: text)
        let count = nameTokens.count - first
        if count > Self.pairwiseLimit { return try refuseManyDuplicates(view, from: first) }
        var seen: UInt64 = 0
        for index in first..<nameTokens.count {
            let token = view.tokens[Int(nameTokens[index])]
            let bit: UInt64 = 1 << UInt64(token.hash >> 26)
            if seen & bit != 0 {
                for earlier in first..<index {
                    let other = view.tokens[Int(nameTokens[earlier])]
                    if other.hash == token.hash, view.haveSameContent(token, other) {
                        throw SyntaxFault(code: .duplicateKey, offset: Int(token.start))
                    }
                }
            }
            seen |= bit
        }
    }

    private mutating func refuseManyDuplicates(
        _ view: TapeView, from first: Int
    ) throws(SyntaxFault) {
        var size = 128
        while size < (nameTokens.count - first) * 2 { size *= 2 }
        nameSlots.truncate(to: 0)
        nameSlots.append(repeating: -1, count: size)
        for index in first..<nameTokens.count {
            let token = view.tokens[Int(nameTokens[index])]
            var hasher = Hasher()
            view.combineContent(token, into: &hasher)
            var slot = hasher.finalize() & (size - 1)
            while nameSlots[slot] >= 0 {
                let other = view.tokens[Int(nameSlots[slot])]
                if other.hash == token.hash, view.haveSameContent(token, other) {
                    throw SyntaxFault(code: .duplicateKey, offset: Int(token.start))
                }
                slot = (slot + 1) & (size - 1)
            }
            nameSlots[slot] = Int32(nameTokens[index])
        }
    }
}
