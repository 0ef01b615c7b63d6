/// Why bytes are not a JSON text this checker reads (構文の不備), and where.
package struct SyntaxFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case syntax = "syntax"
        case truncated = "truncated"
        case trailing = "trailing-content"
        case utf8 = "utf8"
        case surrogate = "lone-surrogate"
        case controlCharacter = "control-character"
        case escape = "escape"
        case number = "number"
        case numberLimit = "number-limit"
        case duplicateKey = "duplicate-key"
        case depth = "depth"
        case members = "members"
        case size = "size"
    }

    package let code: Code
    /// Bytes from the beginning of the payload.
    package let offset: Int

    package init(code: Code, offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var description: String { "\(code.rawValue) at byte \(offset)" }
}
