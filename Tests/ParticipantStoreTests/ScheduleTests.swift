import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

/// Random schedules of deliveries, answers and crashes against a model of the hub.
@Suite("Random schedules")
struct ScheduleTests {
    @Test(
        "Nothing is applied twice, each lane keeps its order, numbers have no gaps",
        arguments: 0..<24 as Range<UInt64>)
    func schedule(seed: UInt64) throws {
        var run = try Schedule(seed: seed)
        for _ in 0..<400 { try run.step() }
        try run.drain()
        try run.check()
    }
}

/// What the hub has of this participant, and what the participant should have done.
private struct Schedule {
    private var random: SplitMix
    private let bench: Workbench
    private let zone: ZoneID
    private var store: DurableStore
    private var nextDelivery: UInt64 = 1
    private var settled: Set<UInt64> = []
    private var accepted: [UInt64] = []
    /// By number: the payload the hub holds, and whether it refused it.
    private var committed: [(payload: String, refused: Bool)] = []
    private var lost: [Int] = []

    init(seed: UInt64) throws {
        random = SplitMix(state: seed &* 0x9E37_79B9 &+ 1)
        bench = try Workbench()
        zone = try ZoneID(Workbench.zone)
        bench.handler.onReceive = Self.work
        store = try bench.open()
    }

    /// Message n: applied once; sends n % 3 messages on lanes by n; every seventh fails, every eleventh ends the file.
    private static func work(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let number = message.envelope.id.number.sequence
        try transaction.database.execute(
            sql: "INSERT INTO applied VALUES (?, 'x')", arguments: [Int64(number)])
        for index in 0..<number % 3 {
            let lane = (number + index) % 4
            try transaction.send(
                outgoing("\(lane):\(number).\(index)", orderKey: lane == 3 ? nil : "lane\(lane)"),
                in: message.zone)
        }
        if message.attempt == 1, number % 7 == 0 { throw Refuse("first-attempt") }
        if message.attempt == 1, number % 11 == 0 { throw DatabaseError(resultCode: .SQLITE_IOERR) }
    }

    mutating func step() throws {
        switch random.next() % 8 {
        case 0, 1, 2: try deliver()
        case 3: try publish(answer: true)
        case 4: try publish(answer: false)
        case 5: try answerLost()
        case 6: store = try bench.open()
        default: try deliverAgain()
        }
    }

    private mutating func deliver() throws {
        let first = nextDelivery
        nextDelivery += random.next() % 4 + 1
        try apply((first..<nextDelivery).map { try received($0) })
        for number in first..<nextDelivery where !settled.contains(number) {
            try apply([received(number).again()])
        }
    }

    private mutating func deliverAgain() throws {
        guard nextDelivery > 1 else { return }
        try apply([received(random.next() % (nextDelivery - 1) + 1).again()])
    }

    private mutating func apply(_ batch: [ReceivedMessage]) throws {
        do {
            let settlements = try store.apply(batch, now: bench.clock.now())
            for (message, settlement) in zip(batch, settlements) where settlement == .accepted {
                let number = message.envelope.id.number.sequence
                if settled.insert(number).inserted { accepted.append(number) }
            }
        } catch is DatabaseError {
            store = try bench.open()
        }
    }

    /// Sends what is outstanding, as a session does from its resumption; a tenth is refused by the hub.
    private mutating func publish(answer: Bool) throws {
        let from = try store.resumption(in: zone).acknowledgedSequence
        for message in try store.outgoing(in: zone, after: from, limit: 5, bytes: 1 << 20) {
            let payload = String(decoding: message.payload, as: UTF8.self)
            let index = Int(message.number.sequence) - 1
            if index < committed.count {
                #expect(committed[index].payload == payload)
            } else {
                #expect(index == committed.count, "a gap before \(index + 1)")
                committed.append((payload, random.next() % 10 == 0))
            }
            if answer { try self.answer(index) } else { lost.append(index) }
        }
    }

    private mutating func answerLost() throws {
        guard !lost.isEmpty else { return }
        try answer(lost.remove(at: Int(random.next() % UInt64(lost.count))))
    }

    private func answer(_ index: Int) throws {
        let sequence = UInt64(index) + 1
        if committed[index].refused {
            try store.refused(
                in: zone,
                [Refusal(sequence: sequence, code: "refused", text: "", pointer: nil, hint: "")])
        } else {
            try store.acknowledged(
                in: zone, [(sequence: sequence, position: Position(sequence))], anchor: nil)
        }
    }

    mutating func drain() throws {
        for _ in 0..<10_000 {
            let before = committed.count
            try publish(answer: true)
            let outstanding = try store.outgoing(in: zone, after: 0, limit: 1, bytes: 1)
            if outstanding.isEmpty, committed.count == before { return }
        }
        Issue.record("the outbox does not drain")
    }

    func check() throws {
        let applied = try store.perform {
            try Int64.fetchAll($0.database, sql: "SELECT number FROM applied ORDER BY number")
        }
        #expect(applied == accepted.map { Int64($0) }.sorted())
        for lane in 0..<4 {
            let sent = accepted.flatMap { number in
                (0..<number % 3).filter { Int(number + $0) % 4 == lane }
                    .map { "\(lane):\(number).\($0)" }
            }
            let arrived = committed.filter { $0.payload.hasPrefix("\(lane):") }
            if lane == 3 {
                #expect(arrived.map(\.payload) == sent)
            } else {
                let parked = arrived.firstIndex { $0.refused }
                let expected = parked.map { Array(sent.prefix($0 + 1)) } ?? sent
                #expect(arrived.map(\.payload) == expected)
            }
        }
    }
}

extension ReceivedMessage {
    fileprivate func again() -> ReceivedMessage {
        ReceivedMessage(
            zone: zone, position: position, attempt: 2, envelope: envelope, payload: payload)
    }
}

/// A small repeatable source of randomness.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
