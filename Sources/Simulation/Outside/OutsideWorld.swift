package import Messaging

/// What the parties outside city hall know and have received (外部世界), as one model.
///
/// Parties change it one message at a time through ``OutsideParty``; what passes between two of them
/// outside the hub (prefecture to nation, L-29) is a change here and no message.
package struct OutsideWorld: Sendable {
    package let people: People
    /// The lab's own city, five digits.
    var city = "08201"
    /// What an act tells the one who asked for it; emptied before each.
    var told: [String: JSONValue] = [:]
    /// What the change being made does outside memory; emptied when it has been done.
    var effects = OutsideEffects()
    private var states: [ObjectIdentifier: any PartyState] = [:]
    /// The newest messages of each party, oldest first.
    private var log: [ParticipantID: [LoggedMessage]] = [:]

    /// Messages remembered for each party.
    static let logLimit = 1_000

    package init(people: People) { self.people = people }

    /// What one family of parties keeps: `world[PeerBook.self]`.
    subscript<State: PartyState>(_ type: State.Type) -> State {
        get { states[ObjectIdentifier(type)] as? State ?? State(people: people) }
        _modify {
            var state = self[type]
            // Taken out meanwhile, so that changing it copies nothing.
            states[ObjectIdentifier(type)] = nil
            defer { states[ObjectIdentifier(type)] = state }
            yield &state
        }
    }

    mutating func remember(_ message: Incoming) {
        let party = message.party
        log[party, default: []].append(
            LoggedMessage(
                id: message.envelope.id, topic: message.envelope.topic,
                source: message.envelope.source, correlation: message.envelope.correlation,
                payload: message.payload))
        let excess = log[party, default: []].count - Self.logLimit
        if excess > 0 { log[party]?.removeFirst(excess) }
    }

    package func messages(of party: ParticipantID) -> [LoggedMessage] { log[party] ?? [] }

    /// Leaves nothing of what destroyed messages said (消去).
    mutating func forget(_ erasures: [MessageID: OutsideEffects.Erasure]) {
        guard !erasures.isEmpty else { return }
        for (party, messages) in log {
            log[party] = messages.map { message in
                erasures[message.id].map { message.replacing(payload: $0.left) } ?? message
            }
        }
    }

    /// The person an act means by `person: P04`.
    func person(_ arguments: JSONValue, _ name: String = "person") throws(PartyRefusal) -> Person {
        guard let key = arguments[name]?.string else { throw .argumentMissing }
        guard let person = people.byKey[key] else { throw .personUnknown }
        return person
    }
}

/// What one family of parties keeps between messages (対向システムの状態), declared in that family's own file.
protocol PartyState: Sendable {
    /// As the world begins.
    init(people: People)
}

/// A message a party received, content and all: the lab's people are invented (受信記録).
package struct LoggedMessage: Hashable, Sendable {
    package let id: MessageID
    package let topic: Topic
    package let source: ParticipantID
    package let correlation: CorrelationID
    package let payload: JSONValue

    func replacing(payload: JSONValue) -> LoggedMessage {
        LoggedMessage(
            id: id, topic: topic, source: source, correlation: correlation, payload: payload)
    }
}
