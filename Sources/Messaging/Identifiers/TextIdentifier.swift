/// A name or number that is text outside and checked once at the edge (識別子).
///
/// Parsing is the only way to make one, and `Codable` goes through the same parsing, so that inside
/// the program every identifier is valid.
public protocol TextIdentifier: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// The text as it is written in messages and files.
    var rawValue: String { get }

    /// Parses `text`; the error names the rule and never repeats the text.
    init(_ text: String) throws(InvalidIdentifier)
}

extension TextIdentifier {
    public var description: String { rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(InvalidIdentifier) {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
