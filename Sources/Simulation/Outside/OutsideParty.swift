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

    /// What can be told about `person` (about everybody when nil), without any personal number.
    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue]
}

extension OutsideParty {
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
        self.message = message
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
}

/// Why a party never takes a message (受領拒否).
struct PartyRefusal: Error, Hashable {
    let code: String
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
