internal import Messaging
internal import Participant
internal import Synchronization

/// Sends the plan's messages without keeping them (送信側): nothing here outlives a lost session.
final class BenchProducer: ParticipantStorage {
    private let plan: BenchPlan
    private let message: BenchMessage
    private let incarnation: UInt64
    private let tally: BenchTally
    private let pace: BenchPace

    init(
        _ plan: BenchPlan, _ message: BenchMessage, incarnation: UInt64, tally: BenchTally,
        pace: BenchPace
    ) {
        self.plan = plan
        self.message = message
        self.incarnation = incarnation
        self.tally = tally
        self.pace = pace
    }

    func attached(wake: @escaping @Sendable () -> Void) { pace.attach(wake) }

    func resumption(in zone: ZoneID) throws -> Resumption {
        Resumption(incarnation: incarnation, journalIncarnation: nil, acknowledgedSequence: 0)
    }

    func welcomed(in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64) throws {
        guard committedSequence == 0 else { throw BenchFailure.sessionLost }
    }

    func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        batch.map { _ in .accepted }
    }

    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] {
        let last = min(pace.allowed(plan), sequence + UInt64(limit))
        guard last > sequence else { return [] }
        let now = BenchClock.nanoseconds()
        var messages: [NumberedMessage] = []
        messages.reserveCapacity(Int(last - sequence))
        var room = bytes
        for number in (sequence + 1)...last {
            let next = NumberedMessage(
                zone: zone, number: MessageNumber(incarnation: incarnation, sequence: number),
                envelope: message.envelope(number), payload: message.payload(number, sentAt: now))
            room -= next.envelope.count + next.payload.count
            guard room >= 0 || messages.isEmpty else { break }
            messages.append(next)
        }
        return messages
    }

    func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws { tally.confirm(acks.count) }

    func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {
        if let first = refusals.first { tally.fail("\(first.code): \(first.text)") }
    }

    func settledFloor(in zone: ZoneID, _ floor: Position) throws {}
    func tick(now: Instant) throws {}
}

/// Takes the plan's messages and counts them (受信側).
final class BenchConsumer: ParticipantStorage {
    private let message: BenchMessage
    private let tally: BenchTally
    private let incarnation: UInt64

    init(_ message: BenchMessage, incarnation: UInt64, tally: BenchTally) {
        self.message = message
        self.incarnation = incarnation
        self.tally = tally
    }

    func resumption(in zone: ZoneID) throws -> Resumption {
        Resumption(incarnation: incarnation, journalIncarnation: nil, acknowledgedSequence: 0)
    }

    func welcomed(in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64) throws {}

    func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        tally.apply(batch.map { message.sentAt($0.payload) })
        return batch.map { _ in .accepted }
    }

    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] { [] }

    func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {}
    func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {}
    func settledFloor(in zone: ZoneID, _ floor: Position) throws {}
    func tick(now: Instant) throws {}
}

/// Why a measurement is void (測定無効).
enum BenchFailure: Error, CustomStringConvertible {
    case sessionLost

    var description: String { "the session was lost in the middle: the figures would mean nothing" }
}

/// How many messages may have left by now (送信速度), and what wakes the sender for the next.
final class BenchPace: Sendable {
    private let started = Atomic<UInt64>(0)
    private let waker = Mutex<Waker?>(nil)

    /// In a box: a bare closure behind a generic is wrapped once more at each access, without end.
    private struct Waker: Sendable {
        let wake: @Sendable () -> Void
    }

    func attach(_ wake: @escaping @Sendable () -> Void) {
        waker.withLock { $0 = Waker(wake: wake) }
    }

    /// From now on the plan's rate counts.
    func start() {
        started.store(BenchClock.nanoseconds(), ordering: .releasing)
        nudge()
    }

    func nudge() { waker.withLock { $0 }?.wake() }

    func allowed(_ plan: BenchPlan) -> UInt64 {
        let begun = started.load(ordering: .acquiring)
        guard begun > 0 else { return 0 }
        guard plan.rate > 0 else { return UInt64(plan.total) }
        let elapsed = Double(BenchClock.nanoseconds() - begun) / 1e9
        return min(UInt64(plan.total), UInt64(elapsed * Double(plan.rate)) + 1)
    }
}
