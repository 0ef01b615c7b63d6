/// What stands outside a message's content (電文ヘッダー), in CloudEvents 1.0 terms (design §3).
///
/// It may be logged, so no attribute carries personal data; the person is not named at all.
public struct Envelope: Hashable, Sendable {
    public var id: MessageID
    public var source: ParticipantID
    public var topic: Topic
    /// When the sender committed it.
    public var time: Instant
    /// One to sixteen different receivers.
    public var recipients: [ParticipantID]
    public var step: StepID?
    public var correlation: CorrelationID
    /// The message this one answers or follows.
    public var causation: MessageID?
    public var operatorID: OperatorID?
    public var terminal: TerminalID?
    /// 操作業務: a short phrase of at most 128 bytes without quotes, backslashes or long numbers.
    public var businessTask: String?
    /// A key of the catalogue's legal bases; the same grammar.
    public var legalBasis: String?
    public var organisation: OrganisationCode
    public var expiry: Instant?
    /// W3C trace context.
    public var traceparent: String?
    /// By what the operator has shown who they are.
    public var authFactor: AuthenticationFactor?
    /// The version it was sent in, where the hub has converted it for this receiver; never a sender's.
    public var convertedFrom: Topic?
    /// Why the sender says no, where the message is a refusing answer (拒否の回答): the stable code of its content.
    public var refusalCode: String?

    public init(
        id: MessageID, source: ParticipantID, topic: Topic, time: Instant,
        recipients: [ParticipantID], step: StepID? = nil, correlation: CorrelationID,
        causation: MessageID? = nil, operatorID: OperatorID? = nil, terminal: TerminalID? = nil,
        businessTask: String? = nil, legalBasis: String? = nil, organisation: OrganisationCode,
        expiry: Instant? = nil, traceparent: String? = nil,
        authFactor: AuthenticationFactor? = nil, convertedFrom: Topic? = nil,
        refusalCode: String? = nil
    ) {
        self.id = id
        self.source = source
        self.topic = topic
        self.time = time
        self.recipients = recipients
        self.step = step
        self.correlation = correlation
        self.causation = causation
        self.operatorID = operatorID
        self.terminal = terminal
        self.businessTask = businessTask
        self.legalBasis = legalBasis
        self.organisation = organisation
        self.expiry = expiry
        self.traceparent = traceparent
        self.authFactor = authFactor
        self.convertedFrom = convertedFrom
        self.refusalCode = refusalCode
    }

    /// Parses an envelope, or says with a code what is wrong with it.
    public init(parsing bytes: [UInt8]) throws(EnvelopeError) { try self.init(parsing: bytes.span) }

    /// As above, for bytes that are read in place.
    public init(parsing bytes: Span<UInt8>) throws(EnvelopeError) {
        let view = try EnvelopeView.scan(bytes)
        func text(_ range: Range<Int>) -> String {
            var copy: [UInt8] = []
            copy.reserveCapacity(range.count)
            for index in range { copy.append(bytes[index]) }
            return String(decoding: copy, as: UTF8.self)
        }
        let sender = ParticipantID(checked: text(view.source))
        id = MessageID(source: sender, number: view.number)
        source = sender
        let schema = text(view.dataschema)
        topic = try Self.parsed(.dataschema) { () throws(InvalidIdentifier) in try Topic(schema) }
        time = view.instant
        var receivers: [ParticipantID] = []
        view.forEachRecipient(in: bytes) { receivers.append(ParticipantID(checked: text($0))) }
        recipients = receivers
        step = view.step.map { StepID(checked: text($0)) }
        correlation = CorrelationID(checked: text(view.correlation))
        if let cause = view.causation.map(text) {
            causation = try Self.parsed(.causationid) { () throws(InvalidIdentifier) in
                try MessageID(cause)
            }
        }
        operatorID = view.operatorID.map { OperatorID(checked: text($0)) }
        terminal = view.terminal.map { TerminalID(checked: text($0)) }
        businessTask = view.businessTask.map(text)
        legalBasis = view.legalBasis.map(text)
        organisation = OrganisationCode(checked: text(view.organisation))
        expiry = view.expiryInstant
        traceparent = view.traceparent.map(text)
        authFactor = view.authFactor.flatMap { EnvelopeView.factor(bytes, $0) }
        refusalCode = view.refusalCode.map(text)
        if let origin = view.convertedFrom.map(text) {
            convertedFrom = try Self.parsed(.convertedfrom) { () throws(InvalidIdentifier) in
                try Topic(origin)
            }
        }
    }

    /// A code in the attribute's grammar; `refused` for one that does not fit, or for none.
    public static func refusalCode(_ code: String?) -> String {
        guard let code else { return "refused" }
        let bytes = Array(code.utf8)
        return Grammar.isCode(bytes.span, 0..<bytes.count) ? code : "refused"
    }

    private static func parsed<Value>(
        _ attribute: EnvelopeAttribute, _ body: () throws(InvalidIdentifier) -> Value
    ) throws(EnvelopeError) -> Value {
        do throws(InvalidIdentifier) {
            return try body()
        } catch {
            throw EnvelopeError(code: "envelope-attribute-invalid", attribute: attribute.name)
        }
    }
}

extension Envelope {
    /// One flat JSON object of strings, attributes in their fixed order, absent ones left out.
    public func encoded() -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        func put(_ attribute: EnvelopeAttribute, _ value: String?) {
            guard let value else { return }
            out.append(UInt8(ascii: out.isEmpty ? "{" : ","))
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: EnvelopeAttribute.nameBytes[Int(attribute.rawValue)])
            out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":"), UInt8(ascii: "\"")])
            JSONText.append(value, to: &out)
            out.append(UInt8(ascii: "\""))
        }
        put(.specversion, "1.0")
        put(.id, id.rawValue)
        put(.source, source.rawValue)
        put(.type, topic.type.rawValue)
        put(.time, time.rfc3339)
        put(.dataschema, topic.rawValue)
        put(.recipient, recipients.map(\.rawValue).joined(separator: ","))
        put(.step, step?.rawValue)
        put(.correlationid, correlation.rawValue)
        put(.causationid, causation?.rawValue)
        put(.operator, operatorID?.rawValue)
        put(.terminal, terminal?.rawValue)
        put(.businesstask, businessTask)
        put(.legalbasis, legalBasis)
        put(.organisation, organisation.rawValue)
        put(.expirytime, expiry?.rfc3339)
        put(.traceparent, traceparent)
        put(.authfactor, authFactor?.rawValue)
        put(.convertedfrom, convertedFrom?.rawValue)
        put(.refusalcode, refusalCode)
        out.append(UInt8(ascii: "}"))
        return out
    }
}
