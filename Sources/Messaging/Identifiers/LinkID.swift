/// A line of the allow list or of the prohibitions (連携経路番号): `L-01`, `X-01`.
public struct LinkID: TextIdentifier {
    public let rawValue: String

    /// Accepts `L-` or `X-` and two digits.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard
            Grammar.holds(
                text,
                { bytes, range in
                    range.count == 4
                        && (bytes[range.lowerBound] == UInt8(ascii: "L")
                            || bytes[range.lowerBound] == UInt8(ascii: "X"))
                        && bytes[range.lowerBound + 1] == UInt8(ascii: "-")
                        && Grammar.isDigits(
                            bytes, range.lowerBound + 2..<range.upperBound, count: 2)
                })
        else {
            throw InvalidIdentifier(kind: "LinkID", rule: "like L-01 or X-01")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}

extension LinkID {
    /// Whether this is a prohibition (接続禁止) and not an allowed link.
    public var isProhibition: Bool { rawValue.utf8.first == UInt8(ascii: "X") }
}
