import Messaging
import Participant
import Synchronization

/// The same scene again, from the ledger (台帳からの再現), and what the living stage does in the same way.
extension OutsideStage {
    /// Brings back what earlier processes wrote; once, after everybody is cast.
    package func replay(_ lines: [OutsideLedger.Line]) throws {
        for line in lines {
            let sent = try line.sent.map { try restore($0) }
            try scene.withLock { scene in try play(line, sent, in: &scene) }
        }
        try scene.withLock { try finish(&$0.world) }
    }

    /// What was sent then is in the line: here only the scene changes.
    private func play(
        _ line: OutsideLedger.Line, _ sent: [MessageID], in scene: inout OutsideScene
    ) throws {
        switch line.cause {
        case .begun: break
        case .asked(let request):
            if let request { scene.requests[request] = Self.told(sent, nil) }
        case .took(let taken): try play(taken, in: &scene)
        case .declined(let party, let type): scene.conducts.use(party, on: type)
        case .acted(let acted):
            let (_, answer) = try Self.act(acted, in: &scene)
            guard let request = acted.request else { return }
            scene.requests[request] = Self.told(sent, answer, try line.sent.map(Self.json))
        case .behaved(let behaved): _ = Self.behave(behaved, in: &scene)
        case .released(let time): _ = scene.release(now: time)
        }
    }

    private func play(_ taken: OutsideLedger.Taken, in scene: inout OutsideScene) throws {
        let envelope = try Envelope(parsing: Array(taken.envelope.utf8))
        let incoming = Incoming(
            party: taken.party, zone: taken.zone, envelope: envelope,
            payload: try JSONValue(parsing: Array(taken.payload.utf8)), now: taken.at)
        _ = scene.take(incoming, by: OutsideParties.party(for: taken.party))
        roles.withLock { $0[taken.party] }?.remember(envelope.id, at: taken.position)
    }

    private func restore(_ sent: OutsideLedger.Sent) throws -> MessageID {
        let id = try Envelope(parsing: Array(sent.envelope.utf8)).id
        guard let storage = roles.withLock({ $0[sent.party] }) else { return id }
        // Its receiver has had it, or it could not have been destroyed there.
        guard sent.isErased != true else {
            storage.restoreAnswered(id.number.sequence)
            return id
        }
        storage.enqueue(
            NumberedMessage(
                zone: storage.zone, number: id.number, envelope: Array(sent.envelope.utf8),
                payload: Array(sent.payload.utf8)))
        return id
    }

    // MARK: - The same in both lives

    /// Throws ``ControlFault`` with the party's own code.
    static func act(
        _ acted: OutsideLedger.Acted, in scene: inout OutsideScene
    ) throws(ControlFault) -> (sent: [Dispatch], told: JSONValue) {
        do throws(PartyRefusal) {
            scene.nextAct += 1
            return try scene.act(acted.verb, acted.arguments, as: acted.party, now: acted.at)
        } catch {
            throw ControlFault(
                code: error.code, text: "\(acted.party) does not do that; VERBS.md lists the verbs")
        }
    }

    static func behave(
        _ behaved: OutsideLedger.Behaved, in scene: inout OutsideScene
    ) -> [Dispatch] {
        guard let conduct = behaved.conduct else {
            return scene.reset(behaved.party, on: behaved.type)
        }
        scene.conducts.set(conduct, of: behaved.party, on: behaved.type)
        return []
    }

    // MARK: - What the asker is told

    /// `{"id": first, "ids": […], "sent": […], "told": {…}}`.
    static func told(
        _ ids: [MessageID], _ answer: JSONValue?, _ sent: [JSONValue]? = nil
    ) -> JSONValue {
        var told: [String: JSONValue] = ["ids": .array(ids.map { .string($0.rawValue) })]
        told["id"] = (ids.first?.rawValue).map(JSONValue.string)
        told["told"] = answer
        told["sent"] = sent.map(JSONValue.array)
        return .object(told)
    }

    static func json(_ sent: OutsideLedger.Sent) throws -> JSONValue {
        let envelope = try Envelope(parsing: Array(sent.envelope.utf8))
        return [
            "id": .string(envelope.id.rawValue), "type": .string(envelope.topic.rawValue),
            "from": .string(envelope.source.rawValue),
            "to": .array(envelope.recipients.map { .string($0.rawValue) }),
            "correlation": .string(envelope.correlation.rawValue),
            "payload": try JSONValue(parsing: Array(sent.payload.utf8)),
        ]
    }

    /// An act without a case of its own begins one.
    static func withCorrelation(_ arguments: JSONValue, _ name: String) -> JSONValue {
        var members = arguments.object ?? [:]
        if members["correlation"] == nil {
            let text = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            members["correlation"] = .string("act-" + text.prefix(100))
        }
        return .object(members)
    }
}
