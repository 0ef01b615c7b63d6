/// One schema text with its tape (様式文書), kept as long as something may still refer to it.
final class SchemaDocument: Sendable {
    let uri: String
    let text: [UInt8]
    private let tokens: [Token]
    private let decoded: [UInt8]
    private let escapes: [EscapedContent]

    init(_ text: [UInt8], uri: String) throws(SchemaLoadError) {
        self.uri = uri
        self.text = text
        var tape = Tape()
        do throws(SyntaxFault) {
            try text.lend { bytes throws(SyntaxFault) in
                try tape.scan(bytes, limits: .schemaText)
            }
        } catch {
            throw SchemaLoadError(uri: uri, pointer: "", reason: "no JSON: \(error)")
        }
        tokens = tape.tokens.elements
        decoded = tape.decoded.elements
        escapes = tape.escapes.elements
    }

    /// Lends the tape; it must not leave `body`.
    func read<Result>(_ body: (TapeView) -> Result) -> Result {
        text.lend { text in
            decoded.lend { decoded in
                tokens.lend { tokens in
                    escapes.lend { escapes in
                        body(
                            TapeView(
                                text: text, decoded: decoded, tokens: tokens, escapes: escapes))
                    }
                }
            }
        }
    }

    var root: SchemaCursor { SchemaCursor(document: self, token: 0) }
}

/// One value in a schema document (様式内の位置).
struct SchemaCursor: Sendable {
    let document: SchemaDocument
    let token: Int

    var kind: Token.Kind { document.read { $0.tokens[token].kind } }
    var isTrue: Bool { document.read { $0.tokens[token].count == 1 } }
    var count: Int { document.read { Int($0.tokens[token].count) } }
    var string: String { document.read { $0.string($0.tokens[token]) } }

    /// The value as it is written in the document.
    var raw: [UInt8] { Array(document.text[document.read { $0.tokens[token].rawRange }]) }

    var elements: [SchemaCursor] {
        document.read { $0.elements(of: token) }
            .map { SchemaCursor(document: document, token: $0) }
    }

    var members: [(name: String, value: SchemaCursor)] {
        document.read { tape in
            tape.members(of: token).map { (tape.string(tape.tokens[$0.name]), $0.value) }
        }.map { (name: $0.0, value: SchemaCursor(document: document, token: $0.1)) }
    }

    func member(_ name: String) -> SchemaCursor? {
        guard kind == .object else { return nil }
        let sought = Array(name.utf8)
        let found: Int? = document.read { tape in
            var at = token + 1
            for _ in 0..<Int(tape.tokens[token].count) {
                let (bytes, offset, count) = tape.content(tape.tokens[at])
                if count == sought.count,
                    sought.lend({ bytes.equals(offset, count, $0, 0) })
                {
                    return at + 1
                }
                at = Int(tape.tokens[at + 1].next)
            }
            return nil
        }
        return found.map { SchemaCursor(document: document, token: $0) }
    }

    subscript(_ keyword: Keyword) -> SchemaCursor? { member(keyword.rawValue) }

    /// The JSON Pointer of this value in its document.
    var pointer: String {
        document.read { tape in tape.pointer(to: token) { tape.string($0) } }
    }

    /// The value a JSON Pointer leads to from here; nil if it leads nowhere.
    func following(_ pointer: some StringProtocol) -> SchemaCursor? {
        guard !pointer.isEmpty else { return self }
        guard pointer.hasPrefix("/") else { return nil }
        var at = self
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = JSONPointer.unescaped(part) else { return nil }
            switch at.kind {
            case .object:
                guard let next = at.member(segment) else { return nil }
                at = next
            case .array:
                let elements = at.elements
                guard let index = Int(segment), elements.indices.contains(index),
                    String(index) == segment
                else { return nil }
                at = elements[index]
            case .null, .boolean, .number, .string: return nil
            }
        }
        return at
    }

    /// A count keyword's value, which may be written `2`, `2.0` or `2e1`; no count is above 2³¹.
    var countValue: Int? {
        document.read { tape in
            guard tape.tokens[token].kind == .number else { return nil }
            let decimal = tape.decimal(tape.tokens[token])
            guard decimal.isInteger, decimal.isZero || !decimal.isNegative else { return nil }
            guard decimal.digitCount + decimal.exponent <= 9 else { return Int(Int32.max) }
            var value = 0
            var digits = decimal.digits
            while let digit = digits.next() { value = value * 10 + Int(digit) }
            for _ in 0..<decimal.exponent { value *= 10 }
            return value
        }
    }

    var isPositiveNumber: Bool {
        document.read { tape in
            guard tape.tokens[token].kind == .number else { return false }
            let decimal = tape.decimal(tape.tokens[token])
            return !decimal.isZero && !decimal.isNegative
        }
    }

    func error(_ reason: String) -> SchemaLoadError {
        SchemaLoadError(uri: document.uri, pointer: pointer, reason: reason)
    }
}
