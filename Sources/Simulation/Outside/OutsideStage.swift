package import Logging
package import Messaging
package import Participant
import Synchronization

/// The parties on their sessions, with the one world between them (対向模擬の舞台).
///
/// Messages of all parties change the world one at a time, under one lock; what they send is in the sender's own
/// outbox before the change stands.
package final class OutsideStage: Sendable {
    private struct Role: Sendable {
        let zone: ZoneID
        let storage: MemoryStorage
    }

    private let world: Mutex<OutsideWorld>
    private let roles: Mutex<[ParticipantID: Role]>
    private let logger: Logger

    package init(people: People, logger: Logger) {
        world = Mutex(OutsideWorld(people: people))
        roles = Mutex([:])
        self.logger = logger
    }

    /// Gives `identity` its storage; its session takes part with that.
    package func cast(
        _ identity: ParticipantID, zone: ZoneID, organisation: OrganisationCode,
        incarnation: UInt64, clock: any TimeSource
    ) -> MemoryStorage {
        let party = OutsideParties.party(for: identity)
        let storage = MemoryStorage(
            source: identity, organisation: organisation, zones: [zone], incarnation: incarnation,
            clock: clock
        ) { [weak self] message, _ in
            guard let self else { return .retryLater(after: nil, code: "stopping") }
            return self.receive(message, as: identity, party)
        }
        roles.withLock { $0[identity] = Role(zone: zone, storage: storage) }
        return storage
    }

    /// Puts a message into its sender's outbox; throws where nobody of that name is on the stage.
    @discardableResult
    package func send(_ dispatch: Dispatch) throws -> MessageID {
        guard let role = roles.withLock({ $0[dispatch.sender] }) else {
            throw ControlFault(code: "party-unknown", text: "no such party is on the stage")
        }
        return try role.storage.publish(dispatch.message, in: dispatch.zone ?? role.zone)
    }

    package func facts(of party: ParticipantID, about key: String?) throws(ControlFault) -> JSONValue {
        try world.withLock { (world) throws(ControlFault) in
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
        world.withLock { $0.messages(of: party) }
    }

    /// What the outside has learned of a person's numbers inside city hall.
    package func identifiers(of key: String) -> JSONValue {
        world.withLock { world in
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
        for (identity, role) in roles.withLock({ $0 }) {
            let refusals = role.storage.refusals(in: role.zone)
            guard !refusals.isEmpty else { continue }
            found[identity.rawValue] = .array(
                refusals.map {
                    ["code": .string($0.code), "pointer": $0.pointer.map(JSONValue.string) ?? .null]
                })
        }
        return .object(found)
    }

    var parties: [ParticipantID] { roles.withLock { $0.keys.sorted() } }

    private func receive(
        _ message: ReceivedMessage, as identity: ParticipantID, _ party: any OutsideParty
    ) -> Settlement {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: message.payload)
        } catch {
            // The hub has validated it; the error's text could quote it.
            return .refused(code: "payload-unreadable")
        }
        let incoming = Incoming(
            party: identity, zone: message.zone, envelope: message.envelope, payload: payload)
        return world.withLock { world in
            var changed = world
            do throws(PartyRefusal) {
                let consequences = try party.receive(incoming, in: &changed)
                changed.remember(
                    LoggedMessage(
                        id: message.envelope.id, topic: message.envelope.topic,
                        source: message.envelope.source, correlation: message.envelope.correlation,
                        payload: payload),
                    of: identity)
                for dispatch in consequences {
                    do {
                        try send(dispatch)
                    } catch {
                        logger.error(
                            "outside.unsent", metadata: ["party": "\(dispatch.sender)"])
                        return .retryLater(after: nil, code: "outbox-unavailable")
                    }
                }
                world = changed
                return .accepted
            } catch {
                return .refused(code: error.code)
            }
        }
    }
}
