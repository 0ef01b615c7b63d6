import BusProtocol
import Foundation
import Logging
import Messaging
import Participant
import Synchronization
import Testing
import ZeroMQ

struct FixedTime: TimeSource {
    func now() -> Instant { Instant(secondsSince1970: 1_759_708_800) }
}

/// A participant on a thread of its own over a memory storage (試験台).
final class Bench: Sendable {
    let participant: Participant
    let storage: MemoryStorage
    let outcome = Mutex<(isOver: Bool, error: (any Error)?)>((false, nil))
    private let thread: Mutex<SocketThread?> = Mutex(nil)

    init(
        endpoint: String, zone: String = "bench", incarnation: UInt64 = 5,
        limits: ParticipantLimits = Bench.limits(),
        handler: @escaping MemoryStorage.Handler = { _, _ in .accepted }
    ) throws {
        let keys = try CurveKeyPair.generate()
        let hub = try #require(ScriptedHub.keys)
        let zone = try ZoneID(zone)
        let storage = try MemoryStorage(
            source: ParticipantID("benchProducer/1"), organisation: OrganisationCode("082015"),
            zones: [zone], incarnation: incarnation, clock: FixedTime(), handler: handler)
        let configuration = try ParticipantConfiguration(
            participant: ParticipantID("benchProducer/1"), catalogueDigest: nil, software: "tests",
            zones: [
                ZoneAccess(
                    zone: zone, endpoint: endpoint, hubKey: hub.publicKey,
                    secretKey: keys.secretKey)
            ], limits: limits)
        var logger = Logger(label: "participant") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        self.storage = storage
        participant = try Participant(
            configuration: configuration, storage: { storage }, clock: FixedTime(), logger: logger)
        let started = try SocketThread(name: "participant") { [self] in
            do {
                try participant.run()
                outcome.withLock { $0 = (true, nil) }
            } catch {
                outcome.withLock { $0 = (true, error) }
            }
        }
        thread.withLock { $0 = started }
    }

    static func limits() -> ParticipantLimits {
        var limits = ParticipantLimits()
        limits.backoffCeiling = .milliseconds(200)
        limits.greetingTimeout = .milliseconds(500)
        return limits
    }

    func publish(_ text: String) throws {
        try storage.publish(
            OutgoingMessage(
                topic: Topic("bench.message/v1"), recipients: [ParticipantID("benchConsumer/1")],
                correlation: CorrelationID("case-1"), payload: Array(text.utf8)),
            in: ZoneID("bench"))
    }

    func stop() {
        participant.stop()
        thread.withLock { $0 }?.join()
    }

    var error: (any Error)? { outcome.withLock { $0.error } }
    var isOver: Bool { outcome.withLock { $0.isOver } }
}

/// Waits for a condition, at most ten seconds; looks every few milliseconds because it spans
/// threads without a common signal.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        usleep(2000)
    }
    return false
}

private func freshEndpoint() -> String {
    "ipc:///tmp/jukihub-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
}

@Suite("A participant against a scripted hub", .serialized)
struct ParticipantTests {
    @Test("Messages are published in order, once, within credit, and acknowledged")
    func publishing() throws {
        let hub = try ScriptedHub(endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        for index in 1...1000 { try bench.publish("{\"n\":\(index)}") }
        #expect(eventually { (try? bench.storage.unanswered(in: ZoneID("bench"))) == 0 })
        bench.stop()
        let journal = hub.stop()
        #expect(journal.committed.map(\.sequence) == Array(1...1000))
        #expect(journal.hellos.count == 1)
        #expect(bench.error == nil && bench.isOver)
    }

    @Test("Deliveries are applied once each and settled, whatever becomes of them")
    func delivering() throws {
        let applied = Mutex<[UInt64: Int]>([:])
        let hub = try ScriptedHub(endpoint: freshEndpoint())
        for position in 1...3000 { hub.deliver(UInt64(position), Array("{}".utf8)) }
        let bench = try Bench(endpoint: hub.endpoint) { message, _ in
            let position = message.position.rawValue
            applied.withLock { $0[position, default: 0] += 1 }
            switch position % 1000 {
            case 1: return .retryLater(after: .seconds(1), code: "later")
            case 2: return .failed(code: "bad")
            case 3: return .refused(code: "Not A Code")
            default: return .accepted
            }
        }
        #expect(eventually { hub.journal.withLock { $0.waiting.isEmpty } })
        bench.stop()
        let journal = hub.stop()
        #expect(applied.withLock { $0.count == 3000 && $0.values.allSatisfy { $0 == 1 } })
        #expect(journal.settled.count == 2991)
        let codes = Dictionary(grouping: journal.negative, by: \.code).mapValues(\.count)
        #expect(codes == ["later": 3, "bad": 3, "unspecified": 3])
    }

    @Test("A hub that dies and comes back finds everything once, and nothing is applied twice")
    func restarts() throws {
        let endpoint = freshEndpoint()
        let applied = Mutex<[UInt64: Int]>([:])
        var hub = try ScriptedHub(endpoint: endpoint)
        let bench = try Bench(endpoint: endpoint) { message, _ in
            applied.withLock { $0[message.position.rawValue, default: 0] += 1 }
            return .accepted
        }
        for round in 0..<4 {
            for index in 1...200 {
                try bench.publish("{}")
                hub.deliver(UInt64(round * 200 + index), Array("{}".utf8))
            }
            let enough = round * 200 + 50
            #expect(eventually { hub.journal.withLock { $0.committed.count >= enough } })
            hub = try ScriptedHub(journal: hub.stop(), endpoint: endpoint)
        }
        #expect(eventually { (try? bench.storage.unanswered(in: ZoneID("bench"))) == 0 })
        #expect(eventually { hub.journal.withLock { $0.waiting.isEmpty } })
        bench.stop()
        let journal = hub.stop()
        #expect(journal.committed.map(\.sequence) == Array(1...800))
        #expect(applied.withLock { $0.count == 800 && $0.values.allSatisfy { $0 == 1 } })
        #expect(journal.hellos.count >= 4)
    }

    @Test("A refusal reaches storage with its place, and what is behind it proceeds")
    func refusals() throws {
        var script = ScriptedHub.Script()
        script.refused = [2]
        script.maxMessageBytes = 1000
        let hub = try ScriptedHub(script, endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        try bench.publish("{}")
        try bench.publish("{}")
        try bench.publish("\"" + String(repeating: "x", count: 2000) + "\"")
        try bench.publish("{}")
        let zone = try ZoneID("bench")
        #expect(eventually { bench.storage.unanswered(in: zone) == 0 })
        bench.stop()
        #expect(hub.stop().committed.count == 4)
        let refusals = bench.storage.refusals(in: zone)
        #expect(refusals.map(\.sequence) == [2, 3])
        #expect(refusals.map(\.code) == ["payload-invalid", "message-too-large"])
        #expect(refusals.map(\.pointer) == ["/a", nil])
    }

    @Test(
        "Faults that need an operator end the participant with their code",
        arguments: [FaultCode.catalogueMismatch, .journalRolledBack, .unsupportedVersion])
    func finalFaults(code: FaultCode) throws {
        var script = ScriptedHub.Script()
        script.greetingFault = ProtocolFault(code, "script")
        let hub = try ScriptedHub(script, endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        #expect(eventually { bench.isOver })
        #expect((bench.error as? ParticipantError)?.code == code.rawValue)
        _ = hub.stop()
    }

    @Test("A superseded participant stops", arguments: [FaultCode.superseded, .staleEpoch])
    func superseded(code: FaultCode) throws {
        var script = ScriptedHub.Script()
        script.publishFault = ProtocolFault(code, "script")
        let hub = try ScriptedHub(script, endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        try bench.publish("{}")
        #expect(eventually { bench.isOver })
        #expect((bench.error as? ParticipantError)?.code == code.rawValue)
        _ = hub.stop()
    }

    @Test("A journal that went back behind what it acknowledged ends the participant")
    func rolledBack() throws {
        let endpoint = freshEndpoint()
        var hub = try ScriptedHub(endpoint: endpoint)
        let bench = try Bench(endpoint: endpoint)
        for _ in 0..<5 { try bench.publish("{}") }
        #expect(eventually { (try? bench.storage.unanswered(in: ZoneID("bench"))) == 0 })
        var journal = hub.stop()
        journal.committed.removeLast()
        hub = try ScriptedHub(journal: journal, endpoint: endpoint)
        #expect(eventually { bench.isOver })
        #expect((bench.error as? ParticipantError)?.code == "journal-rolled-back")
        _ = hub.stop()
    }

    @Test("A hub of another zone ends the participant")
    func wrongZone() throws {
        var script = ScriptedHub.Script()
        script.zone = "lgwan"
        let hub = try ScriptedHub(script, endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        #expect(eventually { bench.isOver })
        #expect((bench.error as? ParticipantError)?.code == "wrong-zone")
        _ = hub.stop()
    }

    @Test("An error of the storage ends the participant with that error")
    func storageError() throws {
        struct DiskFull: Error {}
        let hub = try ScriptedHub(endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint) { _, _ in throw DiskFull() }
        hub.deliver(1, Array("{}".utf8))
        #expect(eventually { bench.isOver })
        #expect(bench.error is DiskFull)
        #expect(hub.stop().settled.isEmpty)
    }

    @Test("A full hub gets nothing more published for a while, and deliveries go on")
    func fullHub() throws {
        var script = ScriptedHub.Script()
        script.publishFault = ProtocolFault(.hubFull, "script")
        let hub = try ScriptedHub(script, endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint)
        try bench.publish("{}")
        #expect(eventually { hub.journal.withLock { $0.hellos.count == 2 } })
        hub.deliver(1, Array("{}".utf8))
        #expect(eventually { hub.journal.withLock { $0.settled.contains(1) } })
        #expect(hub.journal.withLock { $0.farewells } == 1)
        bench.stop()
        #expect(hub.stop().committed.isEmpty && bench.error == nil)
    }

    @Test("A handler's own messages follow in the same session")
    func replies() throws {
        let hub = try ScriptedHub(endpoint: freshEndpoint())
        let bench = try Bench(endpoint: hub.endpoint) { message, storage in
            try storage.publish(
                OutgoingMessage(
                    topic: Topic("bench.message/v1"), recipients: [message.envelope.source],
                    correlation: message.envelope.correlation, causation: message.envelope.id,
                    payload: message.payload),
                in: message.zone)
            return .accepted
        }
        for position in 1...10 { hub.deliver(UInt64(position), Array("{\"n\":1}".utf8)) }
        #expect(eventually { hub.journal.withLock { $0.committed.count == 10 } })
        bench.stop()
        #expect(hub.stop().settled.count == 10)
    }

    @Test("An operator asks and is answered, refused, or told that nobody answers")
    func operators() throws {
        let hub = try ScriptedHub(endpoint: freshEndpoint())
        let keys = try CurveKeyPair.generate()
        let hubKeys = try #require(ScriptedHub.keys)
        let access = try ZoneAccess(
            zone: ZoneID("bench"), endpoint: hub.endpoint, hubKey: hubKeys.publicKey,
            secretKey: keys.secretKey)
        let session = try OperatorSession(
            participant: ParticipantID("operator/sato"), access: access, software: "tests")
        try session.connect(timeout: .seconds(5))
        let arguments = Array(#"{"a":[1,2]}"#.utf8)
        #expect(
            try session.request("echo", arguments: arguments, timeout: .seconds(5)) == arguments)
        #expect(throws: OperatorReply.Failure.self) {
            try session.request("nonsense", arguments: Array("{}".utf8), timeout: .seconds(5))
        }
        #expect(
            throws: OperatorSessionError(
                code: "timed-out", text: "no answer from the hub of bench in time")
        ) {
            try session.request(
                "silence", arguments: Array("{}".utf8), timeout: .milliseconds(200))
        }
        let restarted = try ScriptedHub(journal: hub.stop(), endpoint: hub.endpoint)
        // What goes out before libzmq has noticed the broken connection is lost, and nobody asks twice
        // by itself: the tool says `timed-out`, and its user asks again.
        #expect(
            eventually {
                (try? session.request("echo", arguments: arguments, timeout: .seconds(2)))
                    == arguments
            })
        #expect(restarted.stop().operations == ["echo", "nonsense", "silence", "echo"])
        #expect(throws: OperatorSessionError.self) {
            try session.request("echo", arguments: arguments, timeout: .milliseconds(300))
        }
    }
}
