/// The hub's answer to a greeting (接続許可), the JSON record of WELCOME; the control frame's epoch is
/// the same epoch.
package struct Welcome: Hashable, Sendable, Codable {
    package let zone: String
    /// The new session's fence.
    package let epoch: UInt32
    /// The journal's incarnation, new at each restore.
    package let journalIncarnation: UInt64
    /// The last number of the greeted incarnation that the journal holds or has refused for good; 0
    /// for none.
    package let committedSequence: UInt64
    package let publishCreditMessages: UInt32
    package let publishCreditBytes: UInt64
    /// The longest record the hub takes, in bytes.
    package let maxMessageBytes: UInt64
    /// Digest of the hub's catalogue in lower-case hex.
    package let catalogue: String?
    /// How often either side is to be heard, in milliseconds.
    package let heartbeatMilliseconds: UInt32
    /// The hub's clock (RFC 3339), for operators; decisions use the participant's own.
    package let time: String

    package init(
        zone: String, epoch: UInt32, journalIncarnation: UInt64, committedSequence: UInt64,
        publishCreditMessages: UInt32, publishCreditBytes: UInt64, maxMessageBytes: UInt64,
        catalogue: String?, heartbeatMilliseconds: UInt32, time: String
    ) {
        self.zone = zone
        self.epoch = epoch
        self.journalIncarnation = journalIncarnation
        self.committedSequence = committedSequence
        self.publishCreditMessages = publishCreditMessages
        self.publishCreditBytes = publishCreditBytes
        self.maxMessageBytes = maxMessageBytes
        self.catalogue = catalogue
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.time = time
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        self = try WireJSON.decode(
            Welcome.self, from: body.copied(record), limit: WireLimits.sessionJSONBytes)
    }

    package var publishCredit: CreditGrant {
        CreditGrant(messages: publishCreditMessages, bytes: publishCreditBytes)
    }

    private enum CodingKeys: CodingKey {
        case zone, epoch, journalIncarnation, committedSequence, publishCreditMessages,
            publishCreditBytes, maxMessageBytes, catalogue, heartbeatMilliseconds, time
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        zone = try container.decode(String.self, forKey: .zone)
        epoch = try container.decode(UInt32.self, forKey: .epoch)
        journalIncarnation =
            try container.decode(IncarnationText.self, forKey: .journalIncarnation).value
        committedSequence = try container.decode(UInt64.self, forKey: .committedSequence)
        publishCreditMessages = try container.decode(UInt32.self, forKey: .publishCreditMessages)
        publishCreditBytes = try container.decode(UInt64.self, forKey: .publishCreditBytes)
        maxMessageBytes = try container.decode(UInt64.self, forKey: .maxMessageBytes)
        catalogue = try container.decodeIfPresent(String.self, forKey: .catalogue)
        heartbeatMilliseconds = try container.decode(UInt32.self, forKey: .heartbeatMilliseconds)
        time = try container.decode(String.self, forKey: .time)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(zone, forKey: .zone)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(
            IncarnationText(value: journalIncarnation), forKey: .journalIncarnation)
        try container.encode(committedSequence, forKey: .committedSequence)
        try container.encode(publishCreditMessages, forKey: .publishCreditMessages)
        try container.encode(publishCreditBytes, forKey: .publishCreditBytes)
        try container.encode(maxMessageBytes, forKey: .maxMessageBytes)
        try container.encode(catalogue, forKey: .catalogue)
        try container.encode(heartbeatMilliseconds, forKey: .heartbeatMilliseconds)
        try container.encode(time, forKey: .time)
    }
}
