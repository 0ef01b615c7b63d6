public import Messaging
import Synchronization

/// A participant without a disk (記憶域のみの参加者): for the test harness and for measurements.
///
/// A closure handles each message; what is published is numbered at once and forgotten when
/// answered. Exactly-once holds while the process lives and not beyond: its incarnation is the
/// caller's, new for each process. There are no outbox lanes; a refusal is kept in `refusals` and
/// parks nothing.
public final class MemoryStorage: ParticipantStorage, Sendable {
    /// Decides about one message, on the participant's thread; it may call `publish`.
    public typealias Handler = @Sendable (ReceivedMessage, MemoryStorage) throws -> Settlement

    /// The most unanswered messages one zone's outbox holds.
    public static let outboxLimit = 1_000_000
    /// The most refusals kept for `refusals`; the oldest go first.
    public static let refusalLimit = 1_000

    private let source: ParticipantID
    private let organisation: OrganisationCode
    private let incarnation: UInt64
    private let clock: any TimeSource
    private let handler: Handler
    private let state: Mutex<State>

    /// `incarnation` is random and new for each process, or the hub would take new messages for old
    /// ones.
    public init(
        source: ParticipantID, organisation: OrganisationCode, zones: [ZoneID],
        incarnation: UInt64, clock: any TimeSource,
        handler: @escaping Handler = { _, _ in .accepted }
    ) {
        self.source = source
        self.organisation = organisation
        self.incarnation = incarnation
        self.clock = clock
        self.handler = handler
        var boxes: [ZoneID: Box] = [:]
        for zone in zones { boxes[zone] = Box() }
        state = Mutex(State(boxes: boxes))
    }

    /// Numbers a message and puts it into the zone's outbox; from any thread.
    ///
    /// Throws `MemoryStorageError` when the outbox is full or the zone is not this participant's.
    @discardableResult
    public func publish(_ message: OutgoingMessage, in zone: ZoneID) throws -> MessageID {
        let time = clock.now()
        let (id, wake) = try state.withLock { state in
            guard let box = state.boxes[zone] else { throw MemoryStorageError.unknownZone(zone) }
            guard box.waiting.count < Self.outboxLimit else {
                throw MemoryStorageError.outboxFull(limit: Self.outboxLimit)
            }
            let number = MessageNumber(
                incarnation: incarnation, sequence: box.base + UInt64(box.waiting.count))
            let envelope = message.envelope(
                number: number, source: source, organisation: organisation, time: time)
            state.boxes[zone]?.waiting.append(
                NumberedMessage(
                    zone: zone, number: number, envelope: envelope.encoded(),
                    payload: message.payload))
            return (envelope.id, state.wake)
        }
        wake?()
        return id
    }

    /// Messages of a zone that the hub has not answered yet.
    public func unanswered(in zone: ZoneID) -> Int {
        state.withLock { state in
            state.boxes[zone]?.waiting.count { $0 != nil } ?? 0
        }
    }

    /// What the hub refused, oldest first.
    public func refusals(in zone: ZoneID) -> [Refusal] {
        state.withLock { $0.boxes[zone]?.refusals ?? [] }
    }

    // MARK: - ParticipantStorage

    public func attached(wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    public func resumption(in zone: ZoneID) throws -> Resumption {
        state.withLock { state in
            let box = state.boxes[zone]
            return Resumption(
                incarnation: incarnation, journalIncarnation: box?.journalIncarnation,
                acknowledgedSequence: box?.highestAnswered ?? 0)
        }
    }

    public func welcomed(
        in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64
    ) throws {
        state.withLock { state in
            if state.boxes[zone]?.journalIncarnation != journalIncarnation {
                state.boxes[zone]?.inbox.removeAll()
            }
            state.boxes[zone]?.journalIncarnation = journalIncarnation
        }
    }

    public func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        var settlements: [Settlement] = []
        settlements.reserveCapacity(batch.count)
        for message in batch {
            let position = message.position.rawValue
            let known = state.withLock { $0.boxes[message.zone]?.inbox.contains(position) ?? false }
            if known {
                settlements.append(.accepted)
                continue
            }
            let settlement = try handler(message, self)
            if case .accepted = settlement {
                state.withLock { _ = $0.boxes[message.zone]?.inbox.insert(position) }
            }
            settlements.append(settlement)
        }
        return settlements
    }

    public func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] {
        state.withLock { state in
            guard let box = state.boxes[zone] else { return [] }
            var found: [NumberedMessage] = []
            var room = bytes
            let first = max(sequence &+ 1, box.base)
            guard first - box.base < UInt64(box.waiting.count) else { return [] }
            for index in Int(first - box.base)..<box.waiting.count {
                guard found.count < limit else { break }
                guard let message = box.waiting[index] else { continue }
                room -= message.envelope.count + message.payload.count
                guard room >= 0 || found.isEmpty else { break }
                found.append(message)
            }
            return found
        }
    }

    public func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {
        state.withLock { state in
            for ack in acks { state.boxes[zone]?.answer(ack.sequence) }
            state.boxes[zone]?.forgetAnswered()
        }
    }

    public func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {
        state.withLock { state in
            for refusal in refusals {
                state.boxes[zone]?.answer(refusal.sequence)
                state.boxes[zone]?.refusals.append(refusal)
            }
            state.boxes[zone]?.forgetAnswered()
            let excess = (state.boxes[zone]?.refusals.count ?? 0) - Self.refusalLimit
            if excess > 0 { state.boxes[zone]?.refusals.removeFirst(excess) }
        }
    }

    public func settledFloor(in zone: ZoneID, _ floor: Position) throws {
        state.withLock { $0.boxes[zone]?.forgetInbox(upTo: floor.rawValue) }
    }

    public func tick(now: Instant) throws {}

    private struct State {
        var boxes: [ZoneID: Box]
        var wake: (@Sendable () -> Void)?
    }

    private struct Box {
        /// The number of `waiting`'s first place.
        var base: UInt64 = 1
        /// Numbered messages; nil once answered, until the ones before are too.
        var waiting: [NumberedMessage?] = []
        var answeredPrefix = 0
        var highestAnswered: UInt64 = 0
        var journalIncarnation: UInt64?
        var refusals: [Refusal] = []
        var inbox: Set<UInt64> = []
        var inboxPruneAt = 4096

        mutating func answer(_ sequence: UInt64) {
            guard sequence >= base, sequence - base < UInt64(waiting.count) else { return }
            waiting[Int(sequence - base)] = nil
            highestAnswered = max(highestAnswered, sequence)
        }

        /// Drops the answered prefix once it is worth moving the rest.
        mutating func forgetAnswered() {
            while answeredPrefix < waiting.count, waiting[answeredPrefix] == nil {
                answeredPrefix += 1
            }
            guard answeredPrefix * 2 >= waiting.count || answeredPrefix >= 65_536 else { return }
            waiting.removeFirst(answeredPrefix)
            base += UInt64(answeredPrefix)
            answeredPrefix = 0
        }

        /// Pruned when it has doubled since, so that the floor may rise often at little cost.
        mutating func forgetInbox(upTo floor: UInt64) {
            guard inbox.count >= inboxPruneAt else { return }
            inbox = inbox.filter { $0 > floor }
            inboxPruneAt = max(4096, inbox.count * 2)
        }
    }
}

/// Why a message did not get into a memory outbox (発信不能).
public enum MemoryStorageError: Error, Hashable, CustomStringConvertible {
    case unknownZone(ZoneID)
    case outboxFull(limit: Int)

    public var description: String {
        switch self {
        case .unknownZone(let zone): "this participant has no session in \(zone)"
        case .outboxFull(let limit): "the outbox holds its limit of \(limit) unanswered messages"
        }
    }
}
