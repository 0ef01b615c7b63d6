import BusProtocol
import Journal
import Messaging
import Operations
import Platform

extension BusLoop {
    /// PUB: every record is examined, in order; each uses one number up, whatever becomes of it.
    func published(
        _ head: ControlFrame, _ body: Span<UInt8>, from sender: RoutingID, _ party: Int,
        now: Instant
    ) throws(ProtocolFault) {
        guard current[party] == sender else {
            throw ProtocolFault(
                .unknownVerb, "a session of incarnation 0 asks, it does not publish")
        }
        var reader = try BodyReader(head, body: body)
        var sequence = head.sequence
        while let range = reader.next(in: body) {
            guard sessions[sender]?.publishCredit.spend(range.count) == true else {
                return cutOff(
                    sender, .creditExceeded, "more was published than was granted", now: now)
            }
            if refusing != nil {
                sessions[sender]?.publishCredit.release(messages: 1, bytes: range.count)
                continue
            }
            let record = try PublishedRecord(parsing: body, at: range)
            publish(
                sequence, body.extracting(record.envelope), body.extracting(record.payload),
                bytes: range.count, from: sender, party, now: now)
            sequence &+= 1
        }
        if let refusing {
            record(
                code: FaultCode.hubFull.rawValue, who: registry[party].text, source: nil, now: now)
            fault(sender, epoch: head.epoch, .hubFull, refusing)
        }
        // Duplicates, gaps and what a full hub did not take give their credit back at once.
        topUp([party])
    }

    private func publish(
        _ sequence: UInt64, _ envelope: Span<UInt8>, _ payload: Span<UInt8>, bytes: Int,
        from sender: RoutingID, _ party: Int, now: Instant
    ) {
        let producer = producers[party]
        guard sequence > producer.assigned else {
            return duplicate(sequence, envelope, payload, bytes: bytes, from: sender, party)
        }
        guard sequence == producer.assigned &+ 1 else {
            record(Refusal(.sequenceGap), who: registry[party].text, source: nil, now: now)
            sessions[sender]?.publishCredit.release(messages: 1, bytes: bytes)
            return answerNow(sequence, Refusal(.sequenceGap), to: sender, party)
        }
        producers[party].assigned = sequence
        traffic[party].published += 1
        let started = StageClock.now()
        do throws(Refusal) {
            let view = try admission.identify(envelope, party: party)
            let number = MessageNumber(incarnation: producer.incarnation, sequence: sequence)
            guard view.number == number else { throw Refusal(.numberMismatch, pointer: "#id") }
            let admitted = try admission.admit(
                view, envelope: envelope, payload: payload, party: party, now: now)
            try checkRoom(admitted)
            let examined = StageClock.now()
            stages.add(.admit, nanoseconds: examined - started)
            append(
                admitted, envelope, payload, sequence: sequence, bytes: bytes, party: party,
                now: now)
            stages.add(.digest, nanoseconds: StageClock.now() - examined)
        } catch {
            refuse(sequence, error, envelope, payload, bytes: bytes, party, now: now)
        }
    }

    /// Puts an admitted message into the open batch.
    func append(
        _ admitted: Admission.Admitted, _ envelope: Span<UInt8>, _ payload: Span<UInt8>,
        sequence: UInt64, bytes: Int, party: Int, now: Instant
    ) {
        let digests = admission.digests(envelope: envelope, payload: payload)
        batch.messages.append(
            AppendedMessage(
                producer: registry[party].number, incarnation: producers[party].incarnation,
                sequence: sequence, recipients: admitted.recipients, lanes: admitted.lanes,
                keyClass: admitted.retention.keyClass,
                expiryDay: retentionDay(admitted.retention.days, now: now),
                expiry: admitted.expiry, tag: digests.tag, contentDigest: digests.digest,
                record: batch.arena.append(envelope: envelope, payload: payload),
                envelopeLength: envelope.count))
        pending.published.append(
            PendingAnswers.Published(
                from: ticket(party, sequence, bytes), recipients: admitted.recipientIndexes,
                topic: admitted.topic, cause: admitted.cause,
                admittedAt: StageClock.now()))
    }

    /// Who is to be answered for one number, and in which session.
    private func ticket(_ party: Int, _ sequence: UInt64, _ bytes: Int) -> PendingAnswers.Ticket {
        PendingAnswers.Ticket(
            party: party, sequence: sequence, bytes: bytes,
            incarnation: producers[party].incarnation,
            epoch: current[party].flatMap { sessions[$0]?.epoch } ?? 0)
    }

    private func checkRoom(_ admitted: Admission.Admitted) throws(Refusal) {
        for recipient in admitted.recipientIndexes
        where subscriptions[recipient].exceptions.count
            >= subscriptions[recipient].limits.exceptionLimit
        {
            throw Refusal(.receiverHeldFull, pointer: "#recipient")
        }
    }

    private func retentionDay(_ days: Int, now: Instant) -> CivilDate {
        let nanoseconds = now.nanosecondsSince1970
        if retentionToday.until <= nanoseconds || retentionToday.from > nanoseconds {
            let day = now.day
            retentionToday = (
                day, day.startInstant.nanosecondsSince1970,
                day.adding(days: 1).startInstant.nanosecondsSince1970, [:]
            )
        }
        if let known = retentionToday.days[days] { return known }
        let due = retentionToday.day.adding(days: days)
        retentionToday.days[days] = due
        return due
    }

    /// A refusal uses its number up durably, so that what was pipelined behind it proceeds.
    private func refuse(
        _ sequence: UInt64, _ refusal: Refusal, _ envelope: Span<UInt8>, _ payload: Span<UInt8>,
        bytes: Int, _ party: Int, now: Instant
    ) {
        counts.refused += 1
        traffic[party].refused += 1
        let number = MessageNumber(
            incarnation: producers[party].incarnation, sequence: sequence)
        batch.refusals.append(
            AppendedRefusal(
                producer: registry[party].number, number: number,
                tag: admission.digests(envelope: envelope, payload: payload).tag,
                code: refusal.code.rawValue, pointer: refusal.pointer, source: refusal.detail,
                at: now))
        pending.refused.append(
            PendingAnswers.Refused(from: ticket(party, sequence, bytes), refusal: refusal))
        guard tap.hasListeners else { return }
        var event = TapEvent(
            event: "refused", position: nil, source: registry[party].text,
            code: refusal.code.rawValue, at: now, bytes: bytes)
        event.envelope = unsafe envelope.withUnsafeBytes { unsafe Array($0) }
        tap.send(event)
    }

    /// A known number: the same content gets the original answer again, other content `sequence-reused`.
    private func duplicate(
        _ sequence: UInt64, _ envelope: Span<UInt8>, _ payload: Span<UInt8>, bytes: Int,
        from sender: RoutingID, _ party: Int
    ) {
        counts.duplicates += 1
        guard sequence <= producers[party].committed else {
            // Under way to the disk: its answer comes with the receipt.
            sessions[sender]?.publishCredit.release(messages: 1, bytes: bytes)
            return
        }
        reader.order(
            .original(
                party: party, producer: registry[party].number,
                number: MessageNumber(
                    incarnation: producers[party].incarnation, sequence: sequence),
                tag: admission.digests(envelope: envelope, payload: payload).tag, bytes: bytes))
    }

    func answerDuplicate(
        _ party: Int, _ number: MessageNumber, _ tag: ContentTag, _ original: OriginalAnswer?,
        bytes: Int
    ) {
        // Credit of a duplicate comes back with its answer, so that they are bounded too.
        if let sender = current[party] {
            sessions[sender]?.publishCredit.release(messages: 1, bytes: bytes)
        }
        defer { topUp([party]) }
        guard let sender = current[party], producers[party].incarnation == number.incarnation else {
            return
        }
        guard let original, original.tag == nil || original.tag == tag else {
            return answerNow(number.sequence, Refusal(.sequenceReused), to: sender, party)
        }
        switch original.answer {
        case .admitted(let position):
            beginAnswer(.puback, to: sender)
            frame.appendAcknowledgement(
                PublishAcknowledgement(sequence: number.sequence, position: position.rawValue))
            frame.finish()
            send(to: sender)
        case .refused(let code, let pointer):
            let refusal = Refusal(RefusalCode(rawValue: code) ?? .payloadInvalid, pointer: pointer)
            answerNow(number.sequence, refusal, to: sender, party)
        }
    }

    private func answerNow(
        _ sequence: UInt64, _ refusal: Refusal, to sender: RoutingID, _ party: Int
    ) {
        frame.begin(.pubnak, epoch: sessions[sender]?.epoch ?? 0, sequence: 0)
        frame.appendRefusal(wire(sequence, refusal))
        frame.finish()
        send(to: sender)
    }

    func wire(_ sequence: UInt64, _ refusal: Refusal) -> PublishRefusal {
        PublishRefusal(
            sequence: sequence, code: refusal.code.rawValue, text: refusal.text,
            pointer: refusal.pointer, hint: refusal.code.hint)
    }

    func beginAnswer(_ verb: Verb, to sender: RoutingID) {
        frame.begin(verb, epoch: sessions[sender]?.epoch ?? 0, sequence: 0)
        if verb == .puback {
            frame.appendAnchor(PublishAnchor(block: lastBlock, chainHead: chainHead.bytes))
        }
    }

    /// Something refused that uses no number up; repeats within a minute are counted, not listed.
    func record(_ refusal: Refusal, who: String, source: String?, now: Instant) {
        record(code: refusal.code.rawValue, who: who, source: source ?? refusal.detail, now: now)
    }

    func record(code: String, who: String, source: String?, now: Instant) {
        counts.refused += 1
        guard refusals.shouldRecord(who: who, code: code) else { return }
        batch.refusals.append(
            AppendedRefusal(
                producer: registry.index(text: who).map { registry[$0].number }, number: nil,
                tag: nil,
                code: code, pointer: nil, source: source, at: now))
        tap.send(
            TapEvent(event: "refused", position: nil, source: who, code: code, at: now, bytes: 0))
    }
}
