/// A system, terminal or person's tool that has a session of its own (参加システム).
public struct ParticipantID: TextIdentifier {
    public let rawValue: String

    /// Accepts a family, and an instance behind a slash where a family has several; at most 64 characters.
    public init(_ text: String) throws(InvalidIdentifier) {
        guard Grammar.holds(text, Grammar.isParticipant) else {
            throw InvalidIdentifier(
                kind: "ParticipantID",
                rule: "letters, digits, hyphens, one optional /instance, at most 64")
        }
        rawValue = text
    }

    /// For text that a grammar has already accepted.
    init(checked text: String) { rawValue = text }
}

extension ParticipantID {
    /// What the catalogue knows it by: `peerMunicipalCS` of `peerMunicipalCS/08221`.
    public var family: String {
        guard let slash = rawValue.utf8.firstIndex(of: UInt8(ascii: "/")) else { return rawValue }
        return String(rawValue[..<slash])
    }

    /// Which one of its family: `08221` of `peerMunicipalCS/08221`.
    public var instance: String? {
        guard let slash = rawValue.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return String(rawValue[rawValue.utf8.index(after: slash)...])
    }
}
