package import Logging
package import Messaging
import Participant
import Synchronization

/// The parties on their sessions, with the one world between them (対向模擬の舞台).
///
/// Messages of all parties change the scene one at a time, under one lock. A change, and what is sent in consequence,
/// stand in the ledger before either is seen; without a ledger they last as long as the process.
package final class OutsideStage: Sendable {
    let scene: Mutex<OutsideScene>
    let roles: Mutex<[ParticipantID: OutsideStorage]>
    private let ledger: OutsideLedger?
    private let logger: Logger

    package convenience init(people: People, logger: Logger) {
        self.init(people: people, ledger: nil, logger: logger)
    }

    package init(people: People, ledger: OutsideLedger?, logger: Logger) {
        scene = Mutex(OutsideScene(people: people))
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
            clock: clock,
            take: { [weak self] message in
                guard let self else { return .retryLater(after: nil, code: "stopping") }
                return try self.receive(message, as: identity, party, now: clock.now())
            },
            tick: { [weak self] now in try self?.releaseAnswers(now: now) })
        roles.withLock { $0[identity] = storage }
        scene.withLock { $0.world.city = String(organisation.rawValue.prefix(5)) }
        return storage
    }

    /// Gives terminal and 電子申請機能 what they work with; before anything is played.
    package func equip(_ equipment: ElectronicApplicationEquipment) {
        scene.withLock { scene in
            scene.world[LGWANBook.self].equip(equipment)
            scene.world[EApplicationBook.self].authority = equipment.authority
        }
    }

    /// Gives 情報提供ネットワークシステム its lists; before anything is played.
    func equip(_ lists: PermissionLists) {
        scene.withLock { $0.world[ProvisionBook.self].lists = lists }
    }

    // MARK: - What a test asks for

    /// Puts a message into its sender's outbox; throws ``ControlFault`` where nobody of that name is on the stage.
    ///
    /// A `request` already carried out is answered with what was sent then.
    @discardableResult
    package func send(_ dispatch: Dispatch, request: String? = nil) throws -> JSONValue {
        try scene.withLock { scene in
            if let request, let known = scene.requests[request] { return known }
            let sent = try numbered([dispatch])
            try write(.asked(request: request), sent)
            let told = Self.told(sent.map(\.id), nil)
            if let request { scene.requests[request] = told }
            return told
        }
    }

    /// Lets a party do something by its own logic (自発の動作); the answer names what it sent, and what it tells.
    package func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID, request: String? = nil
    ) throws -> JSONValue {
        try scene.withLock { scene in
            if let request, let known = scene.requests[request] { return known }
            let acted = OutsideLedger.Acted(
                party: party, verb: verb,
                arguments: Self.withCorrelation(arguments, request ?? "\(scene.nextAct)"),
                at: try storage(of: party).now(), request: request)
            var changed = scene
            let (dispatches, answer) = try Self.act(acted, in: &changed)
            let sent = try numbered(dispatches)
            try write(.acted(acted), sent, changing: &changed)
            let told = Self.told(sent.map(\.id), answer, try sent.map { try Self.json($0.line) })
            if let request { changed.requests[request] = told }
            scene = changed
            return told
        }
    }

    /// Decides how a party answers from now on; nil takes every such decision back and sends what it kept.
    package func behave(_ party: ParticipantID, on type: String?, _ conduct: Conduct?) throws {
        try scene.withLock { scene in
            let behaved = OutsideLedger.Behaved(
                party: party, type: type, conduct: conduct, at: try storage(of: party).now())
            var changed = scene
            let sent = try numbered(Self.behave(behaved, in: &changed))
            try write(.behaved(behaved), sent)
            scene = changed
        }
    }

    // MARK: - What a test looks at

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
            if let number = world[TransferBook.self].addresseeNumber(of: key) {
                found["addresseeNumber"] = .string(number)
            }
            if let number = world[IntermediateDesk.self].integratedNumber(of: key) {
                found["integratedAddresseeNumber"] = .string(number)
            }
            return .object(found)
        }
    }

    /// Refusals a hub answered to each party, by code, with the message each was for.
    func refusals() -> JSONValue {
        var found: [String: JSONValue] = [:]
        for (identity, storage) in roles.withLock({ $0 }) {
            let refusals = storage.refusals()
            guard !refusals.isEmpty else { continue }
            found[identity.rawValue] = .array(
                refusals.map {
                    [
                        "id": .string(storage.id(of: $0.sequence).rawValue),
                        "code": .string($0.code),
                        "pointer": $0.pointer.map(JSONValue.string) ?? .null,
                    ]
                })
        }
        return .object(found)
    }

    /// What the hub answered to a message of `party`.
    func outcome(of id: MessageID, from party: ParticipantID) throws(ControlFault) -> JSONValue {
        switch try storage(of: party).answer(to: id.number.sequence) {
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

    // MARK: - What comes by itself

    private func receive(
        _ message: ReceivedMessage, as identity: ParticipantID, _ party: any OutsideParty,
        now: Instant
    ) throws -> Settlement {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: message.payload)
        } catch {
            // The hub has validated it; the error's text could quote it.
            return .refused(code: "payload-unreadable")
        }
        let incoming = Incoming(
            party: identity, zone: message.zone, envelope: message.envelope, payload: payload,
            now: now)
        return try scene.withLock { scene in
            if scene.conducts.conduct(of: identity, on: incoming.type)?.manner == .down {
                return .retryLater(after: .seconds(1), code: "link-down")
            }
            var changed = scene
            let consequences: [Dispatch]
            switch changed.take(incoming, by: party) {
            case .taken(let dispatches): consequences = dispatches
            case .refused(let code):
                if scene.conducts.conduct(of: identity, on: incoming.type) != nil {
                    try ledger?.append(
                        OutsideLedger.Line(cause: .declined(identity, incoming.type)))
                    scene.conducts = changed.conducts
                }
                return .refused(code: code)
            }
            let sent: [Numbered]
            do throws(ControlFault) {
                sent = try numbered(consequences)
            } catch {
                logger.error(
                    "outside.unsent", metadata: ["party": "\(identity)", "code": "\(error.code)"])
                return .retryLater(after: nil, code: "outbox-unavailable")
            }
            try write(
                .took(
                    OutsideLedger.Taken(
                        party: identity, zone: message.zone, position: message.position.rawValue,
                        at: now,
                        envelope: String(decoding: incoming.envelope.encoded(), as: UTF8.self),
                        payload: String(decoding: message.payload, as: UTF8.self))),
                sent, changing: &changed)
            scene = changed
            return .accepted
        }
    }

    /// Sends the answers whose time has come (behave `late`).
    private func releaseAnswers(now: Instant) throws {
        try scene.withLock { scene in
            guard scene.holdsAnswersDue(by: now) else { return }
            var changed = scene
            let sent: [Numbered]
            do throws(ControlFault) {
                sent = try numbered(changed.release(now: now))
            } catch {
                logger.error("outside.unsent", metadata: ["code": "\(error.code)"])
                return
            }
            try write(.released(at: now), sent)
            scene = changed
        }
    }

    // MARK: - Numbers and the ledger

    /// A message with its number, not yet in the outbox.
    private struct Numbered {
        let storage: OutsideStorage
        let id: MessageID
        let message: NumberedMessage

        var line: OutsideLedger.Sent {
            OutsideLedger.Sent(
                party: storage.identity,
                envelope: String(decoding: message.envelope, as: UTF8.self),
                payload: String(decoding: message.payload, as: UTF8.self))
        }
    }

    /// Every sender is looked up before any number is used up: one left unused would be a gap.
    private func numbered(_ dispatches: [Dispatch]) throws(ControlFault) -> [Numbered] {
        var senders: [(OutsideStorage, OutgoingMessage)] = []
        for dispatch in dispatches {
            let storage = try storage(of: dispatch.sender)
            guard dispatch.zone == nil || dispatch.zone == storage.zone else {
                throw ControlFault(code: "zone-unknown", text: "that party has no session there")
            }
            guard storage.hasRoom else {
                throw ControlFault(
                    code: "outbox-full",
                    text: "\(dispatch.sender) has \(OutsideStorage.outboxLimit) unanswered messages"
                )
            }
            senders.append((storage, dispatch.message))
        }
        return senders.map { storage, message in
            let (id, numbered) = storage.number(message)
            return Numbered(storage: storage, id: id, message: numbered)
        }
    }

    /// On disk first, then into the outboxes.
    private func write(_ cause: OutsideLedger.Line.Cause, _ sent: [Numbered]) throws {
        try ledger?.append(OutsideLedger.Line(cause: cause, sent: sent.map(\.line)))
        for entry in sent { entry.storage.enqueue(entry.message) }
    }

    /// The same, with what the change does outside memory: files are written first and taken away last.
    private func write(
        _ cause: OutsideLedger.Line.Cause, _ sent: [Numbered], changing scene: inout OutsideScene
    ) throws {
        try scene.world.effects.write()
        try write(cause, sent)
        try finish(&scene.world)
    }

    /// Destroys what a change wants destroyed, in files, ledger and memory.
    func finish(_ world: inout OutsideWorld) throws {
        try world.effects.remove()
        try ledger?.erase(world.effects.erasures)
        world.forget(world.effects.erasures)
        world.effects = OutsideEffects()
    }

    private func storage(of party: ParticipantID) throws(ControlFault) -> OutsideStorage {
        guard let storage = roles.withLock({ $0[party] }) else {
            throw ControlFault(code: "party-unknown", text: "no such party is on the stage")
        }
        return storage
    }
}
