/// A kind of message in one version of its layout (電文種別と版), e.g. `identity.update.notice/v3`.
public struct Topic: TextIdentifier {
    public let type: MessageTypeName
    /// The major version, 1…999.
    public let major: Int

    public init(type: MessageTypeName, major: Int) {
        precondition((1...999).contains(major), "A major version is 1 to 999.")
        self.type = type
        self.major = major
    }

    /// Accepts `<type>/v<major>`, the major without leading zeros.
    public init(_ text: String) throws(InvalidIdentifier) {
        let span = text.utf8.span
        guard let parts = Grammar.topic(span, 0..<span.count) else {
            throw InvalidIdentifier(kind: "Topic", rule: "like identity.update.notice/v3")
        }
        type = MessageTypeName(checked: String(text.utf8.prefix(parts.type.count)) ?? "")
        major = parts.major
    }

    public var rawValue: String { "\(type.rawValue)/v\(major)" }
}
