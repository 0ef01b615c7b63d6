import BusProtocol
import Glibc
import Journal
import Logging
import Messaging
import Operations
import Platform

extension BusLoop {
    func acknowledged(
        _ head: ControlFrame, _ body: Span<UInt8>, _ party: Int
    ) throws(ProtocolFault) {
        let highest = subscriptions[party].flights.nextSequence - 1
        try ranges.parse(head, body: body, highest: highest)
        let started = StageClock.now()
        var count: UInt64 = 0
        for range in ranges.ranges {
            let first = max(range.lowerBound, subscriptions[party].flights.firstOpen)
            guard first <= range.upperBound else { continue }
            for sequence in first...range.upperBound {
                guard let position = subscriptions[party].accepted(sequence, into: &batch) else {
                    continue
                }
                count += 1
                if tap.hasListeners { announceSettled(position, party, "settled", nil) }
            }
        }
        counts.settled += count
        traffic[party].settled += count
        stages.add(.settle, nanoseconds: StageClock.now() - started, count: count)
    }

    func refusedDeliveries(
        _ head: ControlFrame, _ body: Span<UInt8>, _ party: Int, now: Instant
    ) throws(ProtocolFault) {
        var reader = try BodyReader(head, body: body)
        while let record = reader.next(in: body) {
            let nak = try NegativeAcknowledgement(parsing: body, at: record)
            let outcome = subscriptions[party].refused(
                nak.deliverySequence, isPermanent: nak.kind == .permanent,
                delay: .milliseconds(Int(nak.delayMilliseconds)), code: plain(nak.reason), now: now,
                into: &batch)
            refused(outcome, party, code: plain(nak.reason))
        }
    }

    func terminatedDeliveries(
        _ head: ControlFrame, _ body: Span<UInt8>, _ party: Int, now: Instant
    ) throws(ProtocolFault) {
        var reader = try BodyReader(head, body: body)
        while let record = reader.next(in: body) {
            let term = try Termination(parsing: body, at: record)
            let outcome = subscriptions[party].terminated(
                term.deliverySequence, code: plain(term.reason), now: now, into: &batch)
            refused(outcome, party, code: plain(term.reason))
        }
    }

    /// A receiver's code is shown to people: one that could hold a number is not taken over.
    private func plain(_ code: String) -> String {
        code.utf8.count { (0x30...0x39).contains($0) } > 8 ? "unspecified" : code
    }

    func refused(
        _ outcome: Subscription.Refused, _ party: Int, code: String, pointers: [String] = []
    ) {
        switch outcome {
        case .unknown: break
        case .backsOff(let position):
            counts.redelivered += 1
            announceSettled(position, party, "backoff", code)
        case .deadLettered(let position):
            counts.deadLettered += 1
            announceSettled(position, party, "parked", code, pointers: pointers)
            logger.warning(
                "lane.parked",
                metadata: [
                    "recipient": "\(registry[party].text)", "position": "\(position)",
                    "code": "\(code)",
                ])
        }
    }

    func announceSettled(
        _ position: UInt64, _ party: Int, _ event: String, _ code: String?,
        pointers: [String] = []
    ) {
        guard tap.hasListeners else { return }
        var event = TapEvent(
            event: event, position: position, source: nil, code: code, at: clock.now(), bytes: 0)
        event.recipient = registry[party].text
        event.pointers = pointers
        tap.send(event)
    }

    /// Fills DELIVER frames for everybody who has credit and something ready; asks for backlogs.
    func deliverAll(now: Instant) {
        for sender in inboxLosses { endSession(sender, isSuspicious: true, now: now) }
        inboxLosses.removeAll(keepingCapacity: true)
        for party in current.indices {
            lookForReplacements(party)
            guard let sender = current[party], sessions[sender]?.deliveryCredit != nil else {
                continue
            }
            askForMore(party)
            guard closedUntil(party, now: now) == nil else { continue }
            deliver(to: party, sender, now: now)
        }
    }

    private func askForMore(_ party: Int) {
        if subscriptions[party].wantsBacklog, !backlogAsked[party],
            let found = recent.messages(
                for: party, after: subscriptions[party].cursor, limit: subscriptions[party].room)
        {
            subscriptions[party].backlog(
                found.messages, scannedThrough: found.scannedThrough, into: &batch)
        } else if subscriptions[party].wantsBacklog, !backlogAsked[party] {
            backlogAsked[party] = reader.order(
                .backlog(
                    subscription: party, party: registry[party].number,
                    after: Position(rawValue: subscriptions[party].cursor),
                    messages: subscriptions[party].room,
                    bytes: configuration.limits.deliveryWindowBytes))
        }
        let wanted = subscriptions[party].takeWanted(limit: 256)
        if !wanted.isEmpty {
            let isAsked = reader.order(
                .held(subscription: party, party: registry[party].number, positions: wanted))
            if !isAsked { subscriptions[party].stillWanted(wanted) }
        }
    }

    private func deliver(to party: Int, _ sender: RoutingID, now: Instant) {
        var isOpen = false
        while sessions[sender]?.deliveryCredit?.isOpen == true {
            let first = subscriptions[party].flights.nextSequence
            guard let delivery = subscriptions[party].nextDelivery(now: now, into: &batch) else {
                break
            }
            guard let content = content(of: delivery, to: party, now: now) else { continue }
            let bytes = 12 + content.count
            if isOpen, !frame.fits(bytes + 4) {
                frame.finish()
                send(to: sender)
                isOpen = false
            }
            if !isOpen {
                frame.begin(.deliver, epoch: sessions[sender]?.epoch ?? 0, sequence: first)
                frame.appendFloor(announcedFloors[party])
                isOpen = true
            }
            append(delivery, content)
            _ = sessions[sender]?.deliveryCredit?.spend(bytes)
            _ = subscriptions[party].flights.depart(
                delivery.cargo, bytes: bytes, at: StageClock.now())
            counts.delivered += 1
            traffic[party].delivered += 1
            if tap.hasListeners { announceSettled(delivery.position, party, "delivered", nil) }
        }
        guard isOpen else { return }
        frame.finish()
        send(to: sender)
    }

    private func append(_ delivery: Subscription.Delivery, _ content: DeliveredContent) {
        frame.beginRecord()
        frame.append(delivery.position)
        frame.append(delivery.attempt)
        switch content {
        case .stored(let bytes): bytes.arena.withBytes(bytes.range) { frame.append($0) }
        case .converted(let message):
            frame.append(UInt32(message.envelope.count))
            frame.append(message.envelope.span)
            frame.append(message.payload.span)
        }
        frame.endRecord()
    }

    // MARK: Time

    func timers(now: Instant, monotonic: UInt64) {
        nextTimers = monotonic + Self.timerNanoseconds
        expireWhileClosed(now: now)
        for party in subscriptions.indices where !subscriptions[party].held.isEmpty {
            let expired = subscriptions[party].timePassed(now: now, into: &batch)
            counts.expired += UInt64(expired.count)
            for position in expired { announceSettled(position, party, "expired", "expired") }
            subscriptions[party].offerAgain()
        }
        checkSessions(now: now, monotonic: monotonic)
        for folded in refusals.minuteEnded(now: now) {
            batch.refusals.append(
                AppendedRefusal(
                    producer: registry.index(text: folded.who).map { registry[$0].number },
                    number: nil,
                    tag: nil, code: folded.code, pointer: nil, source: "×\(folded.count)", at: now))
        }
        if monotonic >= nextDiskCheck { checkRoom(monotonic) }
    }

    private func checkSessions(now: Instant, monotonic: UInt64) {
        let limits = configuration.limits
        let silence =
            UInt64(limits.heartbeatMilliseconds) * UInt64(limits.heartbeatMisses) * 1_000_000
        let deadline = UInt64(limits.ackDeadlineMilliseconds) * 1_000_000
        var silent: [RoutingID] = []
        for (sender, session) in sessions {
            if monotonic > session.lastHeard, monotonic - session.lastHeard > silence {
                silent.append(sender)
            }
        }
        for sender in silent { endSession(sender, isSuspicious: true, now: now) }
        for party in current.indices {
            guard let sender = current[party],
                let oldest = subscriptions[party].flights.oldestSentAt,
                monotonic > oldest, monotonic - oldest > deadline
            else { continue }
            cutOff(sender, .deliveryUnanswered, "a delivery was not answered in time", now: now)
        }
    }

    /// At a watermark new messages are refused; acknowledgements and operators go on (design §5, Full).
    private func checkRoom(_ monotonic: UInt64) {
        nextDiskCheck = monotonic + 1_000_000_000
        var disk = statvfs()
        var isFull = false
        if unsafe statvfs(configuration.stateDirectory, &disk) == 0 {
            isFull =
                UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
                < UInt64(configuration.limits.diskFreeRefuseBytes)
        }
        let backlog = subscriptions.reduce(UInt64(0)) {
            max($0, $1.committedCount - min($1.committedCount, $1.settledCount))
        }
        let wanted: String? =
            isFull
            ? "the disk is nearly full"
            : backlog > UInt64(configuration.limits.backlogRefuseMessages)
                ? "too many messages wait" : nil
        if wanted != refusing {
            logger.warning("hub.room", metadata: ["refusing": "\(wanted ?? "no")"])
            refusing = wanted
        }
    }
}
