import BusProtocol
import Messaging
import Synchronization
import ZeroMQ

/// A small hub in this process (試験用連携基盤): a ROUTER with CURVE that keeps a journal in memory and
/// does what the test says.
///
/// It speaks `wire-protocol.md` for one participant. `stop` and a new one on the same `Journal` and
/// endpoint is a restart.
final class ScriptedHub: Sendable {
    /// What outlives a restart.
    struct Journal: Sendable {
        var epoch: UInt32 = 0
        var committed: [(incarnation: UInt64, sequence: UInt64, payload: [UInt8])] = []
        var waiting: [UInt64: [UInt8]] = [:]
        var settled: Set<UInt64> = []
        var negative: [(sequence: UInt64, code: String)] = []
        var hellos: [Hello] = []
        var operations: [String] = []
        var farewells = 0
    }

    struct Script: Sendable {
        var zone = "bench"
        var heartbeatMilliseconds: UInt32 = 100
        var publishCredit = CreditGrant(messages: 64, bytes: 1 << 20)
        var maxMessageBytes: UInt64 = 100_000
        /// Told instead of WELCOME.
        var greetingFault: ProtocolFault?
        /// Told at the first PUB after so many sessions.
        var publishFault: ProtocolFault?
        /// Numbers refused for good.
        var refused: Set<UInt64> = []
        /// Told in WELCOME instead of the truth.
        var committedSequence: UInt64?
        /// Deliveries are never sent.
        var holdsDeliveries = false
    }

    static let keys = try? CurveKeyPair.generate()

    let journal: Mutex<Journal>
    let endpoint: String
    private let script: Script
    private let stopping = Atomic(false)
    private let wake: WakeDescriptor
    private let thread: Mutex<SocketThread?> = Mutex(nil)

    init(
        _ script: Script = Script(), journal: Journal = Journal(), endpoint: String
    ) throws {
        self.script = script
        self.journal = Mutex(journal)
        self.endpoint = endpoint
        wake = try WakeDescriptor()
        let started = try SocketThread(name: "scripted-hub") { [self] in
            do { try loop() } catch { preconditionFailure("the scripted hub failed: \(error)") }
        }
        thread.withLock { $0 = started }
    }

    /// Stops without a goodbye, as a killed process does.
    func stop() -> Journal {
        stopping.store(true, ordering: .releasing)
        wake.signal()
        thread.withLock { $0 }?.join()
        return journal.withLock { $0 }
    }

    func deliver(_ position: UInt64, _ payload: [UInt8]) {
        journal.withLock { $0.waiting[position] = payload }
        wake.signal()
    }

    private struct Session {
        let peer: [UInt8]
        let epoch: UInt32
        let incarnation: UInt64
        var publish: CreditWindow
        var delivery: CreditWindow?
        var next: UInt64 = 1
        var inFlight: [UInt64: UInt64] = [:]
    }

    private func loop() throws {
        let context = try Context(maxSockets: 8)
        defer { context.close() }
        var zap = try ZAPHandler(in: context)
        let router = try Socket(.router, in: context)
        guard let keys = Self.keys else { return }
        try router.set(.lingerMilliseconds(0))
        try router.curveServer(secretKey: keys.secretKey)
        try router.bind(endpoint)
        var session: Session?
        var writer = FrameWriter()
        while !stopping.load(ordering: .acquiring) {
            var poller = Poller()
            _ = poller.add(zap.socket, for: .readable)
            _ = poller.add(router, for: .readable)
            _ = poller.add(wake.fileDescriptor, for: .readable)
            _ = try poller.wait(milliseconds: 50)
            wake.drain()
            try zap.handleAll { _ in .accept(userID: "client") }
            var peer = Message()
            var head = Message()
            var body = Message()
            while case .frame = try router.receive(into: &peer) {
                _ = try router.receive(into: &head)
                _ = try router.receive(into: &body)
                try take(
                    ControlFrame(parsing: head.bytes), body.array(), from: peer.array(), &session,
                    &writer, router)
            }
            try deliver(&session, &writer, router)
        }
    }

    private func post(
        _ writer: inout FrameWriter, to peer: [UInt8], _ router: borrowing Socket
    ) throws {
        guard try router.send(peer, more: true) == .sent else { return }
        _ = try router.send(writer.control, more: true)
        _ = try router.send(writer.body)
    }

    private func fault(
        _ fault: ProtocolFault, _ epoch: UInt32, _ peer: [UInt8], _ writer: inout FrameWriter,
        _ router: borrowing Socket
    ) throws {
        writer.write(.fault, epoch: epoch, sequence: 0, record: WireJSON.encode(fault))
        try post(&writer, to: peer, router)
    }

    private func take(
        _ control: ControlFrame, _ body: [UInt8], from peer: [UInt8], _ session: inout Session?,
        _ writer: inout FrameWriter, _ router: borrowing Socket
    ) throws {
        if control.verb == .hello {
            return try greet(control, body, peer, &session, &writer, router)
        }
        guard var live = session, live.peer == peer, live.epoch == control.epoch else {
            let code: FaultCode = session?.peer == peer ? .staleEpoch : .helloRequired
            return try fault(
                ProtocolFault(code, "script"), control.epoch, peer, &writer, router)
        }
        defer { session = live }
        let span = body.span
        switch control.verb {
        case .pub:
            if let told = script.publishFault {
                return try fault(told, live.epoch, peer, &writer, router)
            }
            try publish(control, body, &live, &writer, router)
        case .subscribe:
            live.delivery = try CreditWindow(
                initial: CreditGrant(
                    parsing: span, at: BodyReader.single(control, body: span)))
        case .credit:
            try live.delivery?.add(
                CreditGrant(parsing: span, at: BodyReader.single(control, body: span)))
        case .ack:
            var ranges = AckRanges()
            try ranges.parse(control, body: span, highest: live.next - 1)
            for sequence in ranges.ranges.flatMap({ Array($0) }) {
                guard let position = live.inFlight.removeValue(forKey: sequence) else { continue }
                journal.withLock {
                    $0.waiting[position] = nil
                    $0.settled.insert(position)
                }
            }
        case .nak, .term:
            var reader = try BodyReader(control, body: span)
            while let record = reader.next(in: span) {
                let answer: (UInt64, String)
                if control.verb == .nak {
                    let nak = try NegativeAcknowledgement(parsing: span, at: record)
                    answer = (nak.deliverySequence, nak.reason)
                } else {
                    let term = try Termination(parsing: span, at: record)
                    answer = (term.deliverySequence, term.reason)
                }
                let position = live.inFlight.removeValue(forKey: answer.0) ?? 0
                journal.withLock {
                    $0.waiting[position] = nil
                    $0.negative.append((position, answer.1))
                }
            }
        case .ping:
            writer.write(.pong, epoch: live.epoch, sequence: control.sequence)
            try post(&writer, to: peer, router)
        case .request:
            let request = try OperatorRequest(
                parsing: span, at: BodyReader.single(control, body: span))
            journal.withLock { $0.operations.append(request.operation) }
            let reply =
                request.operation == "echo"
                ? OperatorReply.ok(request.arguments)
                : .error(.init(code: "unknown-operation", message: "no", hint: "echo"))
            guard request.operation != "silence" else { return }
            writer.write(
                .reply, epoch: live.epoch, sequence: control.sequence, record: reply.encoded())
            try post(&writer, to: peer, router)
        case .bye: journal.withLock { $0.farewells += 1 }
        default: break
        }
    }

    private func greet(
        _ control: ControlFrame, _ body: [UInt8], _ peer: [UInt8], _ session: inout Session?,
        _ writer: inout FrameWriter, _ router: borrowing Socket
    ) throws {
        let span = body.span
        let hello = try Hello(parsing: span, at: BodyReader.single(control, body: span))
        let (epoch, committed) = journal.withLock { journal in
            journal.hellos.append(hello)
            journal.epoch += 1
            let mine = journal.committed.filter { $0.incarnation == hello.incarnation }
            return (journal.epoch, mine.map(\.sequence).max() ?? 0)
        }
        if let told = script.greetingFault { return try fault(told, 0, peer, &writer, router) }
        session = Session(
            peer: peer, epoch: epoch, incarnation: hello.incarnation,
            publish: try CreditWindow(initial: script.publishCredit))
        let welcome = Welcome(
            zone: script.zone, epoch: epoch, journalIncarnation: 77,
            committedSequence: script.committedSequence ?? committed,
            publishCreditMessages: script.publishCredit.messages,
            publishCreditBytes: script.publishCredit.bytes,
            maxMessageBytes: script.maxMessageBytes, catalogue: nil,
            heartbeatMilliseconds: script.heartbeatMilliseconds,
            time: "2025-10-06T09:00:00.000+09:00")
        writer.write(.welcome, epoch: epoch, sequence: 0, record: WireJSON.encode(welcome))
        try post(&writer, to: peer, router)
    }

    private func publish(
        _ control: ControlFrame, _ body: [UInt8], _ live: inout Session,
        _ writer: inout FrameWriter, _ router: borrowing Socket
    ) throws {
        let span = body.span
        var reader = try BodyReader(control, body: span)
        var sequence = control.sequence
        var acks: [PublishAcknowledgement] = []
        var refusals: [PublishRefusal] = []
        var bytes = 0
        while let record = reader.next(in: span) {
            guard live.publish.spend(record.count) else {
                preconditionFailure("the participant published beyond its credit")
            }
            bytes += record.count
            let parsed = try PublishedRecord(parsing: span, at: record)
            let payload = Array(body[parsed.payload])
            let incarnation = live.incarnation
            let position = journal.withLock { journal -> UInt64? in
                let place = journal.committed.firstIndex {
                    $0.incarnation == incarnation && $0.sequence == sequence
                }
                if let place { return UInt64(place + 1) }
                let last = journal.committed.last { $0.incarnation == incarnation }?.sequence ?? 0
                guard sequence == last + 1 else { return nil }
                journal.committed.append((incarnation, sequence, payload))
                return UInt64(journal.committed.count)
            }
            if position == nil {
                refusals.append(
                    PublishRefusal(
                        sequence: sequence, code: PublishRefusal.sequenceGap, text: "",
                        pointer: nil,
                        hint: ""))
            } else if script.refused.contains(sequence) || payload.isEmpty {
                refusals.append(
                    PublishRefusal(
                        sequence: sequence, code: "payload-invalid", text: "no", pointer: "/a",
                        hint: "look"))
            } else {
                acks.append(PublishAcknowledgement(sequence: sequence, position: position ?? 0))
            }
            sequence += 1
        }
        if !acks.isEmpty {
            writer.begin(.puback, epoch: live.epoch, sequence: 0)
            writer.appendAnchor(
                PublishAnchor(block: 1, chainHead: [UInt8](repeating: 9, count: 32)))
            for ack in acks { writer.appendAcknowledgement(ack) }
            writer.finish()
            try post(&writer, to: live.peer, router)
        }
        if !refusals.isEmpty {
            writer.begin(.pubnak, epoch: live.epoch, sequence: 0)
            for refusal in refusals { writer.appendRefusal(refusal) }
            writer.finish()
            try post(&writer, to: live.peer, router)
        }
        live.publish.release(messages: acks.count + refusals.count, bytes: bytes)
        guard let grant = live.publish.topUpAtHalf() else { return }
        writer.begin(.credit, epoch: live.epoch, sequence: 0)
        writer.appendCredit(grant)
        writer.finish()
        try post(&writer, to: live.peer, router)
    }

    private func deliver(
        _ session: inout Session?, _ writer: inout FrameWriter, _ router: borrowing Socket
    ) throws {
        guard var live = session, !script.holdsDeliveries else { return }
        defer { session = live }
        let (waiting, floor) = journal.withLock { journal in
            (journal.waiting.sorted { $0.key < $1.key }, (journal.waiting.keys.min() ?? 1) - 1)
        }
        let inFlight = Set(live.inFlight.values)
        var isOpen = false
        for (position, payload) in waiting where !inFlight.contains(position) {
            guard live.delivery?.isOpen == true else { break }
            let envelope = Self.envelope(position)
            let bytes = DeliveredRecord.headBytes + envelope.count + payload.count
            if isOpen, !writer.fits(bytes) {
                writer.finish()
                try post(&writer, to: live.peer, router)
                isOpen = false
            }
            _ = live.delivery?.spend(bytes)
            if !isOpen {
                writer.begin(.deliver, epoch: live.epoch, sequence: live.next)
                writer.appendFloor(floor)
                isOpen = true
            }
            writer.appendDelivered(
                position: position, attempt: 1, envelope: envelope.span, payload: payload.span)
            live.inFlight[live.next] = position
            live.next += 1
        }
        guard isOpen else { return }
        writer.finish()
        try post(&writer, to: live.peer, router)
    }

    private static func envelope(_ position: UInt64) -> [UInt8] {
        Array(
            """
            {"specversion":"1.0","id":"benchProducer/1~0000000000000005~\(position)",\
            "source":"benchProducer/1","type":"bench.message","time":"2025-10-06T09:00:00.000+09:00",\
            "dataschema":"bench.message/v1","recipient":"benchConsumer/1","correlationid":"case-1",\
            "organisation":"082015"}
            """.utf8)
    }
}
