public import Messaging

/// A message a participant wants sent (発信電文), before it has a number.
///
/// Storage gives it its number inside the transaction that enqueues it; source, organisation and
/// time are the storage's too.
public struct OutgoingMessage: Hashable, Sendable {
    public var topic: Topic
    /// One to sixteen different receivers.
    public var recipients: [ParticipantID]
    public var step: StepID?
    public var correlation: CorrelationID
    public var causation: MessageID?
    public var operatorID: OperatorID?
    public var terminal: TerminalID?
    /// By what the operator has shown who they are; for programs at which people act.
    public var authFactor: AuthenticationFactor?
    /// Why it says no, where it is a refusing answer: the stable code of its content, seen in traces.
    public var refusalCode: String?
    public var businessTask: String?
    public var legalBasis: String?
    public var expiry: Instant?
    /// The person or case whose messages keep their order in the outbox (送信順序); local, never sent.
    public var orderKey: String?
    /// Whether the outbox keeps it after its acknowledgement until a backup covers it (design §4,
    /// Epoch); false for 送付先情報 and A5, which are extracted again instead.
    public var keepUntilBackup: Bool
    /// JSON that fits the topic's schema.
    public var payload: [UInt8]

    public init(
        topic: Topic, recipients: [ParticipantID], step: StepID? = nil,
        correlation: CorrelationID, causation: MessageID? = nil, operatorID: OperatorID? = nil,
        terminal: TerminalID? = nil, businessTask: String? = nil, legalBasis: String? = nil,
        expiry: Instant? = nil, orderKey: String? = nil, keepUntilBackup: Bool = true,
        payload: [UInt8]
    ) {
        self.topic = topic
        self.recipients = recipients
        self.step = step
        self.correlation = correlation
        self.causation = causation
        self.operatorID = operatorID
        self.terminal = terminal
        self.businessTask = businessTask
        self.legalBasis = legalBasis
        self.expiry = expiry
        self.orderKey = orderKey
        self.keepUntilBackup = keepUntilBackup
        self.payload = payload
    }

    /// The envelope it travels in once it has a number.
    public func envelope(
        number: MessageNumber, source: ParticipantID, organisation: OrganisationCode, time: Instant
    ) -> Envelope {
        Envelope(
            id: MessageID(source: source, number: number), source: source, topic: topic,
            time: time, recipients: recipients, step: step, correlation: correlation,
            causation: causation, operatorID: operatorID, terminal: terminal,
            businessTask: businessTask, legalBasis: legalBasis, organisation: organisation,
            expiry: expiry, authFactor: authFactor, refusalCode: refusalCode)
    }
}
