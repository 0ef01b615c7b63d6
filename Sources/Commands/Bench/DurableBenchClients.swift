internal import Messaging
internal import Participant
internal import ParticipantStore

/// The plan's messages through a durable outbox (永続送信側): numbered, sealed and relayed as a system's are.
final class DurableBenchProducer: ParticipantStorage {
    private let store: DurableStore
    private let plan: BenchPlan
    private let message: BenchMessage
    private let recipient: ParticipantID
    private let tally: BenchTally
    private let pace: BenchPace
    private var sent: UInt64 = 0
    private var confirmed: UInt64 = 0

    /// Messages one transaction enqueues, and how many may wait for their answer.
    private static let batch: UInt64 = 256
    private static let waitingLimit: UInt64 = 4096

    init(
        _ store: DurableStore, _ plan: BenchPlan, _ message: BenchMessage,
        to recipient: ParticipantID,
        tally: BenchTally, pace: BenchPace
    ) {
        self.store = store
        self.plan = plan
        self.message = message
        self.recipient = recipient
        self.tally = tally
        self.pace = pace
    }

    func attached(wake: @escaping @Sendable () -> Void) {
        pace.attach(wake)
        store.attached(wake: wake)
    }

    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] {
        let last = min(pace.allowed(plan), sent + Self.batch)
        if last > sent, sent - confirmed < Self.waitingLimit {
            let now = BenchClock.nanoseconds()
            let topic = try Topic("bench.message/v1")
            let correlation = try CorrelationID("bench")
            try store.perform { transaction in
                for number in (sent + 1)...last {
                    try transaction.send(
                        OutgoingMessage(
                            topic: topic, recipients: [recipient], correlation: correlation,
                            orderKey: String(number % UInt64(plan.subjects)),
                            keepUntilBackup: false,
                            payload: message.payload(number, sentAt: now)),
                        in: zone)
                }
            }
            sent = last
        }
        return try store.outgoing(in: zone, after: sequence, limit: limit, bytes: bytes)
    }

    func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {
        try store.acknowledged(in: zone, acks, anchor: anchor)
        confirmed += UInt64(acks.count)
        tally.confirm(acks.count)
    }

    func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {
        if let first = refusals.first { tally.fail("\(first.code): \(first.text)") }
        try store.refused(in: zone, refusals)
    }

    func resumption(in zone: ZoneID) throws -> Resumption { try store.resumption(in: zone) }
    func welcomed(in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64) throws {
        try store.welcomed(
            in: zone, journalIncarnation: journalIncarnation, committedSequence: committedSequence)
    }
    func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        try store.apply(batch, now: now)
    }
    func settledFloor(in zone: ZoneID, _ floor: Position) throws {
        try store.settledFloor(in: zone, floor)
    }
    func tick(now: Instant) throws { try store.tick(now: now) }
}

/// Applies with an inbox mark each and no business of its own (永続受信側).
final class DurableBenchHandler: MessageHandler {
    func migrations<Migrator>(_ migrator: inout Migrator) {}
    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {}
}

/// A durable inbox that counts what it has committed.
final class DurableBenchConsumer: ParticipantStorage {
    private let store: DurableStore
    private let message: BenchMessage
    private let tally: BenchTally

    init(_ store: DurableStore, _ message: BenchMessage, tally: BenchTally) {
        self.store = store
        self.message = message
        self.tally = tally
    }

    func attached(wake: @escaping @Sendable () -> Void) { store.attached(wake: wake) }
    func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        let settlements = try store.apply(batch, now: now)
        tally.apply(batch.map { message.sentAt($0.payload) })
        return settlements
    }
    func resumption(in zone: ZoneID) throws -> Resumption { try store.resumption(in: zone) }
    func welcomed(in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64) throws {
        try store.welcomed(
            in: zone, journalIncarnation: journalIncarnation, committedSequence: committedSequence)
    }
    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] { [] }
    func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {}
    func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {}
    func settledFloor(in zone: ZoneID, _ floor: Position) throws {
        try store.settledFloor(in: zone, floor)
    }
    func tick(now: Instant) throws { try store.tick(now: now) }
}
