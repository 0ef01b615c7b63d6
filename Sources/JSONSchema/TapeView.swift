/// A finished tape with the text it was made of (字句列の参照), readable while both live.
struct TapeView {
    let text: Bytes
    let decoded: Bytes
    let tokens: View<Token>
    let escapes: View<EscapedContent>

    static var none: TapeView {
        TapeView(text: .empty, decoded: .empty, tokens: .empty, escapes: .empty)
    }

    /// The bytes of a string's contents: which view they stand in, from where, how many.
    @inline(__always)
    func content(_ token: Token) -> (bytes: Bytes, offset: Int, count: Int) {
        if token.isEscaped {
            let escape = escapes[Int(token.escape)]
            return (decoded, Int(escape.offset), Int(escape.count))
        }
        return (text, Int(token.start) + 1, Int(token.end) - Int(token.start) - 2)
    }

    func string(_ token: Token) -> String {
        let (bytes, offset, count) = content(token)
        return bytes.text(offset, count)
    }

    @inline(__always)
    func decimal(_ token: Token) -> DecimalLexeme {
        DecimalLexeme(text, from: Int(token.start), to: Int(token.end))
    }

    /// The members of an object as (name, value) tokens, in the order written.
    func members(of object: Int) -> [(name: Int, value: Int)] {
        var members: [(name: Int, value: Int)] = []
        var at = object + 1
        for _ in 0..<Int(tokens[object].count) {
            members.append((name: at, value: at + 1))
            at = Int(tokens[at + 1].next)
        }
        return members
    }

    func elements(of array: Int) -> [Int] {
        var elements: [Int] = []
        var at = array + 1
        for _ in 0..<Int(tokens[array].count) {
            elements.append(at)
            at = Int(tokens[at].next)
        }
        return elements
    }

    /// The JSON Pointer of a token; a name's own pointer is that of its member.
    /// - Parameter shown: the text that stands for a member name.
    func pointer(to target: Int, shown: (Token) -> String) -> String {
        var pointer = ""
        var at = 0
        while at != target {
            switch tokens[at].kind {
            case .object:
                guard
                    let member = members(of: at).first(where: {
                        $0.name == target || ($0.value <= target && target < tokens[$0.value].next)
                    })
                else { return pointer }
                pointer += "/" + JSONPointer.escaped(shown(tokens[member.name]))
                if member.name == target { return pointer }
                at = member.value
            case .array:
                let elements = elements(of: at)
                guard
                    let index = elements.firstIndex(where: {
                        $0 <= target && target < tokens[$0].next
                    })
                else { return pointer }
                pointer += "/\(index)"
                at = elements[index]
            case .null, .boolean, .number, .string: return pointer
            }
        }
        return pointer
    }
}
