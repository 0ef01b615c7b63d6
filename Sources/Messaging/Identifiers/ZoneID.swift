/// A separated part of the network with a hub of its own (区画): `juki-net`, `number-use`, `lgwan` (design §2).
public struct ZoneID: TextIdentifier {
    public let rawValue: String

    /// Accepts a lower-case letter, then lower-case letters, digits and hyphens, at most 32 in all.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isZone) else {
            throw InvalidIdentifier(
                kind: "ZoneID", rule: "lower-case letters, digits and hyphens, at most 32")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}
