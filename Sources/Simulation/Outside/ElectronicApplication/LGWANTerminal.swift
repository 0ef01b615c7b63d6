import Messaging
import Participant

/// LGWAN接続端末: holds 個人番号付電子申請データ for a short time, verifies its signature, hands it over on an
/// encrypted medium (A6-02) and destroys both temporary copies.
///
/// What only a person does here is in `LGWANTerminal+Operations`.
struct LGWANTerminal: OutsideParty {
    static let eApplication = OutsideParties.identity("eApplication")
    static let register = OutsideParties.identity("residentRegister")
    static let hub = OutsideParties.identity("hub")
    /// The terminal an operator of 電子申請 must sit at.
    static let terminal = "LG-01"

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "e-application.downloaded": return try download(message, in: &world)
        case "e-application.imported": return try close(message, in: &world)
        default: throw .typeUnexpected
        }
    }

    // MARK: - A6-01

    private func download(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        let arrival = try Arrival(message, world.people)
        var chain =
            world[LGWANBook.self][arrival.number] ?? ApplicationChain(person: arrival.person)
        let former = chain.newest
        if var known = chain[arrival.version] {
            // Stored once: what comes again changes nothing, and is destroyed with the rest.
            known.messages.append(message.envelope.id)
            let isOther = known.content.map { $0 != message.payload } ?? false
            chain[arrival.version] = known
            world[LGWANBook.self][arrival.number] = chain
            if known.content == nil {
                world.effects.erasures[message.envelope.id] = arrival.remainder(nil)
            }
            return isOther
                ? [status(of: arrival, "returned", code: "version-conflict", message)] : []
        }
        let code = arrival.verdict(of: message, in: world[LGWANBook.self].equipment)
        chain[arrival.version] = ApplicationChain.Version(
            messages: [message.envelope.id], correlation: message.envelope.correlation,
            state: code.map { .rejected(code: $0) } ?? .verified,
            content: code == nil && !arrival.isErased ? message.payload : nil)
        world[LGWANBook.self][arrival.number] = chain
        if let code {
            // What may never go on is not kept either.
            world.effects.erasures[message.envelope.id] = arrival.remainder(code)
            return [
                status(of: arrival, "returned", code: code, message),
                Self.audit(
                    "e-application.verified", code: code, step: "A6-01", arrival.number,
                    message.envelope.correlation),
            ]
        }
        var sent = [
            status(of: arrival, arrival.version < former ? "superseded" : "received", message)
        ]
        if former > 0, former < arrival.version {
            let older = Arrival(number: arrival.number, version: former, person: arrival.person)
            sent.append(status(of: older, "superseded", message))
        }
        sent.append(
            Self.audit(
                "e-application.verified", code: nil, step: "A6-01", arrival.number,
                message.envelope.correlation))
        return sent
    }

    // MARK: - A6-02, the answer

    /// The register has answered: the medium is erased, and unless only an older version was refused the
    /// terminal's copies go too.
    private func close(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let entry = message.payload["ledgerEntryId"]?.string,
            let result = message.payload["result"]?.string
        else { throw PartyRefusal(code: "payload-incomplete") }
        guard let (number, version) = world[LGWANBook.self].chain(on: entry),
            var chain = world[LGWANBook.self][number],
            let medium = world[LGWANBook.self].media.entries.first(where: { $0.id == entry })?.use
                .medium
        else { throw PartyRefusal(code: "ledger-entry-unknown") }
        let code = message.payload["code"]?.string ?? "refused-by-register"
        let hasIt = result != "refused"
        chain[version]?.state = hasIt ? .imported : .refused(code: code)
        let isOlder = !hasIt && code == "older-version"
        let copies = chain.stored
        if !isOlder { Self.purge(&chain, number, in: &world) }
        world[LGWANBook.self][number] = chain
        let arrival = Arrival(number: number, version: version, person: chain.person)
        var sent: [Dispatch] = []
        if let erasure = Self.erase(medium, now: message.now, in: &world) {
            sent.append(
                Self.audit(
                    "media.ledger.erased", code: nil, step: "A6-02", erasure.record,
                    message.envelope.correlation))
            if !isOlder {
                sent.append(
                    .answer(
                        to: message, "e-application.purged/v1", step: "A6-02",
                        [
                            "applicationNumber": .string(number), "version": .integer(version),
                            "ledgerEntryId": .string(entry), "mediumId": .string(medium),
                            "terminalPurgedAt": .string(message.now.rfc3339),
                            "purgedCopies": .integer(max(1, copies)),
                            "mediumErasedAt": .string(erasure.at.rfc3339),
                            "eraseRecordId": .string(erasure.record),
                        ]))
            }
        }
        switch result {
        case "accepted": sent.append(status(of: arrival, "completed", message))
        case "manual": sent.append(status(of: arrival, "inProgress", message))
        case _ where isOlder: sent.append(status(of: arrival, "superseded", message))
        case _: sent.append(status(of: arrival, "returned", code: code, message))
        }
        return sent
    }

    // MARK: - Destroying

    /// Forgets the terminal's copies of all versions, in memory and on disk.
    static func purge(
        _ chain: inout ApplicationChain, _ number: String, in world: inout OutsideWorld
    ) {
        for (version, message) in chain.purge() {
            let code: String? =
                if case .rejected(let code) = chain[version]?.state { code } else { nil }
            let arrival = Arrival(number: number, version: version, person: chain.person)
            world.effects.erasures[message] = arrival.remainder(code)
        }
    }

    /// Erases a medium in use, with the record of it; nil where it is not in use.
    static func erase(
        _ medium: String, now: Instant, in world: inout OutsideWorld
    ) -> MediaLedger.Erasure? {
        let open = world[LGWANBook.self].media.open(on: medium)
        if let writer = world[LGWANBook.self].equipment?.medium {
            world.effects.removals += open.map { writer.path(of: $0.id) }
        }
        return try? world[LGWANBook.self].erase(medium, now: now)
    }

    // MARK: - What it sends

    private func status(
        of arrival: Arrival, _ status: String, code: String? = nil, _ cause: Incoming
    ) -> Dispatch {
        var payload: [String: JSONValue] = [
            "applicationNumber": .string(arrival.number), "version": .integer(arrival.version),
            "status": .string(status),
        ]
        payload["code"] = code.map(JSONValue.string)
        return Dispatch(
            sender: cause.party, zone: cause.zone,
            message: OutgoingMessage(
                topic: StaticTopic("e-application.status.updated/v1").topic,
                recipients: [Self.eApplication], step: StaticStep("A6-01").step,
                correlation: cause.envelope.correlation, causation: cause.envelope.id,
                payload: JSONValue.object(payload).encoded))
    }

    /// The terminal's own record: what was done, with which result, and no content.
    static func audit(
        _ operation: String, code: String?, step: StaticStep, _ reference: String,
        _ correlation: CorrelationID
    ) -> Dispatch {
        var payload: [String: JSONValue] = [
            "operation": .string(operation), "result": .string(code == nil ? "done" : "refused"),
            "step": .string(step.step.rawValue), "reference": .string(reference),
        ]
        payload["code"] = code.map(JSONValue.string)
        return Dispatch(
            sender: OutsideParties.identity("lgwanTerminal"), zone: nil,
            message: OutgoingMessage(
                topic: StaticTopic("audit.record/v1").topic, recipients: [hub], step: step.step,
                correlation: correlation, payload: JSONValue.object(payload).encoded))
    }
}
