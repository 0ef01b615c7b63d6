/// A participant's greeting (接続要求), the JSON record of HELLO.
package struct Hello: Hashable, Sendable, Codable {
    /// Who greets; the hub compares it with the identity of the key.
    package let participant: String
    /// The incarnation under which the participant numbers its messages.
    package let incarnation: UInt64
    /// The journal incarnation of the last WELCOME it has seen.
    package let journalIncarnation: UInt64?
    /// The highest of its own numbers that the hub acknowledged to it.
    package let knownSequence: UInt64
    /// Digest of its catalogue in lower-case hex; nil for a client that has none.
    package let catalogue: String?
    /// Program and version, for operators.
    package let software: String

    package init(
        participant: String, incarnation: UInt64, journalIncarnation: UInt64?,
        knownSequence: UInt64, catalogue: String?, software: String
    ) {
        self.participant = participant
        self.incarnation = incarnation
        self.journalIncarnation = journalIncarnation
        self.knownSequence = knownSequence
        self.catalogue = catalogue
        self.software = software
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        self = try WireJSON.decode(
            Hello.self, from: body.copied(record), limit: WireLimits.sessionJSONBytes)
    }

    private enum CodingKeys: CodingKey {
        case participant, incarnation, journalIncarnation, knownSequence, catalogue, software
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        participant = try container.decode(String.self, forKey: .participant)
        incarnation = try container.decode(IncarnationText.self, forKey: .incarnation).value
        journalIncarnation =
            try container.decodeIfPresent(IncarnationText.self, forKey: .journalIncarnation)?.value
        knownSequence = try container.decode(UInt64.self, forKey: .knownSequence)
        catalogue = try container.decodeIfPresent(String.self, forKey: .catalogue)
        software = try container.decode(String.self, forKey: .software)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(participant, forKey: .participant)
        try container.encode(IncarnationText(value: incarnation), forKey: .incarnation)
        try container.encode(
            journalIncarnation.map(IncarnationText.init(value:)), forKey: .journalIncarnation)
        try container.encode(knownSequence, forKey: .knownSequence)
        try container.encode(catalogue, forKey: .catalogue)
        try container.encode(software, forKey: .software)
    }
}

/// An incarnation as text (世代番号): sixteen lower-case hexadecimal digits.
package struct IncarnationText: Hashable, Sendable, Codable {
    package let value: UInt64

    package init(value: UInt64) {
        self.value = value
    }

    /// Nil unless `text` is sixteen lower-case hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 16,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let value = UInt64(text, radix: 16)
        else { return nil }
        self.value = value
    }

    package var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let incarnation = IncarnationText(text) else {
            throw ProtocolFault.malformed("an incarnation is sixteen hexadecimal digits")
        }
        self = incarnation
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
