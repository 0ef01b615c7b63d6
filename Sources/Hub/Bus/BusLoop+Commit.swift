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
        for index in subscriptions.indices where subscriptions[index].needsFlush {
            subscriptions[index].flush(into: &batch)
        }
        guard !batch.isEmpty else { return }
        let order = batch
        committing = pending
        pending = PendingAnswers()
        batch = spare.popLast() ?? CommitBatch()
        if !writer.commit(order) {
            failure = HubError(.journal, "hand over a batch", "the writer's mailbox is full")
        }
    }

    /// The batch is on the disk: answer its senders, then deliver it from memory.
    func committed(_ done: CommitBatch, _ receipt: CommitReceipt, now: Instant) {
        guard let answers = committing else { return }
        committing = nil
        counts.commits += 1
        lastBlock = receipt.block
        chainHead = receipt.chainHead
        lastPosition = receipt.block + UInt64(max(1, done.messages.count)) - 1
        KillPoint.reach("hub.before-puback")
        let started = StageClock.now()
        answer(answers, receipt)
        for sender in answers.welcomes { welcome(sender, now: now) }
        let answered = StageClock.now()
        stages.add(.answer, nanoseconds: answered - started, count: UInt64(answers.published.count))
        route(done, answers, receipt, now: now)
        for index in subscriptions.indices where !subscriptions[index].exceptions.isEmpty {
            subscriptions[index].offerAgain()
        }
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
            if producers[published.party].committed < published.sequence {
                producers[published.party].committed = published.sequence
            }
            guard let sender = current[published.party] else { continue }
            sessions[sender]?.publishCredit.release(messages: 1, bytes: published.bytes)
            if open != published.party || !frame.fits(PublishAcknowledgement.byteCount + 4) {
                if let open { finishAnswer(to: open) }
                beginAnswer(.puback, to: sender)
                open = published.party
            }
            frame.appendAcknowledgement(
                PublishAcknowledgement(
                    sequence: published.sequence,
                    position: receipt.firstPosition.rawValue + UInt64(index)))
        }
        if let open { finishAnswer(to: open) }
        for refused in answers.refused {
            if producers[refused.party].committed < refused.sequence {
                producers[refused.party].committed = refused.sequence
            }
            guard let sender = current[refused.party] else { continue }
            sessions[sender]?.publishCredit.release(messages: 1, bytes: refused.bytes)
            beginAnswer(.pubnak, to: sender)
            frame.appendRefusal(wire(refused.sequence, refused.refusal))
            frame.finish()
            send(to: sender)
        }
        topUp(Set(answers.published.map(\.party)).union(answers.refused.map(\.party)))
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
            let committed = CommittedMessage(
                position: position, lanes: message.lanes,
                bytes: RecordBytes(arena: done.arena, range: message.record),
                keyID: keyID(message.keyClass, message.expiryDay), expiry: message.expiry,
                committedAt: receipt.committedAt)
            for recipient in published.recipients {
                let isAttached =
                    registry[recipient].isHub
                    || (current[recipient].flatMap { sessions[$0]?.deliveryCredit } != nil)
                subscriptions[recipient].committed(committed, isAttached: isAttached, into: &batch)
                if registry[recipient].isHub { settleOwn(now: now) }
            }
            mayBeReplacement(message, published, position, done.arena)
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
                delivery.cargo, bytes: delivery.bytes.range.count, at: now)
            _ = subscriptions[hub].accepted(sequence, into: &batch)
        }
    }

    private func announce(
        _ message: AppendedMessage, _ published: PendingAnswers.Published, _ position: UInt64,
        _ arena: Arena, _ receipt: CommitReceipt
    ) {
        var event = TapEvent(
            event: "admitted", position: position, source: registry[published.party].text,
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
