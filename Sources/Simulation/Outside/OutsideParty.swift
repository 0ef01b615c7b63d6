package import Messaging
package import Participant

/// One kind of party outside city hall (対向システム): what it does with a message, and what it can tell.
protocol OutsideParty: Sendable {
    /// Takes one message: changes the world and says what is sent in consequence.
    ///
    /// Throws ``PartyRefusal`` for what it never takes; the hub then parks that lane.
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch]

    /// Refuses one message (behave `refuse`): changes nothing and answers so where such an answer exists.
    ///
    /// Throws ``PartyRefusal`` with the code for what is never answered; the hub then parks that lane.
    func refuse(
        _ message: Incoming, code: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch]

    /// Does something by its own logic because a test asks it to (自発の動作): `verb` and `arguments` are those of the
    /// scenario's `act`; `Tests/Scenarios/VERBS.md` lists them. What the asker is told goes into `world.told`.
    ///
    /// Throws ``PartyRefusal``, code `verb-unknown` for what it cannot do; then nothing has changed.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch]

    /// What can be told about `person` (about everybody when nil), without any personal number.
    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue]
}

extension OutsideParty {
    /// Its own answers, on a world that is forgotten, with `result` refused: what they share with the
    /// request stays in them.
    func refuse(
        _ message: Incoming, code: String, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        var forgotten = world
        let answers = try receive(message, in: &forgotten).filter {
            $0.message.causation == message.envelope.id
        }
        var refusals: [Dispatch] = []
        for answer in answers {
            guard let content = try? JSONValue(parsing: answer.message.payload).object,
                content["result"] != nil
            else { continue }
            var refusal = content.filter { message.payload[$0.key] == $0.value }
            refusal["result"] = "refused"
            refusal["code"] = .string(code)
            var changed = answer.message
            changed.payload = JSONValue.object(refusal).encoded
            refusals.append(Dispatch(sender: answer.sender, zone: answer.zone, message: changed))
        }
        guard !refusals.isEmpty else { throw PartyRefusal(code: code) }
        return refusals
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        throw .verbUnknown
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] { [:] }
}

/// A message and its content, parsed (受信電文).
struct Incoming: Sendable {
    /// Who received it.
    let party: ParticipantID
    let zone: ZoneID
    let envelope: Envelope
    let payload: JSONValue
    /// The lab's time when it came.
    let now: Instant

    var type: String { envelope.topic.type.rawValue }
    var juminhyoCode: String { payload["juminhyoCode"]?.string ?? "" }
    /// The municipality whose hub it came by, five digits.
    var municipality: String { String(envelope.organisation.rawValue.prefix(5)) }
}

/// A message one of the parties sends (発信電文).
package struct Dispatch: Sendable {
    package let sender: ParticipantID
    /// Nil means the sender's only zone.
    package let zone: ZoneID?
    package let message: OutgoingMessage

    package init(sender: ParticipantID, zone: ZoneID?, message: OutgoingMessage) {
        self.sender = sender
        self.zone = zone
        var message = message
        if message.causation != nil, let content = try? JSONValue(parsing: message.payload),
            content["result"] == "refused"
        {
            message.refusalCode = Envelope.refusalCode(content["code"]?.string)
        }
        self.message = message
    }

    /// A message `sender` begins by itself, in the case and with the attributes `arguments` name (`correlation`,
    /// `operator`, `terminal`, `businessTask`, `legalBasis`).
    static func begin(
        _ sender: ParticipantID, _ topic: StaticTopic, to recipient: ParticipantID,
        step: StaticStep?, _ arguments: JSONValue, _ payload: JSONValue
    ) throws(PartyRefusal) -> Dispatch {
        do throws(InvalidIdentifier) {
            var message = OutgoingMessage(
                topic: topic.topic, recipients: [recipient], step: step?.step,
                correlation: try CorrelationID(arguments["correlation"]?.string ?? ""),
                payload: payload.encoded)
            if let text = arguments["operator"]?.string {
                message.operatorID = try .init(text)
                message.authFactor = .biometric
            }
            if let text = arguments["terminal"]?.string { message.terminal = try .init(text) }
            message.businessTask = arguments["businessTask"]?.string
            message.legalBasis = arguments["legalBasis"]?.string
            return Dispatch(sender: sender, zone: nil, message: message)
        } catch {
            throw .argumentInvalid
        }
    }

    /// The answer to `request`, in its case and on its step.
    static func answer(
        to request: Incoming, _ topic: StaticTopic, step: StaticStep? = nil, _ payload: JSONValue
    ) -> Dispatch {
        Dispatch(
            sender: request.party, zone: request.zone,
            message: OutgoingMessage(
                topic: topic.topic, recipients: [request.envelope.source],
                step: step?.step ?? request.envelope.step,
                correlation: request.envelope.correlation, causation: request.envelope.id,
                payload: payload.encoded))
    }

    /// A record for the hub's evidence (証跡, L-28) that `request` led to something inside its receiver.
    static func record(
        _ request: Incoming, _ operation: String, result: String = "done", step: StaticStep,
        count: Int? = nil, reference: String? = nil
    ) -> Dispatch {
        var payload: [String: JSONValue] = [
            "operation": .string(operation), "result": .string(result),
            "step": .string(step.step.rawValue),
        ]
        payload["count"] = count.map(JSONValue.integer)
        payload["reference"] = reference.map(JSONValue.string)
        let topic: StaticTopic = "audit.record/v1"
        return Dispatch(
            sender: request.party, zone: request.zone,
            message: OutgoingMessage(
                topic: topic.topic, recipients: [OutsideParties.identity("hub")], step: step.step,
                correlation: request.envelope.correlation, causation: request.envelope.id,
                payload: JSONValue.object(payload).encoded))
    }
}

/// Why a party never takes a message (受領拒否).
struct PartyRefusal: Error, Hashable {
    let code: String

    /// It takes no message of that type.
    static let typeUnexpected = PartyRefusal(code: "type-unexpected")
    static let verbUnknown = PartyRefusal(code: "verb-unknown")
    /// The verb needs something that `with` does not say.
    static let argumentMissing = PartyRefusal(code: "argument-missing")
    static let argumentInvalid = PartyRefusal(code: "argument-invalid")
    /// Nobody of that key is among the lab's people.
    static let personUnknown = PartyRefusal(code: "person-unknown")
}

/// A topic written in this room's own code; the catalogue decides whether it may be sent.
struct StaticTopic: ExpressibleByStringLiteral {
    let topic: Topic

    init(stringLiteral text: StaticString) {
        guard let topic = try? Topic(text.description) else {
            preconditionFailure("A topic literal is <type>/v<major>.")
        }
        self.topic = topic
    }
}

/// A step written in this room's own code.
struct StaticStep: ExpressibleByStringLiteral {
    let step: StepID

    init(stringLiteral text: StaticString) {
        guard let step = try? StepID(text.description) else {
            preconditionFailure("A step literal is like A5-04.")
        }
        self.step = step
    }
}
