import DequeModule
package import Journal
package import Messaging

extension Subscription {
    /// A message to be put into the next DELIVER frame.
    package struct Delivery {
        package var position: UInt64
        package var attempt: UInt32
        package var bytes: RecordBytes
        package var cargo: FlightLedger.Cargo
        package var committedAt: Instant
        package var topic: TopicIndex?
    }

    /// The next message that may go out, or nil: paused, nothing ready, or a suspect travels alone.
    ///
    /// Messages past their expiry end here as `expired`, visibly (design §3, §7).
    package mutating func nextDelivery(now: Instant, into batch: inout CommitBatch) -> Delivery? {
        if let until = pausedUntil {
            guard until <= now else { return nil }
            pausedUntil = nil
        }
        while let slot = suspects.first {
            guard flights.inFlight == 0 else { return nil }
            suspects.removeFirst()
            if let delivery = offer(slot, now: now) { return delivery }
        }
        if travelsAlone { return nil }
        while let message = loaded.first {
            let isSuspect = (exceptions[message.position]?.suspect ?? 0) > 0
            if isSuspect, flights.inFlight > 0 { return nil }
            loaded.removeFirst()
            guard let state = exceptions[message.position], state.state == .loaded else { continue }
            if let expiry = state.expiry, expiry <= now {
                settled(held: message.position, .expired, into: &batch)
                continue
            }
            exceptions[message.position]?.state = .inFlight
            exceptions[message.position]?.attempts += 1
            return Delivery(
                position: message.position, attempt: state.attempts + 1, bytes: message.bytes,
                cargo: .held(message.position), committedAt: message.committedAt,
                topic: message.topic)
        }
        while let slot = nextReady() {
            if let delivery = offer(slot, now: now) { return delivery }
        }
        return nil
    }

    /// Queries and their answers go before the rest, but not without end.
    private mutating func nextReady() -> Int32? {
        if urgent.isEmpty || (urgentInARow >= limits.urgentRun && !ready.isEmpty) {
            urgentInARow = 0
            return ready.popFirst()
        }
        urgentInARow += 1
        return urgent.popFirst()
    }

    /// A suspect in flight: nothing else goes out until it is answered.
    private var travelsAlone: Bool { flights.inFlight > 0 && suspectInFlight }

    private mutating func offer(_ slot: Int32, now: Instant) -> Delivery? {
        guard queues[slot].state == .ready, let bytes = queues[slot].bytes else { return nil }
        if let expiry = queues[slot].expiry, expiry <= now {
            settled(slot: slot, .expired)
            return nil
        }
        queues[slot].state = .inFlight
        queues[slot].attempts += 1
        if queues[slot].suspect > 0 { suspectInFlight = true }
        return Delivery(
            position: queues[slot].position, attempt: queues[slot].attempts, bytes: bytes,
            cargo: .window(slot), committedAt: queues[slot].committedAt,
            topic: queues[slot].topic)
    }

    /// ACK of one delivery sequence; nil where it was unknown.
    package mutating func accepted(
        _ sequence: UInt64, into batch: inout CommitBatch
    ) -> UInt64? {
        guard let flight = flights.land(sequence) else { return nil }
        suspectInFlight = false
        transientsInARow = 0
        pauses = 0
        switch flight.cargo {
        case .window(let slot):
            let position = queues[slot].position
            settled(slot: slot, .accepted)
            return position
        case .held(let position):
            settled(held: position, .accepted, into: &batch)
            return position
        case .answered: return nil
        }
    }

    /// What became of a refused delivery, for the tap and the counters.
    package enum Refused: Equatable {
        case unknown
        case backsOff(position: UInt64)
        case deadLettered(position: UInt64)
    }

    /// NAK: the lane moves, not the message. A transient one never counts; a permanent one does, and
    /// at the limit the head becomes a dead letter and its lane is parked.
    package mutating func refused(
        _ sequence: UInt64, isPermanent: Bool, delay: Duration, code: String, now: Instant,
        into batch: inout CommitBatch
    ) -> Refused {
        guard let flight = flights.land(sequence) else { return .unknown }
        suspectInFlight = false
        forgive(flight.cargo)
        if isPermanent {
            return failed(flight.cargo, code: code, now: now, into: &batch)
        }
        transientsInARow += 1
        if transientsInARow >= limits.transientPauseAfter {
            pauses += 1
            pausedUntil = now + limits.backoff(afterFailures: pauses + 2)
            transientsInARow = 0
        }
        let wait = max(limits.backoffInitial, min(delay, limits.backoffMaximum))
        return backOff(flight.cargo, until: now + wait, code: code, now: now, into: &batch)
    }

    /// An answer came: whatever it says, this message did not take the session down.
    private mutating func forgive(_ cargo: FlightLedger.Cargo) {
        switch cargo {
        case .window(let slot): queues[slot].suspect = 0
        case .held(let position): exceptions[position]?.suspect = 0
        case .answered: break
        }
    }

    /// TERM: a dead letter at once.
    package mutating func terminated(
        _ sequence: UInt64, code: String, now: Instant, into batch: inout CommitBatch
    ) -> Refused {
        guard let flight = flights.land(sequence) else { return .unknown }
        suspectInFlight = false
        return deadLetter(flight.cargo, code: code, now: now, into: &batch)
    }

    /// A delivery that cannot be given to this receiver in its version: a dead letter, never sent.
    package mutating func unconvertible(
        _ cargo: FlightLedger.Cargo, code: String, now: Instant, into batch: inout CommitBatch
    ) -> Refused {
        suspectInFlight = false
        return deadLetter(cargo, code: code, now: now, into: &batch)
    }

    /// Ends what expired while its receiver is closed and nothing is offered to it; returns the positions.
    package mutating func expireReady(now: Instant) -> [UInt64] {
        var expired: [UInt64] = []
        for slot in Array(window) where queues[slot].state == .ready {
            guard let expiry = queues[slot].expiry, expiry <= now else { continue }
            expired.append(queues[slot].position)
            ready.removeAll { $0 == slot }
            urgent.removeAll { $0 == slot }
            suspects.removeAll { $0 == slot }
            settled(slot: slot, .expired)
        }
        return expired
    }

    /// The session is gone. With `isSuspicious` what was in flight is suspect: it is redelivered alone,
    /// and after `suspectLimit` such losses each counts as a failure (design §5).
    package mutating func sessionEnded(
        isSuspicious: Bool, now: Instant, into batch: inout CommitBatch
    ) {
        suspectInFlight = false
        loaded.removeAll()
        wanted.removeAll()
        for (position, message) in exceptions
        where message.state == .loading || message.state == .loaded {
            exceptions[position]?.state = .waiting
        }
        var failed: [FlightLedger.Cargo] = []
        for cargo in flights.end().reversed() {
            switch cargo {
            case .window(let slot):
                queues[slot].state = .ready
                if isSuspicious { queues[slot].suspect += 1 }
                if queues[slot].suspect >= limits.suspectLimit {
                    failed.append(cargo)
                } else if queues[slot].suspect > 0 {
                    suspects.prepend(slot)
                } else if queues[slot].isUrgent {
                    urgent.prepend(slot)
                } else {
                    ready.prepend(slot)
                }
            case .held(let position):
                exceptions[position]?.state = .waiting
                if isSuspicious { exceptions[position]?.suspect += 1 }
                if (exceptions[position]?.suspect ?? 0) >= limits.suspectLimit {
                    failed.append(cargo)
                }
            case .answered: break
            }
        }
        for cargo in failed.reversed() {
            if case .held(let position) = cargo { exceptions[position]?.suspect = 0 }
            _ = self.failed(cargo, code: "session-lost", now: now, into: &batch)
        }
        offerHeldHeads(of: Array(held.keys))
    }

    private mutating func failed(
        _ cargo: FlightLedger.Cargo, code: String, now: Instant, into batch: inout CommitBatch
    ) -> Refused {
        let before: Int =
            switch cargo {
            case .window, .answered: 0
            case .held(let position): exceptions[position]?.failures ?? 0
            }
        guard before + 1 < limits.attemptLimit else {
            return deadLetter(cargo, code: code, now: now, into: &batch)
        }
        let until = now + limits.backoff(afterFailures: before + 1)
        let outcome = backOff(cargo, until: until, code: code, now: now, into: &batch)
        if case .backsOff(let position) = outcome { exceptions[position]?.failures = before + 1 }
        return outcome
    }

    private mutating func backOff(
        _ cargo: FlightLedger.Cargo, until: Instant, code: String, now: Instant,
        into batch: inout CommitBatch
    ) -> Refused {
        switch cargo {
        case .window(let slot):
            let position = queues[slot].position
            holdFrom(slot: slot, phase: .backoff(until: until), code: code, now: now, into: &batch)
            return .backsOff(position: position)
        case .held(let position):
            guard let message = exceptions[position] else { return .unknown }
            exceptions[position]?.state = .waiting
            setPhase(.backoff(until: until), code: code, of: message.lanes, now: now)
            batch.exceptionsChanged.append(change(position, .waiting))
            return .backsOff(position: position)
        case .answered: return .unknown
        }
    }

    private mutating func deadLetter(
        _ cargo: FlightLedger.Cargo, code: String, now: Instant, into batch: inout CommitBatch
    ) -> Refused {
        let position: UInt64
        switch cargo {
        case .window(let slot):
            position = queues[slot].position
            holdFrom(slot: slot, phase: .parked, code: code, now: now, into: &batch)
        case .held(let heldPosition):
            position = heldPosition
            setPhase(.parked, code: code, of: exceptions[position]?.lanes ?? [], now: now)
        case .answered: return .unknown
        }
        exceptions[position]?.state = .dead
        exceptions[position]?.failures += 1
        batch.exceptionsChanged.append(change(position, .dead))
        batch.deadLettersUpserted.append(
            deadLetterRow(position, code: code, since: now, state: .open))
        return .deadLettered(position: position)
    }

    func change(_ position: UInt64, _ state: ExceptionState) -> ExceptionChange {
        ExceptionChange(
            key: ExceptionKey(subscription: party, position: Position(rawValue: position)),
            state: state, attempts: exceptions[position]?.attempts ?? 0)
    }

    func deadLetterRow(
        _ position: UInt64, code: String, since: Instant, state: DeadLetterState
    ) -> DeadLetterRow {
        DeadLetterRow(
            subscription: party, position: Position(rawValue: position),
            lane: exceptions[position]?.lanes.first, since: since, code: code,
            failures: UInt32(exceptions[position]?.failures ?? 0), state: state)
    }

    // MARK: Time and bodies

    /// Lanes whose back-off is over go on; held messages past their expiry end, visibly.
    /// Returns when to look again.
    package mutating func timePassed(now: Instant, into batch: inout CommitBatch) -> [UInt64] {
        guard let turn = nextTurn, turn <= now else { return [] }
        nextTurn = nil
        var due: [LaneID] = []
        for (lane, queue) in held {
            if case .backoff(let until) = queue.phase, until > now { noteTurn(until) }
            if case .backoff(let until) = queue.phase, until <= now { due.append(lane) }
        }
        for lane in due { held[lane]?.phase = .draining }
        offerHeldHeads(of: due)
        var expired: [UInt64] = []
        for (position, message) in exceptions {
            guard let expiry = message.expiry else { continue }
            if expiry <= now, message.state != .inFlight {
                expired.append(position)
            } else {
                noteTurn(max(expiry, now + .milliseconds(20)))
            }
        }
        expired.sort()
        for position in expired {
            if exceptions[position]?.state == .dead {
                let code =
                    held[exceptions[position]?.lanes.first ?? LaneID(rawValue: 0)]?.code ?? ""
                batch.deadLettersUpserted.append(
                    deadLetterRow(
                        position, code: code, since: now,
                        state: .resolved(at: now, how: .expired, by: nil, reason: "expired")))
            }
            settled(held: position, .expired, into: &batch)
        }
        return expired
    }

    /// Held messages whose bodies are wanted, for a reader thread to fetch.
    package mutating func takeWanted(limit: Int) -> [UInt64] {
        var positions: [UInt64] = []
        while positions.count < limit, let position = wanted.popFirst() {
            positions.append(position)
        }
        return positions
    }

    /// What a reader found of a held message.
    package enum Body: Sendable {
        case here(RecordBytes, committedAt: Instant, topic: TopicIndex? = nil)
        /// Not on the disk yet: asked for again after the next commit.
        case notYet
        /// It may not be delivered any more: its key is gone, or its link was withdrawn.
        case ended(Outcome)
    }

    /// The body of a held message was read.
    package mutating func bodyArrived(
        _ position: UInt64, _ body: Body, into batch: inout CommitBatch
    ) {
        guard exceptions[position]?.state == .loading else { return }
        switch body {
        case .here(let bytes, let committedAt, let topic):
            exceptions[position]?.state = .loaded
            loaded.append(
                LoadedMessage(
                    position: position, bytes: bytes, committedAt: committedAt, topic: topic))
        case .notYet:
            exceptions[position]?.state = .waiting
            bodiless.append(position)
        case .ended(let outcome): settled(held: position, outcome, into: &batch)
        }
    }

    /// Nobody could be asked for these bodies; they are wanted still.
    package mutating func stillWanted(_ positions: [UInt64]) {
        for position in positions where exceptions[position]?.state == .loading {
            exceptions[position]?.state = .waiting
            bodiless.append(position)
        }
    }

    /// Asks again for the bodies that were not there.
    package mutating func offerAgain() {
        guard !bodiless.isEmpty else { return }
        let positions = bodiless
        bodiless.removeAll()
        for position in positions { offerHeldHeads(of: exceptions[position]?.lanes ?? []) }
    }
}
