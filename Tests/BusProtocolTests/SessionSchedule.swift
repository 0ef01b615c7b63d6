import BusProtocol

/// One client and a model of a hub over a bad network, in virtual time (仮想時間の試験).
///
/// While it is rough, frames are lost, doubled and overtake each other, connections break and the
/// hub restarts. Greetings are not doubled, since no transport does that, but those of given-up
/// connections still arrive, late.
struct SessionSchedule {
    struct Frame {
        let connection: Int
        let control: [UInt8]
        let body: [UInt8]
    }

    enum Event {
        case toHub(Frame)
        case toClient(Frame)
        case hubRestart
        case breakConnection
    }

    var random: SeededRandom
    var now = Duration.zero
    var isRough = true
    var waiting: [(at: Duration, event: Event)] = []
    var client: ModelClient
    var hub: ModelHub

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        let messages = UInt64.random(in: 1...60, using: &random)
        client = ModelClient(published: messages, credit: .random(in: 1...32, using: &random))
        hub = ModelHub(toDeliver: .random(in: 1...60, using: &random), random: &random)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            waiting.append((.milliseconds(Int.random(in: 0...20_000, using: &random)), .hubRestart))
        }
    }

    /// Runs 30 rough seconds, then breaks the connection once more and lets the calm finish the
    /// work.
    mutating func run() throws {
        try run(until: .seconds(30))
        isRough = false
        waiting.append((now, .breakConnection))
        try run(until: .seconds(150))
    }

    private mutating func run(until end: Duration) throws {
        while true {
            try pump()
            let next = waiting.indices.min { waiting[$0].at < waiting[$1].at }
            let event = next.map { waiting[$0].at } ?? end
            let deadline = client.session.nextDeadline ?? end
            guard min(event, deadline) < end else {
                now = end
                return
            }
            now = max(now, min(event, deadline))
            if let next, event <= deadline {
                let event = waiting.remove(at: next).event
                try handle(event)
            }
        }
    }

    private mutating func handle(_ event: Event) throws {
        switch event {
        case .toHub(let frame): try hub.take(frame)
        case .toClient(let frame) where frame.connection == client.connection:
            try client.take(frame, now: now, random: random.next())
        case .toClient: break
        case .hubRestart:
            hub.restart()
            waiting.removeAll {
                guard case .toHub = $0.event else { return false }
                return true
            }
        case .breakConnection:
            client.session.lose(now: now, random: random.next(), effects: &client.effects)
        }
    }

    private mutating func pump() throws {
        client.session.tick(now: now, random: random.next(), effects: &client.effects)
        client.turn(now: now)
        hub.deliver()
        for frame in client.sent { post(.toHub(frame), verb: frame.control[1]) }
        for frame in hub.sent { post(.toClient(frame), verb: frame.control[1]) }
        client.sent.removeAll()
        hub.sent.removeAll()
    }

    private mutating func post(_ event: Event, verb: UInt8) {
        let chance = isRough ? Int.random(in: 0..<100, using: &random) : 99
        if chance < 3 { return }
        // In the calm everything takes the same time, so that order is kept, as it is on one
        // connection.
        let delay = isRough && chance < 20 ? Int.random(in: 0...8000, using: &random) : 5
        waiting.append((now + .milliseconds(delay), event))
        if chance > 95, isRough, verb != Verb.hello.rawValue {
            waiting.append((now + .milliseconds(7), event))
        }
    }
}

/// The client's driver: what `Participant` does, without sockets and disks.
struct ModelClient {
    var session: ClientSession
    var effects: [ClientSession.Effect] = []
    var sent: [SessionSchedule.Frame] = []
    var connection = 0
    var acknowledged: UInt64 = 0
    var applied: [UInt64: Int] = [:]
    var epochs: [UInt32] = []
    var stopped: ProtocolFault?

    private var unanswered: Set<UInt64>
    private var lastPublished: UInt64 = 0
    private var writer = FrameWriter(reservingBodyBytes: 256)

    init(published: UInt64, credit: UInt32) {
        unanswered = Set(1...published)
        session = ClientSession(
            limits: .init(delivery: CreditGrant(messages: credit, bytes: 10_000)), now: .zero)
    }

    var isDone: Bool { unanswered.isEmpty }

    mutating func turn(now: Duration) {
        while !effects.isEmpty {
            let effects = effects
            self.effects.removeAll()
            for effect in effects { perform(effect) }
        }
        while session.mayPublish, let next = unanswered.filter({ $0 > lastPublished }).min() {
            guard session.publish(4, now: now) else { break }
            writer.begin(.pub, epoch: session.live?.epoch ?? 0, sequence: next)
            writer.appendPublished(envelope: [], payload: [])
            writer.finish()
            post()
            lastPublished = next
        }
    }

    mutating func take(_ frame: SessionSchedule.Frame, now: Duration, random: UInt64) throws {
        let control = try ControlFrame(parsing: frame.control.span)
        guard session.hear(control, now: now, effects: &effects) == .take else { return }
        let body = frame.body.span
        switch control.verb {
        case .welcome:
            session.welcomed(
                try Welcome(parsing: body, at: BodyReader.single(control, body: body)),
                epoch: control.epoch, knownSequence: acknowledged, catalogue: nil, now: now,
                random: random, effects: &effects)
        case .puback:
            var reader = try BodyReader(control, body: body)
            _ = reader.next(in: body)
            while let record = reader.next(in: body) {
                let ack = try PublishAcknowledgement(parsing: body, at: record)
                unanswered.remove(ack.sequence)
                acknowledged = max(acknowledged, ack.sequence)
            }
            session.answered(control.count - 1, now: now)
        case .credit:
            session.credited(
                try CreditGrant(parsing: body, at: BodyReader.single(control, body: body)),
                now: now, random: random, effects: &effects)
        case .deliver: try takeDeliveries(control, body, now: now, random: random)
        case .fault:
            session.faulted(
                try ProtocolFault(parsing: body, at: BodyReader.single(control, body: body)),
                epoch: control.epoch, now: now, random: random, effects: &effects)
        default: break
        }
    }

    private mutating func takeDeliveries(
        _ control: ControlFrame, _ body: Span<UInt8>, now: Duration, random: UInt64
    ) throws {
        var reader = try BodyReader(control, body: body)
        _ = reader.next(in: body)
        var positions: [UInt64] = []
        while let record = reader.next(in: body) {
            positions.append(try DeliveredRecord(parsing: body, at: record).position)
        }
        guard
            session.delivered(
                first: control.sequence, recordBytes: positions.map { _ in 16 }, now: now,
                random: random, effects: &effects) == .take
        else { return }
        var ranges = AckRanges()
        for (offset, position) in positions.enumerated() {
            if applied[position] == nil { applied[position] = 1 }
            ranges.insert(control.sequence + UInt64(offset))
        }
        writer.begin(.ack, epoch: control.epoch, sequence: 0)
        for range in ranges.ranges { writer.appendRange(range) }
        writer.finish()
        post()
        guard let grant = session.settled(messages: positions.count, bytes: 16 * positions.count)
        else { return }
        writer.begin(.credit, epoch: control.epoch, sequence: 0)
        writer.appendCredit(grant)
        writer.finish()
        post()
    }

    private mutating func perform(_ effect: ClientSession.Effect) {
        let epoch = session.live?.epoch ?? 0
        switch effect {
        case .open: connection += 1
        case .close: connection += 1
        case .greet:
            let hello = Hello(
                participant: "p", incarnation: 1, journalIncarnation: nil,
                knownSequence: acknowledged, catalogue: nil, software: "model")
            writer.write(.hello, epoch: 0, sequence: 0, record: WireJSON.encode(hello))
            post()
        case .resume:
            lastPublished = 0
            epochs.append(epoch)
        case .subscribe(let grant):
            writer.begin(.subscribe, epoch: epoch, sequence: 0)
            writer.appendCredit(grant)
            writer.finish()
            post()
        case .ping(let sequence):
            writer.write(.ping, epoch: epoch, sequence: sequence)
            post()
        case .pong(let sequence):
            writer.write(.pong, epoch: epoch, sequence: sequence)
            post()
        case .leave: break
        case .stop(let fault): stopped = fault
        }
    }

    private mutating func post() {
        sent.append(.init(connection: connection, control: writer.control, body: writer.body))
    }
}

/// The hub as `wire-protocol.md` describes it, kept as small as can be.
struct ModelHub {
    private struct Session {
        let connection: Int
        let epoch: UInt32
        var publish: CreditWindow
        var delivery: CreditWindow?
        var nextDelivery: UInt64 = 1
        var inFlight: [UInt64: UInt64] = [:]
    }

    var sent: [SessionSchedule.Frame] = []
    /// Numbers in the order in which they were committed.
    private(set) var committed: [UInt64] = []
    private(set) var overruns = 0

    private var unsettled: [UInt64]
    private var epoch: UInt32 = 0
    private var session: Session?
    private let credit: CreditGrant
    private var writer = FrameWriter(reservingBodyBytes: 256)

    init(toDeliver: UInt64, random: inout SeededRandom) {
        unsettled = Array(1...toDeliver)
        credit = CreditGrant(messages: .random(in: 1...32, using: &random), bytes: 1000)
    }

    var isDone: Bool { unsettled.isEmpty }

    mutating func restart() { session = nil }

    mutating func take(_ frame: SessionSchedule.Frame) throws {
        let control = try ControlFrame(parsing: frame.control.span)
        let body = frame.body.span
        if control.verb == .hello { return try greet(frame) }
        guard var session, session.connection == frame.connection else {
            return fault(
                session == nil ? .helloRequired : .staleEpoch, control.epoch, frame.connection)
        }
        guard control.epoch == session.epoch else {
            return fault(.staleEpoch, control.epoch, frame.connection)
        }
        defer { if self.session != nil { self.session = session } }
        switch control.verb {
        case .pub: try commit(control, body, &session)
        case .subscribe:
            session.delivery = try CreditWindow(
                initial: CreditGrant(
                    parsing: body, at: BodyReader.single(control, body: body)))
        case .credit:
            let grant = try CreditGrant(
                parsing: body, at: BodyReader.single(control, body: body))
            do { try session.delivery?.add(grant) } catch { end(.creditExceeded, frame) }
        case .ack:
            var ranges = AckRanges()
            do {
                try ranges.parse(control, body: body, highest: session.nextDelivery - 1)
            } catch {
                return end(.frameMalformed, frame)
            }
            for sequence in ranges.ranges.flatMap({ Array($0) }) {
                guard let position = session.inFlight.removeValue(forKey: sequence) else {
                    continue
                }
                unsettled.removeAll { $0 == position }
            }
        case .ping:
            writer.write(.pong, epoch: session.epoch, sequence: control.sequence)
            post(frame.connection)
        default: break
        }
    }

    mutating func deliver() {
        guard var session else { return }
        defer { self.session = session }
        let inFlight = Set(session.inFlight.values)
        for position in unsettled where !inFlight.contains(position) {
            guard session.delivery?.spend(16) == true else { return }
            writer.begin(.deliver, epoch: session.epoch, sequence: session.nextDelivery)
            writer.appendFloor(unsettled[0] - 1)
            writer.appendDelivered(position: position, attempt: 1, envelope: [], payload: [])
            writer.finish()
            post(session.connection)
            session.inFlight[session.nextDelivery] = position
            session.nextDelivery += 1
        }
    }

    private mutating func greet(_ frame: SessionSchedule.Frame) throws {
        epoch += 1
        session = Session(
            connection: frame.connection, epoch: epoch, publish: try CreditWindow(initial: credit))
        let welcome = Welcome(
            zone: "z", epoch: epoch, journalIncarnation: 1,
            committedSequence: UInt64(committed.count), publishCreditMessages: credit.messages,
            publishCreditBytes: credit.bytes, maxMessageBytes: 1000, catalogue: nil,
            heartbeatMilliseconds: 500, time: "")
        writer.write(.welcome, epoch: epoch, sequence: 0, record: WireJSON.encode(welcome))
        post(frame.connection)
    }

    private mutating func commit(
        _ control: ControlFrame, _ body: Span<UInt8>, _ session: inout Session
    ) throws {
        let frame = SessionSchedule.Frame(
            connection: session.connection, control: [], body: [])
        guard session.publish.spend(4) else {
            overruns += 1
            return end(.creditExceeded, frame)
        }
        if control.sequence == UInt64(committed.count) + 1 {
            committed.append(control.sequence)
        } else if control.sequence > UInt64(committed.count) {
            // A frame was lost on the way: only a bad network does that, and a new session mends
            // it.
            return end(.frameMalformed, frame)
        }
        writer.begin(.puback, epoch: session.epoch, sequence: 0)
        writer.appendAnchor(
            PublishAnchor(block: 1, chainHead: [UInt8](repeating: 0, count: 32)))
        writer.appendAcknowledgement(
            PublishAcknowledgement(sequence: control.sequence, position: control.sequence))
        writer.finish()
        post(session.connection)
        session.publish.release(messages: 1, bytes: 4)
        guard let grant = session.publish.topUpAtHalf() else { return }
        writer.begin(.credit, epoch: session.epoch, sequence: 0)
        writer.appendCredit(grant)
        writer.finish()
        post(session.connection)
    }

    private mutating func end(_ code: FaultCode, _ frame: SessionSchedule.Frame) {
        fault(code, session?.epoch ?? 0, frame.connection)
        session = nil
    }

    private mutating func fault(_ code: FaultCode, _ epoch: UInt32, _ connection: Int) {
        writer.write(
            .fault, epoch: epoch, sequence: 0, record: WireJSON.encode(ProtocolFault(code, "model"))
        )
        post(connection)
    }

    private mutating func post(_ connection: Int) {
        sent.append(.init(connection: connection, control: writer.control, body: writer.body))
    }
}
