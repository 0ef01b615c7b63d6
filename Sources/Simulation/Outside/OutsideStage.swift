package import Logging
package import Messaging
import Participant
import Synchronization

/// The parties on their sessions, with the one world between them (対向模擬の舞台).
///
/// Messages of all parties change the world one at a time, under one lock. A change, and what is sent in consequence,
/// stand in the ledger before either is seen; without a ledger they last as long as the process.
package final class OutsideStage: Sendable {
    private struct Scene {
        var world: OutsideWorld
        /// What was sent for each named request, so that asking twice sends once.
        var requests: [String: MessageID] = [:]
    }

    private let scene: Mutex<Scene>
    private let roles: Mutex<[ParticipantID: OutsideStorage]>
    private let ledger: OutsideLedger?
    private let logger: Logger

    package convenience init(people: People, logger: Logger) {
        self.init(people: people, ledger: nil, logger: logger)
    }

    init(people: People, ledger: OutsideLedger?, logger: Logger) {
        scene = Mutex(Scene(world: OutsideWorld(people: people)))
        roles = Mutex([:])
        self.ledger = ledger
        self.logger = logger
    }

    /// Gives `identity` its storage; its session takes part with that.
    package func cast(
        _ identity: ParticipantID, zone: ZoneID, organisation: OrganisationCode,
        incarnation: UInt64, clock: any TimeSource
    ) -> OutsideStorage {
        let party = OutsideParties.party(for: identity)
        let storage = OutsideStorage(
            identity: identity, zone: zone, organisation: organisation, incarnation: incarnation,
            clock: clock
        ) { [weak self] message in
            guard let self else { return .retryLater(after: nil, code: "stopping") }
            return try self.receive(message, as: identity, party)
        }
        roles.withLock { $0[identity] = storage }
        return storage
    }

    /// Puts a message into its sender's outbox; throws ``ControlFault`` where nobody of that name is on the stage.
    ///
    /// A `request` already carried out is answered with what was sent then.
    @discardableResult
    package func send(_ dispatch: Dispatch, request: String? = nil) throws -> MessageID {
        try scene.withLock { scene in
            if let request, let known = scene.requests[request] { return known }
            let storage = try storage(for: dispatch)
            let (id, message) = storage.number(dispatch.message)
            try ledger?.append(
                OutsideLedger.Line(
                    cause: .asked(request: request), sent: [Self.sent(message, by: storage)]))
            storage.enqueue(message)
            if let request { scene.requests[request] = id }
            return id
        }
    }

    /// Brings back what earlier processes wrote; once, after everybody is cast.
    func replay(_ lines: [OutsideLedger.Line]) throws {
        for line in lines {
            let sent = try line.sent.map { try restore($0) }
            switch line.cause {
            case .begun: continue
            case .asked(let request):
                guard let request, let id = sent.first else { continue }
                scene.withLock { $0.requests[request] = id }
            case .took(let taken): try replay(taken)
            }
        }
    }

    private func restore(_ sent: OutsideLedger.Sent) throws -> MessageID {
        let id = try Envelope(parsing: Array(sent.envelope.utf8)).id
        guard let storage = roles.withLock({ $0[sent.party] }) else { return id }
        storage.enqueue(
            NumberedMessage(
                zone: storage.zone, number: id.number, envelope: Array(sent.envelope.utf8),
                payload: Array(sent.payload.utf8)))
        return id
    }

    private func replay(_ taken: OutsideLedger.Taken) throws {
        let incoming = Incoming(
            party: taken.party, zone: taken.zone,
            envelope: try Envelope(parsing: Array(taken.envelope.utf8)),
            payload: try JSONValue(parsing: Array(taken.payload.utf8)))
        let party = OutsideParties.party(for: taken.party)
        try scene.withLock { scene in
            // What it sent then is in the ledger too.
            _ = try party.receive(incoming, in: &scene.world)
            scene.world.remember(incoming)
        }
        roles.withLock { $0[taken.party] }?.remember(incoming.envelope.id, at: taken.position)
    }

    package func facts(of party: ParticipantID, about key: String?) throws(ControlFault)
        -> JSONValue
    {
        try scene.withLock { (scene) throws(ControlFault) in
            let world = scene.world
            let person: Person?
            if let key {
                guard let known = world.people.byKey[key] else {
                    throw ControlFault(code: "person-unknown", text: "no such invented person")
                }
                person = known
            } else {
                person = nil
            }
            return .object(
                OutsideParties.party(for: party).facts(about: person, of: party, in: world))
        }
    }

    package func messages(of party: ParticipantID) -> [LoggedMessage] {
        scene.withLock { $0.world.messages(of: party) }
    }

    /// What the outside has learned of a person's numbers inside city hall.
    package func identifiers(of key: String) -> JSONValue {
        scene.withLock { scene in
            let world = scene.world
            var found: [String: JSONValue] = [:]
            if let person = world.people.byKey[key] {
                found["juminhyoCode"] = .string(person.juminhyoCode)
            }
            for records in world.transfers.values {
                for (number, record) in records where record.person == key {
                    found["addresseeNumber"] = .string(number)
                }
            }
            return .object(found)
        }
    }

    /// Refusals a hub answered to each party, by code.
    func refusals() -> JSONValue {
        var found: [String: JSONValue] = [:]
        for (identity, storage) in roles.withLock({ $0 }) {
            let refusals = storage.refusals()
            guard !refusals.isEmpty else { continue }
            found[identity.rawValue] = .array(
                refusals.map {
                    [
                        "code": .string($0.code),
                        "pointer": $0.pointer.map(JSONValue.string) ?? .null,
                    ]
                })
        }
        return .object(found)
    }

    /// What the hub answered to a message of `party`.
    func outcome(of id: MessageID, from party: ParticipantID) throws(ControlFault) -> JSONValue {
        guard let storage = roles.withLock({ $0[party] }) else {
            throw ControlFault(code: "party-unknown", text: "no such party is on the stage")
        }
        return switch storage.answer(to: id.number.sequence) {
        case .waiting: ["state": "waiting"]
        case .admitted: ["state": "admitted"]
        case .refused(let refusal):
            [
                "state": "refused", "code": .string(refusal.code),
                "pointer": refusal.pointer.map(JSONValue.string) ?? .null,
            ]
        }
    }

    var parties: [ParticipantID] { roles.withLock { $0.keys.sorted() } }

    private func receive(
        _ message: ReceivedMessage, as identity: ParticipantID, _ party: any OutsideParty
    ) throws -> Settlement {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: message.payload)
        } catch {
            // The hub has validated it; the error's text could quote it.
            return .refused(code: "payload-unreadable")
        }
        let incoming = Incoming(
            party: identity, zone: message.zone, envelope: message.envelope, payload: payload)
        return try scene.withLock { scene in
            var changed = scene.world
            let consequences: [Dispatch]
            do throws(PartyRefusal) {
                consequences = try party.receive(incoming, in: &changed)
            } catch {
                return .refused(code: error.code)
            }
            changed.remember(incoming)
            let sent: [(OutsideStorage, NumberedMessage)]
            do throws(ControlFault) {
                sent = try numbered(consequences)
            } catch {
                logger.error(
                    "outside.unsent", metadata: ["party": "\(identity)", "code": "\(error.code)"])
                return .retryLater(after: nil, code: "outbox-unavailable")
            }
            try ledger?.append(Self.line(incoming, at: message, sent))
            for (storage, message) in sent { storage.enqueue(message) }
            scene.world = changed
            return .accepted
        }
    }

    /// Every sender is looked up before any number is used up: one left unused would be a gap.
    private func numbered(
        _ dispatches: [Dispatch]
    ) throws(ControlFault) -> [(OutsideStorage, NumberedMessage)] {
        var senders: [(OutsideStorage, OutgoingMessage)] = []
        for dispatch in dispatches {
            senders.append((try storage(for: dispatch), dispatch.message))
        }
        return senders.map { ($0, $0.number($1).message) }
    }

    private func storage(for dispatch: Dispatch) throws(ControlFault) -> OutsideStorage {
        guard let storage = roles.withLock({ $0[dispatch.sender] }) else {
            throw ControlFault(code: "party-unknown", text: "no such party is on the stage")
        }
        guard dispatch.zone == nil || dispatch.zone == storage.zone else {
            throw ControlFault(code: "zone-unknown", text: "that party has no session there")
        }
        guard storage.hasRoom else {
            throw ControlFault(
                code: "outbox-full",
                text: "\(dispatch.sender) has \(OutsideStorage.outboxLimit) unanswered messages")
        }
        return storage
    }

    private static func line(
        _ incoming: Incoming, at message: ReceivedMessage,
        _ sent: [(OutsideStorage, NumberedMessage)]
    ) -> OutsideLedger.Line {
        OutsideLedger.Line(
            cause: .took(
                OutsideLedger.Taken(
                    party: incoming.party, zone: incoming.zone,
                    position: message.position.rawValue,
                    envelope: String(decoding: incoming.envelope.encoded(), as: UTF8.self),
                    payload: String(decoding: message.payload, as: UTF8.self))),
            sent: sent.map { Self.sent($1, by: $0) })
    }

    private static func sent(
        _ message: NumberedMessage, by storage: OutsideStorage
    ) -> OutsideLedger.Sent {
        OutsideLedger.Sent(
            party: storage.identity, envelope: String(decoding: message.envelope, as: UTF8.self),
            payload: String(decoding: message.payload, as: UTF8.self))
    }
}
