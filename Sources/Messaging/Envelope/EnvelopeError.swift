/// Why bytes are not an envelope (電文ヘッダーの誤り).
///
/// Codes: `envelope-malformed`, `envelope-too-large`, `envelope-specversion`,
/// `envelope-attribute-unknown`, `envelope-attribute-duplicate`, `envelope-attribute-missing`,
/// `envelope-attribute-invalid`, `envelope-inconsistent`. No value is kept: an attribute's name at most,
/// and for an unknown attribute not even that.
public struct EnvelopeError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: String
    /// The attribute concerned, one of the known names.
    public let attribute: String?

    public init(code: String, attribute: String? = nil) {
        self.code = code
        self.attribute = attribute
    }

    public var description: String { attribute.map { "\(code) (\($0))" } ?? code }
}
