/// The name of one message everywhere (電文ID): who sent it and the number the sender gave it.
///
/// `<source>~<incarnation, 16 lower-case hexadecimal digits>~<sequence, decimal>`. It says nothing about
/// the person concerned and may be logged.
public struct MessageID: TextIdentifier {
    public let source: ParticipantID
    public let number: MessageNumber

    public init(source: ParticipantID, number: MessageNumber) {
        self.source = source
        self.number = number
    }

    /// Accepts exactly what `rawValue` writes.
    public init(_ text: String) throws(InvalidIdentifier) {
        let span = text.utf8.span
        guard let parts = MessageID.parse(span, 0..<span.count) else {
            throw InvalidIdentifier(kind: "MessageID", rule: "<source>~<16 hex>~<sequence>")
        }
        source = ParticipantID(checked: String(text.utf8.prefix(parts.source.count)) ?? "")
        number = parts.number
    }

    public var rawValue: String { "\(source.rawValue)~\(number)" }

    public static func < (left: MessageID, right: MessageID) -> Bool {
        (left.source, left.number) < (right.source, right.number)
    }

    static func parse(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> (source: Range<Int>, number: MessageNumber)? {
        var tilde = range.upperBound
        for index in range where bytes[index] == UInt8(ascii: "~") {
            tilde = index
            break
        }
        guard tilde < range.upperBound,
            Grammar.isParticipant(bytes, range.lowerBound..<tilde),
            let number = MessageNumber.parse(bytes, tilde + 1..<range.upperBound),
            number.sequence > 0
        else { return nil }
        return (range.lowerBound..<tilde, number)
    }
}
