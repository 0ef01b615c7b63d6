package import Messaging
package import Participant
import Synchronization

/// One party's inbox and outbox (対向システムの送受信箱), in memory over the ledger all parties share.
///
/// ``OutsideStage`` writes the ledger and enqueues afterwards, one message at a time.
package final class OutsideStorage: ParticipantStorage, Sendable {
    /// Takes one message for good before it returns `accepted`.
    typealias Taker = @Sendable (ReceivedMessage) throws -> Settlement

    /// What the hub answered to a message (投入の結果).
    enum Answer: Sendable {
        case waiting
        case admitted
        case refused(Refusal)
    }

    /// Unanswered messages one party may have.
    static let outboxLimit = 100_000
    /// Refusals kept; the oldest go first.
    static let refusalLimit = 1_000

    let identity: ParticipantID
    let zone: ZoneID
    private let organisation: OrganisationCode
    private let incarnation: UInt64
    private let clock: any TimeSource
    private let take: Taker
    private let onTick: @Sendable (Instant) throws -> Void
    private let state = Mutex(State())

    fileprivate struct State {
        var lastNumber: UInt64 = 0
        var highestAnswered: UInt64 = 0
        /// Numbered and not answered; after a restart, everything ever sent: the hub answers it as it did before.
        var waiting: [UInt64: NumberedMessage] = [:]
        var journalIncarnation: UInt64?
        var refusals: [Refusal] = []
        /// Where each message taken stands in the hub's journal.
        var inbox: [MessageID: UInt64] = [:]
        var inboxPruneAt = 4_096
        var wake: (@Sendable () -> Void)?
    }

    init(
        identity: ParticipantID, zone: ZoneID, organisation: OrganisationCode, incarnation: UInt64,
        clock: any TimeSource, take: @escaping Taker,
        tick: @escaping @Sendable (Instant) throws -> Void
    ) {
        self.identity = identity
        self.zone = zone
        self.organisation = organisation
        self.incarnation = incarnation
        self.clock = clock
        self.take = take
        onTick = tick
    }

    // MARK: - The stage's side

    func now() -> Instant { clock.now() }

    /// What a message of this numbering is called.
    func id(of sequence: UInt64) -> MessageID {
        MessageID(
            source: identity, number: MessageNumber(incarnation: incarnation, sequence: sequence))
    }

    var hasRoom: Bool { state.withLock { $0.waiting.count < Self.outboxLimit } }

    /// Gives a message its number, which must not stay unused; nobody sees it until `enqueue`.
    func number(_ message: OutgoingMessage) -> (id: MessageID, message: NumberedMessage) {
        let sequence = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let number = MessageNumber(incarnation: incarnation, sequence: sequence)
        let envelope = message.envelope(
            number: number, source: identity, organisation: organisation, time: clock.now())
        return (
            envelope.id,
            NumberedMessage(
                zone: zone, number: number, envelope: envelope.encoded(), payload: message.payload)
        )
    }

    func enqueue(_ message: NumberedMessage) {
        let wake = state.withLock { state in
            state.lastNumber = max(state.lastNumber, message.number.sequence)
            state.waiting[message.number.sequence] = message
            return state.wake
        }
        wake?()
    }

    /// Takes back the number of a message whose content is destroyed: the hub has answered it long ago.
    func restoreAnswered(_ sequence: UInt64) {
        state.withLock { state in
            state.lastNumber = max(state.lastNumber, sequence)
            state.answered(sequence)
        }
    }

    /// Notes what an earlier process took.
    func remember(_ id: MessageID, at position: UInt64) {
        state.withLock { $0.inbox[id] = position }
    }

    /// What the hub answered to the message of that number.
    func answer(to sequence: UInt64) -> Answer {
        state.withLock { state in
            if let refusal = state.refusals.last(where: { $0.sequence == sequence }) {
                return .refused(refusal)
            }
            return state.waiting[sequence] == nil ? .admitted : .waiting
        }
    }

    /// What the hub refused, oldest first.
    func refusals() -> [Refusal] { state.withLock { $0.refusals } }

    // MARK: - ParticipantStorage

    package func attached(wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    package func resumption(in zone: ZoneID) throws -> Resumption {
        state.withLock { state in
            Resumption(
                incarnation: incarnation, journalIncarnation: state.journalIncarnation,
                acknowledgedSequence: state.highestAnswered)
        }
    }

    package func welcomed(
        in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64
    ) throws {
        state.withLock { $0.journalIncarnation = journalIncarnation }
    }

    package func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        try batch.map { message in
            let id = message.envelope.id
            if state.withLock({ $0.inbox[id] != nil }) { return .accepted }
            let settlement = try take(message)
            if case .accepted = settlement { remember(id, at: message.position.rawValue) }
            return settlement
        }
    }

    package func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] {
        state.withLock { state in
            guard sequence < state.lastNumber else { return [] }
            var found: [NumberedMessage] = []
            var room = bytes
            for number in sequence + 1...state.lastNumber {
                guard found.count < limit else { break }
                guard let message = state.waiting[number] else { continue }
                room -= message.envelope.count + message.payload.count
                guard room >= 0 || found.isEmpty else { break }
                found.append(message)
            }
            return found
        }
    }

    package func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {
        state.withLock { state in
            for ack in acks { state.answered(ack.sequence) }
        }
    }

    package func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {
        state.withLock { state in
            for refusal in refusals {
                state.answered(refusal.sequence)
                state.refusals.append(refusal)
            }
            let excess = state.refusals.count - Self.refusalLimit
            if excess > 0 { state.refusals.removeFirst(excess) }
        }
    }

    /// Pruned when it has doubled since, so that the floor may rise often at little cost.
    package func settledFloor(in zone: ZoneID, _ floor: Position) throws {
        state.withLock { state in
            guard state.inbox.count >= state.inboxPruneAt else { return }
            state.inbox = state.inbox.filter { $0.value > floor.rawValue }
            state.inboxPruneAt = max(4_096, state.inbox.count * 2)
        }
    }

    package func tick(now: Instant) throws { try onTick(now) }
}

extension OutsideStorage.State {
    fileprivate mutating func answered(_ sequence: UInt64) {
        waiting[sequence] = nil
        highestAnswered = max(highestAnswered, sequence)
    }
}
