package import Logging
import Messaging
import Participant
import Platform
import Synchronization
import ZeroMQ

/// The process that plays everybody outside city hall (対向システム模擬): each party with its own identity, key and
/// session, one world between them, and a control socket for the scenario.
///
/// A lab only: the process holds the keys of all parties, which production gives to none.
package final class OutsideProcess: Sendable {
    private let configuration: OutsideConfiguration
    private let stage: OutsideStage
    private let sessions: [Session]
    private let wake: WakeDescriptor
    private let stopping = Atomic(false)
    private let failure = Mutex<(any Error)?>(nil)
    private let logger: Logger

    private struct Session: Sendable {
        let participant: Participant
        let name: String
    }

    private init(
        configuration: OutsideConfiguration, stage: OutsideStage, sessions: [Session],
        wake: WakeDescriptor, logger: Logger
    ) {
        self.configuration = configuration
        self.stage = stage
        self.sessions = sessions
        self.wake = wake
        self.logger = logger
    }

    /// Reads people, keys and clock, and puts every party of `configuration` on the stage.
    package static func build(
        _ configuration: OutsideConfiguration, logger: Logger
    ) throws -> OutsideProcess {
        let people = try PeopleFile.read(configuration.people)
        let clock = try LabClock(path: configuration.clock, createIfMissing: false)
        let (ledger, lines) = try OutsideLedger.open(configuration.ledger)
        let stage = OutsideStage(people: people, ledger: ledger, logger: logger)
        if let files = configuration.electronicApplication {
            stage.equip(try ElectronicApplicationEquipment(files))
        }
        if let path = configuration.permissionLists {
            stage.equip(try PermissionLists(file: path))
        }
        for party in OutsideParties.withoutSession {
            // Only other parties of this process reach them (L-20); the zone is never used.
            _ = stage.cast(
                party, zone: LabCast.lgwan, organisation: configuration.organisation,
                incarnation: ledger.incarnation, clock: clock)
        }
        var sessions: [Session] = []
        for access in configuration.parties {
            let storage = stage.cast(
                access.participant, zone: access.zone, organisation: configuration.organisation,
                incarnation: ledger.incarnation, clock: clock)
            let settings = ParticipantConfiguration(
                participant: access.participant, catalogueDigest: nil,
                software: "jukihub outside",
                zones: [
                    try ZoneAccess(
                        zone: access.zone, endpoint: access.endpoint,
                        hubKey: access.hubPublicKey,
                        secretKey: try SecretFile.readCurveKey(access.secretKeyFile))
                ], majors: try access.spokenMajors())
            sessions.append(
                Session(
                    participant: try Participant(
                        configuration: settings, storage: { storage }, clock: clock,
                        logger: logger),
                    name: access.participant.rawValue))
        }
        try stage.replay(lines)
        return OutsideProcess(
            configuration: configuration, stage: stage, sessions: sessions,
            wake: try WakeDescriptor(), logger: logger)
    }

    /// Plays until `stop` or a control request ends it; throws what ended a session.
    package func run() throws {
        let context = try Context(maxSockets: 4)
        defer { context.close() }
        let control = try ControlSocket(
            endpoint: configuration.control, in: context, wake: wake)
        var threads: [SocketThread] = []
        defer {
            for session in sessions { session.participant.stop() }
            for thread in threads { thread.join() }
        }
        for session in sessions {
            threads.append(
                try SocketThread(name: session.name) { [self] in
                    do {
                        try session.participant.run()
                    } catch {
                        fail(error, session.name)
                    }
                })
        }
        logger.info("outside.ready", metadata: ["parties": "\(sessions.count)"])
        try control.serve(
            until: { [self] in stopping.load(ordering: .acquiring) },
            answering: { [self] in answer($0) })
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Makes `run` return; from any thread.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wake.signal()
    }

    private func fail(_ error: any Error, _ session: String) {
        logger.error("outside.session-ended", metadata: ["party": "\(session)"])
        failure.withLock { if $0 == nil { $0 = error } }
        stop()
    }

    private func answer(_ request: JSONValue) -> JSONValue {
        do throws(ControlFault) {
            return ["ok": try carryOut(try ControlRequest(request))]
        } catch {
            return ["error": ["code": .string(error.code), "message": .string(error.text)]]
        }
    }

    /// What changes the scene: where the ledger does not take it, its number is used up and nothing can follow.
    private func durably(_ body: () throws -> JSONValue) throws(ControlFault) -> JSONValue {
        do {
            return try body()
        } catch let fault as ControlFault {
            throw fault
        } catch {
            fail(error, "control")
            throw ControlFault(code: "outbox-unavailable", text: "\(error)")
        }
    }

    private func carryOut(_ request: ControlRequest) throws(ControlFault) -> JSONValue {
        switch request {
        case .inject(let dispatch, let request):
            return try durably { try stage.send(dispatch, request: request) }
        case .act(let verb, let arguments, let party, let request):
            return try durably {
                try stage.act(verb, arguments, as: party, request: request)
            }
        case .behave(let party, let type, let conduct):
            return try durably {
                try stage.behave(party, on: type, conduct)
                return [:]
            }
        case .outcome(let party, let id): return try stage.outcome(of: id, from: party)
        case .state(let party, let person):
            return ["facts": try stage.facts(of: party, about: person)]
        case .received(let party, let type, let correlation):
            let messages = stage.messages(of: party).filter {
                (type == nil || $0.topic.rawValue == type || $0.topic.type.rawValue == type)
                    && (correlation == nil || $0.correlation.rawValue == correlation)
            }
            return ["messages": .array(messages.map(\.json))]
        case .identifiers(let person): return stage.identifiers(of: person)
        case .refusals: return stage.refusals()
        case .parties: return .array(stage.parties.map { .string($0.rawValue) })
        case .stop:
            stop()
            return [:]
        }
    }
}

extension LoggedMessage {
    fileprivate var json: JSONValue {
        [
            "id": .string(id.rawValue), "type": .string(topic.rawValue),
            "source": .string(source.rawValue), "correlation": .string(correlation.rawValue),
            "payload": payload,
        ]
    }
}
