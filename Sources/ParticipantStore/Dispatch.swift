public import Messaging
public import Participant

/// How a system's messages go out (発信): zone, step, legal basis and expiry come from the catalogue's link.
///
/// The code names the recipient and, where a link carries a type for several steps, the step it performs.
public struct Dispatch: Sendable {
    fileprivate struct Key: Hashable, Sendable {
        let type: String
        let to: String
    }

    /// What the catalogue says about one type on one link.
    fileprivate struct Rule: Sendable {
        let zone: ZoneID
        let steps: [StepID]
        /// With the days on which each may be named.
        let legalBases: [LegalBasis]
        let needsLegalBasis: Bool
        let expirySeconds: Int?
        let isReply: Bool
    }

    public let participant: ParticipantID
    private var rules: [Key: [Rule]] = [:]

    /// Reads the links that start at `participant`.
    public init(catalogue: Catalogue, participant: ParticipantID) {
        self.participant = participant
        var expiry: [String: Int] = [:]
        var replies: Set<String> = []
        for type in catalogue.types {
            expiry[type.name.rawValue] = type.expirySeconds
            if type.kind == .reply { replies.insert(type.name.rawValue) }
        }
        for link in catalogue.links where link.from == participant.family {
            for carried in link.types {
                let key = Key(type: carried.type.rawValue, to: link.to)
                rules[key, default: []].append(
                    Rule(
                        zone: link.zone, steps: carried.steps,
                        legalBases: (carried.bases ?? []).compactMap { catalogue.legalBasis($0) },
                        needsLegalBasis: carried.legalBasis,
                        expirySeconds: expiry[carried.type.rawValue],
                        isReply: replies.contains(carried.type.rawValue)))
            }
        }
    }

    /// Whom the catalogue lets this participant send a type to, by name: a sender spells out no recipient.
    public func recipients(of type: String) -> [ParticipantID] {
        rules.keys.filter { $0.type == type }.map(\.to).sorted()
            .compactMap { try? ParticipantID($0) }
    }

    /// Puts one message into the outbox of the link's zone.
    ///
    /// Throws `no-route` when the catalogue has no such link, or not for that step: the system and the catalogue disagree.
    public func send(
        _ message: Draft, to recipient: ParticipantID, for cause: Cause, _ transaction: Transaction
    ) throws {
        let topic = try Topic(message.topic)
        let key = Key(type: topic.type.rawValue, to: recipient.family)
        let candidates = rules[key] ?? []
        guard
            let rule = candidates.first(where: { message.zone == nil || $0.zone == message.zone }),
            let step = rule.step(message.step)
        else { throw StoreError("no-route", "sending \(message.topic) to \(recipient)") }
        let legalBasis = message.legalBasis ?? rule.legalBasis(on: transaction.now.day)
        let expiry =
            message.expiry
            ?? rule.expirySeconds.map { transaction.now + .seconds($0) }
        let correlation = try cause.correlation(rule.zone)
        var outgoing = OutgoingMessage(
            topic: topic, recipients: [recipient], step: step.value, correlation: correlation,
            causation: cause.zone == rule.zone ? cause.causation : nil,
            operatorID: cause.operatorID, terminal: cause.terminal,
            businessTask: message.businessTask, legalBasis: legalBasis, expiry: expiry,
            orderKey: message.orderKey, keepUntilBackup: message.keepUntilBackup,
            payload: message.payload)
        if rule.isReply {
            outgoing.refusalCode = RefusingAnswer.code(in: message.payload, of: topic.type)
        }
        try transaction.send(outgoing, in: rule.zone)
    }
}

extension Dispatch.Rule {
    /// The first of the link's legal bases that is in force that day (施行日).
    fileprivate func legalBasis(on day: CivilDate) -> String? {
        needsLegalBasis ? legalBases.first { $0.isInForce(on: day) }?.id : nil
    }

    /// The step asked for if the link has it, else the link's first; nil if the link has others.
    fileprivate func step(_ wanted: StepID?) -> (value: StepID?, Void)? {
        guard let wanted else { return (steps.first, ()) }
        return steps.contains(wanted) || steps.isEmpty ? (wanted, ()) : nil
    }
}

/// A message before the catalogue has said how it goes (発信案).
public struct Draft: Sendable {
    /// `type/vN`.
    public let topic: String
    public let payload: [UInt8]
    /// The step performed, where the link has several; nil takes the link's first.
    public var step: StepID?
    /// Only where a type goes to one recipient in several zones (証跡).
    public var zone: ZoneID?
    public var orderKey: String?
    public var legalBasis: String?
    public var businessTask: String?
    public var expiry: Instant?
    public var keepUntilBackup = true

    public init(_ topic: String, _ payload: some Encodable) throws {
        self.topic = topic
        self.payload = try PayloadCoding.encode(payload)
    }

    /// A body handed on byte for byte.
    public init(_ topic: String, relaying payload: [UInt8]) {
        self.topic = topic
        self.payload = payload
    }

    /// Ordered with the other messages of one person (対象者別処理順); the text stays in this process.
    public func ordered(by orderKey: String?) -> Draft {
        var draft = self
        draft.orderKey = orderKey
        return draft
    }

    public func performing(_ step: String) throws -> Draft {
        var draft = self
        draft.step = try StepID(step)
        return draft
    }

    /// Not kept after its acknowledgement: A5 and 送付先情報 are extracted again instead (design §4).
    public func forgotten() -> Draft {
        var draft = self
        draft.keepUntilBackup = false
        return draft
    }
}

/// On whose behalf a message goes out (発信の契機): the case, the message before it, the person at the terminal.
public struct Cause {
    /// The zone of the message before it; causation does not cross a zone's edge.
    public let zone: ZoneID?
    public let causation: MessageID?
    public let operatorID: OperatorID?
    public let terminal: TerminalID?
    /// The case's correlation in a zone: renewed at the edge by who carries it across.
    public let correlation: (ZoneID) throws -> CorrelationID

    public init(
        zone: ZoneID?, causation: MessageID?, operatorID: OperatorID?, terminal: TerminalID?,
        correlation: @escaping (ZoneID) throws -> CorrelationID
    ) {
        self.zone = zone
        self.causation = causation
        self.operatorID = operatorID
        self.terminal = terminal
        self.correlation = correlation
    }

    /// A message answered, or carried on, within one zone.
    public init(_ message: ReceivedMessage) {
        let correlation = message.envelope.correlation
        self.init(
            zone: message.zone, causation: message.envelope.id,
            operatorID: message.envelope.operatorID, terminal: message.envelope.terminal,
            correlation: { _ in correlation })
    }
}

extension Cause {
    /// The same case and people, but as the answer to an earlier message of this zone (中継した要求への回答).
    public func answering(_ request: MessageID) -> Cause {
        Cause(
            zone: zone, causation: request, operatorID: operatorID, terminal: terminal,
            correlation: correlation)
    }
}
