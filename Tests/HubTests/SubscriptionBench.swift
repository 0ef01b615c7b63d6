import Hub
import Journal
import Messaging

/// Drives a subscription as the hub does, with a journal that is an array and a clock that is a number.
struct SubscriptionBench {
    var subscription: Subscription
    let limits: DeliveryLimits
    var now = Instant(secondsSince1970: 1_760_000_000)
    var journal: [UInt64: CommittedMessage] = [:]
    var exceptionRows: [UInt64: ExceptionRow] = [:]
    var laneRows: [LaneID: LaneRow] = [:]
    var settlement = SettlementChange(
        subscription: PartyNumber(rawValue: 1), floor: Position(0), settled: [], outcomes: [])
    var deadLetters: [DeadLetterRow] = []
    var deadLetterRows: [UInt64: DeadLetterRow] = [:]
    var outcomes: [UInt64: Outcome] = [:]
    var violations: [String] = []
    var lastPosition: UInt64 = 0
    var isAttached = true
    private var inFlight: [UInt64: UInt64] = [:]
    private var delivered: [LaneID: UInt64] = [:]
    private var random: SplitMix

    init(limits: DeliveryLimits = DeliveryLimits(), seed: UInt64 = 0) {
        self.limits = limits
        random = SplitMix(state: seed &* 0x9E37 &+ 1)
        subscription = Subscription(
            party: PartyNumber(rawValue: 1), limits: limits, floor: 0, settled: [], lastPosition: 0)
    }

    mutating func commit(lane: Int64, count: Int, expiresIn: Duration? = nil) {
        for _ in 0..<count { commit(lanes: .one(LaneID(lane)), expiresIn: expiresIn) }
    }

    mutating func commit(lanes: LaneSet, expiresIn: Duration? = nil, isUrgent: Bool = false) {
        lastPosition += 1
        let arena = Arena(capacity: 64)
        let range = arena.append(envelope: [0x7B, 0x7D].span, payload: [0x30].span)
        var message = CommittedMessage(
            position: lastPosition, lanes: lanes, bytes: RecordBytes(arena: arena, range: range),
            keyID: ContentKeyID(retentionClass: "transit", expiryDay: now.day),
            expiry: expiresIn.map { now + $0 }, committedAt: now)
        message.isUrgent = isUrgent
        journal[lastPosition] = message
        var batch = CommitBatch(arena: Arena(capacity: 64))
        subscription.committed(message, isAttached: isAttached, into: &batch)
        absorb(batch)
    }

    /// Delivers all that may go out; returns the positions in order.
    mutating func deliver(checksOrder: Bool = true) -> [UInt64] {
        var positions: [UInt64] = []
        guard isAttached else { return [] }
        for _ in 0..<64 {
            readBacklog()
            readBodies()
            var batch = CommitBatch(arena: Arena(capacity: 64))
            let before = positions.count
            while let delivery = subscription.nextDelivery(now: now, into: &batch) {
                let sequence = subscription.flights.depart(delivery.cargo, bytes: 10, at: 0)
                inFlight[delivery.position] = sequence
                positions.append(delivery.position)
                if checksOrder { check(delivery.position) }
            }
            absorb(batch)
            if positions.count == before, !subscription.wantsBacklog { break }
        }
        return positions
    }

    private mutating func check(_ position: UInt64) {
        for lane in journal[position]?.lanes.array ?? [] {
            if let earlier = journal.keys.filter({ other in
                other < position && outcomes[other] == nil
                    && (journal[other]?.lanes.array.contains(lane) ?? false)
            }).min() {
                violations.append("\(position) went out before \(earlier)")
            }
        }
        if outcomes[position] != nil { violations.append("\(position) went out again") }
    }

    mutating func accept(_ position: UInt64) {
        guard let sequence = inFlight.removeValue(forKey: position) else {
            return violations.append("\(position) is not in flight")
        }
        var batch = CommitBatch(arena: Arena(capacity: 64))
        if subscription.accepted(sequence, into: &batch) != position {
            violations.append("\(position) was not accepted")
        }
        absorb(batch)
    }

    mutating func refuse(_ position: UInt64, isPermanent: Bool) {
        guard let sequence = inFlight.removeValue(forKey: position) else { return }
        var batch = CommitBatch(arena: Arena(capacity: 64))
        _ = subscription.refused(
            sequence, isPermanent: isPermanent, delay: .zero, code: "test", now: now, into: &batch)
        absorb(batch)
    }

    mutating func terminate(_ position: UInt64) {
        guard let sequence = inFlight.removeValue(forKey: position) else { return }
        var batch = CommitBatch(arena: Arena(capacity: 64))
        _ = subscription.terminated(sequence, code: "test", now: now, into: &batch)
        absorb(batch)
    }

    /// Ends what expired while nothing is offered.
    mutating func expireReady() -> [UInt64] { subscription.expireReady(now: now) }

    /// The next message alone.
    mutating func deliverOne() -> UInt64? {
        var batch = CommitBatch(arena: Arena(capacity: 64))
        let delivery = subscription.nextDelivery(now: now, into: &batch)
        if let delivery {
            inFlight[delivery.position] = subscription.flights.depart(
                delivery.cargo, bytes: 10, at: 0)
        }
        absorb(batch)
        return delivery?.position
    }

    mutating func loseSession(isSuspicious: Bool = true) {
        inFlight = [:]
        var batch = CommitBatch(arena: Arena(capacity: 64))
        subscription.sessionEnded(isSuspicious: isSuspicious, now: now, into: &batch)
        absorb(batch)
        subscription.attached()
    }

    mutating func repair(_ position: UInt64, _ resolution: Resolution) {
        var batch = CommitBatch(arena: Arena(capacity: 64))
        _ = subscription.repair(
            position, resolution, by: nil, reason: "test", now: now, into: &batch)
        absorb(batch)
    }

    /// The journal has a message, the backlog is read, and only then its receipt arrives.
    mutating func receiptComesLate(lane: Int64) {
        lastPosition += 1
        let arena = Arena(capacity: 64)
        let range = arena.append(envelope: [0x7B, 0x7D].span, payload: [0x30].span)
        let message = CommittedMessage(
            position: lastPosition, lanes: .one(LaneID(lane)),
            bytes: RecordBytes(arena: arena, range: range),
            keyID: ContentKeyID(retentionClass: "transit", expiryDay: now.day), expiry: nil,
            committedAt: now)
        journal[lastPosition] = message
        readBacklog()
        var batch = CommitBatch(arena: Arena(capacity: 64))
        subscription.committed(message, isAttached: true, into: &batch)
        absorb(batch)
    }

    mutating func supersede(_ dead: UInt64, by newer: UInt64) -> Bool {
        var batch = CommitBatch(arena: Arena(capacity: 64))
        let done = subscription.supersede(dead, by: newer, now: now, into: &batch)
        absorb(batch)
        return done
    }

    mutating func passTime(_ duration: Duration) {
        now = now + duration
        var batch = CommitBatch(arena: Arena(capacity: 64))
        _ = subscription.timePassed(now: now, into: &batch)
        absorb(batch)
        subscription.offerAgain()
    }

    /// A new process that knows only what was committed.
    mutating func restart() {
        inFlight = [:]
        subscription = Subscription(
            party: PartyNumber(rawValue: 1), limits: limits, floor: settlement.floor.rawValue,
            settled: settlement.settled, lastPosition: lastPosition)
        subscription.restore(
            lanes: Array(laneRows.values),
            exceptions: exceptionRows.values.map { row in
                HeldSummary(
                    position: row.position.rawValue, lanes: row.lanes.array, attempts: row.attempts,
                    isDead: row.state == .dead,
                    expiry: row.expiry)
            },
            dead: Set(deadLetterRows.values.filter { $0.state == .open }.map(\.position.rawValue)))
        subscription.attached()
    }

    private mutating func readBacklog() {
        guard subscription.wantsBacklog else { return }
        let after = subscription.cursor
        let next = journal.keys.filter { $0 > after }.sorted().prefix(subscription.room)
        let scanned = next.count < subscription.room ? lastPosition : next.last ?? after
        var batch = CommitBatch(arena: Arena(capacity: 64))
        subscription.backlog(
            next.compactMap { journal[$0] }, scannedThrough: scanned, into: &batch)
        absorb(batch)
    }

    private mutating func readBodies() {
        for position in subscription.takeWanted(limit: 100) {
            var batch = CommitBatch(arena: Arena(capacity: 64))
            guard exceptionRows[position] != nil, let message = journal[position] else {
                subscription.bodyArrived(position, .notYet, into: &batch)
                continue
            }
            subscription.bodyArrived(
                position, .here(message.bytes, committedAt: message.committedAt), into: &batch)
        }
    }

    private mutating func absorb(_ batch: CommitBatch) {
        var batch = batch
        subscription.flush(into: &batch)
        for row in batch.exceptionsAdded {
            if exceptionRows[row.position.rawValue] != nil {
                violations.append("exception \(row.position) added twice")
            }
            exceptionRows[row.position.rawValue] = row
        }
        for change in batch.exceptionsChanged {
            exceptionRows[change.key.position.rawValue]?.state = change.state
        }
        for key in batch.exceptionsRemoved { exceptionRows[key.position.rawValue] = nil }
        for row in batch.lanesUpserted { laneRows[row.key.lane] = row }
        for key in batch.lanesRemoved { laneRows[key.lane] = nil }
        for row in batch.deadLettersUpserted { deadLetterRows[row.position.rawValue] = row }
        deadLetters.append(contentsOf: batch.deadLettersUpserted.filter { $0.state == .open })
        for change in batch.settlements {
            if change.floor < settlement.floor { violations.append("the floor fell") }
            settlement = change
            for range in change.outcomes {
                for position in range.positions {
                    if outcomes[position] != nil { violations.append("\(position) settled twice") }
                    outcomes[position] = range.outcome
                }
            }
        }
    }

    // MARK: Random schedules

    /// One random event.
    mutating func step() {
        switch random.next(100) {
        case 0..<35:
            let lane = LaneID(Int64(random.next(6)))
            let other = LaneID(Int64(random.next(6)))
            let joins = random.next(10) == 0 && lane != other
            commit(
                lanes: random.next(12) == 0 ? .none : joins ? .many([lane, other]) : .one(lane),
                isUrgent: random.next(4) == 0)
        case 35..<60: _ = deliver()
        case 60..<82: if let position = flying { accept(position) }
        case 82..<88:
            if let position = flying { refuse(position, isPermanent: random.next(2) == 0) }
        case 88..<90: if let position = flying { terminate(position) }
        case 90..<93: loseSession(isSuspicious: random.next(2) == 0)
        case 93..<96: passTime(.seconds(random.next(60)))
        case 96..<98: repairOne()
        default: restart()
        }
    }

    private var flying: UInt64? {
        mutating get {
            let positions = inFlight.keys.sorted()
            return positions.isEmpty ? nil : positions[random.next(positions.count)]
        }
    }

    private mutating func repairOne() {
        let dead = subscription.exceptions.filter { $0.value.state == .dead }.keys.sorted()
        guard let position = dead.first else { return }
        repair(position, [.retried, .skipped, .released][random.next(3)])
    }

    /// Everything is accepted until nothing is left.
    mutating func drain() {
        for _ in 0..<2000 {
            for position in inFlight.keys.sorted() { accept(position) }
            for (position, message) in subscription.exceptions.sorted(by: { $0.key < $1.key })
            where message.state == .dead {
                repair(position, .retried)
            }
            passTime(.seconds(120))
            if deliver().isEmpty, inFlight.isEmpty, subscription.floor == lastPosition,
                exceptionRows.isEmpty
            {
                return
            }
        }
    }
}

/// A seeded generator: a schedule is repeated by its seed.
struct SplitMix {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }
}
