import BusProtocol
import Journal
import Logging
import Messaging
import Operations
import Platform

extension BusLoop {
    /// Hands the open batch over when the writer is idle: it commits whatever arrived meanwhile.
    func commitIfIdle() {
        guard committing == nil else { return }
        guard !waitsForCompany() else { return }
        for index in subscriptions.indices where subscriptions[index].needsFlush {
            subscriptions[index].flush(into: &batch)
            pending.floors.append((index, subscriptions[index].forgettable))
        }
        guard !batch.isEmpty else { return }
        settlementsSince = nil
        let order = batch
        committing = pending
        pending = PendingAnswers()
        batch = spare.popLast() ?? CommitBatch()
        if !writer.commit(order) {
            failure = HubError(.journal, "hand over a batch", "the writer's mailbox is full")
        }
    }

    /// Settlements alone wait a little for messages to share an fsync with: nobody is answered by them.
    private func waitsForCompany() -> Bool {
        guard batch.isEmpty, pending.isEmpty,
            subscriptions.contains(where: { $0.needsFlush })
        else { return false }
        let now = StageClock.now()
        guard let since = settlementsSince else {
            settlementsSince = now
            return true
        }
        return now - since < Self.settlementPatience
    }

    /// The batch is on the disk: answer its senders, then deliver it from memory.
    func committed(_ done: CommitBatch, _ receipt: CommitReceipt, now: Instant) {
        guard let answers = committing else { return }
        committing = nil
        counts.commits += 1
        lastBlock = receipt.block
        chainHead = receipt.chainHead
        for (index, floor) in answers.floors { announcedFloors[index] = floor }
        lastPosition = receipt.block + UInt64(max(1, done.messages.count)) - 1
        KillPoint.reach("hub.before-puback")
        let started = StageClock.now()
        answer(answers, receipt)
        for sender in answers.welcomes { welcome(sender, now: now) }
        let answered = StageClock.now()
        stages.add(.answer, nanoseconds: answered - started, count: UInt64(answers.published.count))
        route(done, answers, receipt, now: now)
        for index in subscriptions.indices { subscriptions[index].offerAgain() }
        recycle(done)
        stages.add(
            .settle, nanoseconds: StageClock.now() - answered,
            count: UInt64(answers.published.count))
    }

    /// PUBACK and PUBNAK, packed per session, and the publish credit that comes back with them.
    private func answer(_ answers: PendingAnswers, _ receipt: CommitReceipt) {
        var open: Int?
        for (index, published) in answers.published.enumerated() {
            counts.admitted += 1
            guard let sender = settleNumber(published.from) else { continue }
            if open != published.from.party || !frame.fits(PublishAcknowledgement.byteCount + 4) {
                if let open { finishAnswer(to: open) }
                beginAnswer(.puback, to: sender)
                open = published.from.party
            }
            frame.appendAcknowledgement(
                PublishAcknowledgement(
                    sequence: published.from.sequence,
                    position: receipt.firstPosition.rawValue + UInt64(index)))
        }
        if let open { finishAnswer(to: open) }
        for refused in answers.refused {
            guard let sender = settleNumber(refused.from) else { continue }
            beginAnswer(.pubnak, to: sender)
            frame.appendRefusal(wire(refused.from.sequence, refused.refusal))
            frame.finish()
            send(to: sender)
        }
        topUp(Set(answers.published.map(\.from.party)).union(answers.refused.map(\.from.party)))
    }

    /// A number is durable: noted in its own life of the numbering; its credit goes back to the session it
    /// was spent in. Returns whom to answer: the producer's newest session in that same life.
    private func settleNumber(_ ticket: PendingAnswers.Ticket) -> RoutingID? {
        let party = ticket.party
        guard producers[party].incarnation == ticket.incarnation else {
            let known = numberings[party]?[ticket.incarnation]?.committed ?? 0
            numberings[party]?[ticket.incarnation]?.committed = max(known, ticket.sequence)
            return nil
        }
        producers[party].committed = max(producers[party].committed, ticket.sequence)
        guard let sender = current[party] else { return nil }
        if sessions[sender]?.epoch == ticket.epoch {
            sessions[sender]?.publishCredit.release(messages: 1, bytes: ticket.bytes)
        }
        return sender
    }

    private func finishAnswer(to party: Int) {
        frame.finish()
        if let sender = current[party] { send(to: sender) }
    }

    func topUp(_ parties: Set<Int>) {
        for party in parties {
            guard let sender = current[party],
                let grant = sessions[sender]?.publishCredit.topUpAtHalf()
            else { continue }
            frame.begin(.credit, epoch: sessions[sender]?.epoch ?? 0, sequence: 0)
            frame.appendCredit(grant)
            frame.finish()
            send(to: sender)
        }
    }

    /// Live delivery from memory: each recipient's subscription takes its share.
    private func route(
        _ done: CommitBatch, _ answers: PendingAnswers, _ receipt: CommitReceipt, now: Instant
    ) {
        var routed: [CommittedMessage] = []
        routed.reserveCapacity(done.messages.count)
        for (index, message) in done.messages.enumerated() {
            let published = answers.published[index]
            let position = receipt.firstPosition.rawValue + UInt64(index)
            var committed = CommittedMessage(
                position: position, lanes: message.lanes,
                bytes: RecordBytes(arena: done.arena, range: message.record),
                keyID: keyID(message.keyClass, message.expiryDay), expiry: message.expiry,
                committedAt: receipt.committedAt)
            committed.cause = published.cause
            committed.topic = published.topic
            committed.isUrgent = catalogue.topic(published.topic).urgency == .query
            for recipient in published.recipients {
                let isAttached =
                    registry[recipient].isHub
                    || (current[recipient].flatMap { sessions[$0]?.deliveryCredit } != nil)
                subscriptions[recipient].committed(committed, isAttached: isAttached, into: &batch)
                if registry[recipient].isHub { settleOwn(now: now) }
            }
            if tap.hasListeners { announce(message, published, position, done.arena, receipt) }
            routed.append(committed)
        }
        recent.append(
            RecentCommits.Batch(
                first: receipt.block, messages: routed,
                recipients: answers.published.map(\.recipients)),
            bytes: done.arena.count)
    }

    /// What is addressed to the hub itself is evidence (L-28): recorded by its commit, settled at once.
    private func settleOwn(now: Instant) {
        let hub = registry.hub
        while let delivery = subscriptions[hub].nextDelivery(now: now, into: &batch) {
            let sequence = subscriptions[hub].flights.depart(
                delivery.cargo, bytes: delivery.bytes.range.count, at: StageClock.now())
            _ = subscriptions[hub].accepted(sequence, into: &batch)
        }
    }

    private func announce(
        _ message: AppendedMessage, _ published: PendingAnswers.Published, _ position: UInt64,
        _ arena: Arena, _ receipt: CommitReceipt
    ) {
        var event = TapEvent(
            event: "admitted", position: position, source: registry[published.from.party].text,
            code: nil,
            at: receipt.committedAt, bytes: message.record.count)
        event.latencyMicroseconds = Int((StageClock.now() - published.admittedAt) / 1000)
        event.envelope = arena.array(
            ArenaRange(offset: message.record.offset + 4, count: message.envelopeLength))
        tap.send(event)
    }

    func keyID(_ keyClass: UInt16, _ day: CivilDate) -> ContentKeyID {
        if let known = lastKeyID, known.keyClass == keyClass, known.day == day { return known.id }
        let id = ContentKeyID(
            retentionClass: catalogue.retentionClasses[Int(keyClass)].name, expiryDay: day)
        lastKeyID = (keyClass, day, id)
        return id
    }

    /// Batches are used again; an arena that somebody still delivers from is left to them.
    private func recycle(_ done: CommitBatch) {
        var batch = done
        batch.reset()
        let arena = batch.arena
        batch.arena = freeArena()
        if arenas.count < Self.arenaLimit { arenas.append(arena) }
        if spare.count < 2 { spare.append(batch) }
    }

    /// An arena nobody refers to any more, or a new one.
    private func freeArena() -> Arena {
        for index in arenas.indices.prefix(4) where isKnownUniquelyReferenced(&arenas[index]) {
            let arena = arenas.remove(at: index)
            arena.reset()
            return arena
        }
        return Arena()
    }

    /// Arenas kept to be used again.
    private static let arenaLimit = 256
}
