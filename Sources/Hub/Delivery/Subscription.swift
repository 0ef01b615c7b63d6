import DequeModule
package import Journal
package import Messaging

/// One receiver's durable subscription (受信者別の配信): its window, lanes, flights and what is settled.
///
/// Pure: no socket, no store, no clock. Every change that must survive is appended to the batch that is
/// committed next; `flush(into:)` adds the settlement itself. The rules are design §5 (Lanes, What is
/// settled): one subscription carries all types, a person's order holds across them, a message that
/// cannot be applied holds back that person's later messages and nobody else's.
package struct Subscription: Sendable {
    package let party: PartyNumber
    package let limits: DeliveryLimits

    /// Every position at or below is settled, not for this receiver, or an exception row.
    package private(set) var floor: UInt64
    /// The last position looked at for this receiver; the rest waits in the journal.
    package private(set) var cursor: UInt64
    /// The last committed position addressed to it.
    package private(set) var tail: UInt64
    /// Committed messages not taken into memory yet.
    package private(set) var isLagging: Bool

    var queues = LaneQueues()
    var window: Deque<Int32> = []
    var ready: Deque<Int32> = []
    /// Those of ``ready``'s kind that may go first: queries and their answers.
    var urgent: Deque<Int32> = []
    var urgentInARow = 0
    /// Whose messages wait in the journal, unread: a query about nobody among them may go before all of them.
    var lagging = LaggingLanes()
    var suspects: Deque<Int32> = []
    package var held: [LaneID: HeldLane] = [:]
    package var exceptions: [UInt64: HeldMessage] = [:]
    /// Positions of exceptions, ascending; those gone are dropped when they come to the front.
    var heldOrder: Deque<UInt64> = []
    /// Heads whose body was not there yet: their batch is not on the disk.
    var bodiless: [UInt64] = []
    /// Held messages that may supersede a dead letter, with the number of the one they name.
    package var mayReplace: [(position: UInt64, cause: MessageNumber)] = []
    /// No lane's back-off ends, and no held message expires, before.
    var nextTurn: Instant?
    /// Held messages whose turn it is and whose body must be read.
    var wanted: Deque<UInt64> = []
    /// Held messages whose body is here.
    var loaded: Deque<LoadedMessage> = []
    package var flights = FlightLedger()
    package var pausedUntil: Instant?
    var transientsInARow = 0
    /// A suspect travels alone: it is in flight now.
    var suspectInFlight = false
    var pauses = 0
    var settledBefore: [ClosedRange<UInt64>]
    var dirtyLanes: Set<LaneID> = []
    var outcomes: [SettledRange] = []
    var isDirty = false
    package private(set) var settledCount: UInt64 = 0
    package private(set) var committedCount: UInt64 = 0

    package struct LoadedMessage: Sendable {
        package var position: UInt64
        package var bytes: RecordBytes
        package var committedAt: Instant
        package var topic: TopicIndex?
    }

    package init(
        party: PartyNumber, limits: DeliveryLimits, floor: UInt64, settled: [ClosedRange<UInt64>],
        lastPosition: UInt64
    ) {
        self.party = party
        self.limits = limits
        self.floor = floor
        cursor = floor
        tail = lastPosition
        isLagging = lastPosition > floor
        lagging.isKnown = !isLagging
        settledBefore = settled
    }

    /// Below this nothing will be delivered again, held messages included: an inbox may forget it.
    package var forgettable: UInt64 {
        mutating get {
            while let first = heldOrder.first, exceptions[first] == nil { heldOrder.removeFirst() }
            return min(floor, (heldOrder.first ?? .max) &- 1)
        }
    }

    /// Messages in memory or held that are not settled; what lags in the journal is not counted here.
    package var waitingCount: Int {
        window.count { queues[$0].state != .passed } + exceptions.count
    }
    package var backoffCount: Int {
        held.values.count { if case .backoff = $0.phase { true } else { false } }
    }
    package var parkedCount: Int { held.values.count { $0.phase == .parked } }
    package var deadCount: Int { exceptions.values.count { $0.state == .dead } }
    /// When the oldest message in memory was committed.
    package var oldestCommittedAt: Instant? { window.first.map { queues[$0].committedAt } }

    // MARK: Arrival

    /// A message for this receiver was committed. It is taken into the window where there is room and
    /// nothing earlier still waits in the journal; otherwise it stays there.
    package mutating func committed(
        _ message: CommittedMessage, isAttached: Bool, into batch: inout CommitBatch
    ) {
        tail = max(tail, message.position)
        committedCount += 1
        // A backlog may have brought it already: its block was on the disk before its receipt was here.
        guard message.position > cursor else { return }
        guard isAttached, !isLagging, window.count < limits.windowMessages else {
            isLagging = true
            if isAttached, mayOvertake(message) { return overtake(message, into: &batch) }
            lagging.note(message.lanes)
            return
        }
        take(message, into: &batch)
    }

    /// A session subscribed: what was committed meanwhile is read from the journal.
    package mutating func attached() {
        isLagging = isLagging || cursor < tail
        offerHeldHeads(of: Array(held.keys))
    }

    /// Messages of the backlog, in order, and how far the journal was looked through for them; `ended` are
    /// those that may not be delivered any more: their content is destroyed (design §7: retention beats
    /// delivery), or their link was withdrawn meanwhile (design §4).
    package mutating func backlog(
        _ messages: [CommittedMessage], ended: [(position: UInt64, outcome: Outcome)] = [],
        scannedThrough: UInt64, into batch: inout CommitBatch
    ) {
        for (position, outcome) in ended where position > cursor && !isKnown(position) {
            note(position, outcome)
        }
        for message in messages where message.position > cursor {
            if isKnown(message.position) {
                standIn(message.position, message.committedAt)
            } else {
                take(message, into: &batch)
            }
        }
        cursor = max(cursor, scannedThrough)
        settledBefore.removeAll { $0.upperBound <= cursor }
        isLagging = cursor < tail
        if !isLagging { lagging = LaggingLanes() }
        advanceFloor()
    }

    /// Whether the journal should be read on for this receiver now.
    package var wantsBacklog: Bool { isLagging && window.count <= limits.windowMessages / 2 }

    /// Room in the window, in messages.
    package var room: Int { max(0, limits.windowMessages - window.count) }

    private func isKnown(_ position: UInt64) -> Bool {
        exceptions[position] != nil || settledBefore.contains { $0.contains(position) }
    }

    private mutating func take(_ message: CommittedMessage, into batch: inout CommitBatch) {
        cursor = max(cursor, message.position)
        if message.lanes.contains(where: { held[$0] != nil }) {
            hold(message, into: &batch)
            advanceFloor()
            return
        }
        let slot = queues.append(message)
        window.append(slot)
        if queues[slot].state == .ready { line(up: slot) }
    }

    /// Writes a message that must wait for a held lane beside the journal, so that the floor can pass.
    private mutating func hold(_ message: CommittedMessage, into batch: inout CommitBatch) {
        let lanes = message.lanes.array
        enter(message.position, lanes, since: message.committedAt)
        standIn(message.position, message.committedAt)
        exceptions[message.position] = HeldMessage(lanes: lanes, expiry: message.expiry)
        ordered(message.position)
        noteTurn(message.expiry)
        if let cause = message.cause { mayReplace.append((message.position, cause)) }
        batch.exceptionsAdded.append(
            ExceptionRow(
                subscription: party, position: Position(rawValue: message.position),
                lanes: LaneSet(lanes), state: .waiting, attempts: 0, keyID: message.keyID,
                expiry: message.expiry, record: message.bytes.arena.array(message.bytes.range)))
        isDirty = true
    }

    /// Keeps a position's place in the window, so that floor and settled ranges cover it although the
    /// message itself is settled or stands among the exceptions.
    private mutating func standIn(_ position: UInt64, _ committedAt: Instant) {
        cursor = max(cursor, position)
        window.append(queues.appendPassed(position, committedAt))
        isDirty = true
    }

    mutating func ordered(_ position: UInt64) {
        guard let last = heldOrder.last, last > position else { return heldOrder.append(position) }
        let index = heldOrder.lastIndex { $0 < position }.map { $0 + 1 } ?? 0
        heldOrder.insert(position, at: index)
    }

    /// Something is to be done at that time, at the latest.
    mutating func noteTurn(_ time: Instant?) {
        guard let time else { return }
        nextTurn = min(nextTurn ?? time, time)
    }

    /// Enters a position into its held lanes, in order.
    mutating func enter(_ position: UInt64, _ lanes: [LaneID], since: Instant) {
        for lane in lanes {
            var queue = held[lane] ?? HeldLane(phase: .draining, since: since, code: "")
            let index = queue.positions.lastIndex { $0 < position }.map { $0 + 1 } ?? 0
            queue.positions.insert(position, at: index)
            held[lane] = queue
            dirtyLanes.insert(lane)
        }
    }

    /// Puts a head where its turn comes from: queries before the rest.
    private mutating func line(up slot: Int32) {
        if queues[slot].isUrgent {
            urgent.append(slot)
        } else {
            ready.append(slot)
        }
    }

    // MARK: Settlement

    mutating func settled(slot: Int32, _ outcome: Outcome) {
        note(queues[slot].position, outcome)
        var released: [Int32] = []
        queues.remove(slot, released: &released)
        for next in released { line(up: next) }
        offerHeldHeads(of: queues[slot].lanes.array)
        pass(slot)
    }

    mutating func settled(held position: UInt64, _ outcome: Outcome, into batch: inout CommitBatch)
    {
        guard let message = exceptions.removeValue(forKey: position) else { return }
        note(position, outcome)
        // It went before what is still unread: the backlog must not bring it again.
        if position > cursor { remember(position) }
        batch.exceptionsRemoved.append(
            ExceptionKey(subscription: party, position: Position(rawValue: position)))
        for lane in message.lanes {
            guard var queue = held[lane] else { continue }
            if queue.positions.first == position {
                queue.positions.removeFirst()
                queue.phase = .draining
                queue.code = ""
            } else {
                queue.positions.removeAll { $0 == position }
            }
            held[lane] = queue.positions.isEmpty ? nil : queue
            dirtyLanes.insert(lane)
        }
        offerHeldHeads(of: message.lanes)
    }

    /// The window's entry is settled or handed over: the floor may pass it.
    mutating func pass(_ slot: Int32) {
        queues[slot].state = .passed
        queues[slot].bytes = nil
        isDirty = true
        advanceFloor()
    }

    private mutating func advanceFloor() {
        while let first = window.first, queues[first].state == .passed {
            floor = max(floor, queues[first].position)
            window.removeFirst()
            queues.release(first)
            isDirty = true
        }
        if window.isEmpty, cursor > floor {
            floor = cursor
            isDirty = true
        }
    }

    private mutating func note(_ position: UInt64, _ outcome: Outcome) {
        settledCount += 1
        isDirty = true
        if let last = outcomes.last, last.outcome == outcome,
            last.positions.upperBound + 1 == position
        {
            outcomes[outcomes.count - 1].positions = last.positions.lowerBound...position
        } else {
            outcomes.append(SettledRange(position...position, outcome))
        }
    }

    // MARK: Held lanes

    /// Turns a window entry, and all that stands behind it in its lanes, into exceptions.
    mutating func holdFrom(
        slot: Int32, phase: HeldLane.Phase, code: String, now: Instant,
        into batch: inout CommitBatch
    ) {
        var lanes = queues[slot].lanes.array
        if lanes.isEmpty { lanes = [ownLane(of: queues[slot].position)] }
        if case .backoff(let until) = phase { noteTurn(until) }
        for lane in lanes {
            held[lane] = HeldLane(
                phase: phase, since: now, code: code, positions: held[lane]?.positions ?? [])
        }
        var pending = Set([slot])
        var agenda = Array(queues[slot].lanes.array.map { ($0, slot) })
        while let (lane, from) = agenda.popLast() {
            for cut in queues.cut(lane, from: from) where pending.insert(cut).inserted {
                for other in queues[cut].lanes.array where other != lane {
                    agenda.append((other, cut))
                }
            }
        }
        for held in pending.sorted(by: { queues[$0].position < queues[$1].position }) {
            moveToExceptions(held, into: &batch)
        }
        ready.removeAll { pending.contains($0) }
        urgent.removeAll { pending.contains($0) }
        suspects.removeAll { pending.contains($0) }
        for slot in pending { pass(slot) }
    }

    private mutating func moveToExceptions(_ slot: Int32, into batch: inout CommitBatch) {
        let entry = queues[slot]
        guard let bytes = entry.bytes, let keyID = entry.keyID else { return }
        var lanes = entry.lanes.array
        if lanes.isEmpty { lanes = [ownLane(of: entry.position)] }
        enter(entry.position, lanes, since: entry.committedAt)
        exceptions[entry.position] = HeldMessage(
            lanes: lanes, suspect: Int(entry.suspect), attempts: entry.attempts,
            expiry: entry.expiry)
        ordered(entry.position)
        noteTurn(entry.expiry)
        batch.exceptionsAdded.append(
            ExceptionRow(
                subscription: party, position: Position(rawValue: entry.position),
                lanes: LaneSet(lanes), state: .waiting, attempts: entry.attempts, keyID: keyID,
                expiry: entry.expiry, record: bytes.arena.array(bytes.range)))
    }

    /// A message without subject is its own lane, named by its position.
    func ownLane(of position: UInt64) -> LaneID {
        LaneID(rawValue: Int64(bitPattern: position | 1 << 63))
    }

    /// Heads of held lanes whose turn has come ask for their body.
    mutating func offerHeldHeads(of lanes: [LaneID]) {
        for lane in lanes {
            guard let queue = held[lane], queue.phase == .draining,
                let head = queue.positions.first,
                exceptions[head]?.state == .waiting, isDeliverable(held: head)
            else { continue }
            exceptions[head]?.state = .loading
            wanted.append(head)
        }
    }

    private func isDeliverable(held position: UInt64) -> Bool {
        guard let message = exceptions[position] else { return false }
        return message.lanes.allSatisfy { lane in
            guard let queue = held[lane], queue.positions.first == position else { return false }
            return queue.phase == .draining && !queues.hasMessages(in: lane)
        }
    }

    mutating func setPhase(_ phase: HeldLane.Phase, code: String, of lanes: [LaneID], now: Instant)
    {
        if case .backoff(let until) = phase { noteTurn(until) }
        for lane in lanes where held[lane] != nil {
            if held[lane]?.phase != phase { held[lane]?.since = now }
            held[lane]?.phase = phase
            held[lane]?.code = code
            dirtyLanes.insert(lane)
        }
    }
}

extension LaneSet {
    func contains(where matches: (LaneID) -> Bool) -> Bool {
        switch self {
        case .none: false
        case .one(let lane): matches(lane)
        case .many(let lanes): lanes.contains(where: matches)
        }
    }
}
