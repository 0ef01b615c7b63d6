import Messaging

/// The bytes of one block's entries (証跡の符号化), format 1.
///
/// Numbers are LEB128, `u64` and `i64` big-endian, texts length-prefixed UTF-8. In this order:
///
/// ```
/// version u8 = 1
/// keys:        count, then per key: text
/// messages:    count, then per message: flags u8 (1 producer and incarnation as before, 2 expires),
///              [producer, incarnation u64], sequence, recipients (count, numbers), lanes (count, i64),
///              salted digest 32, tag 16, key index, payload length, [expiry i64], envelope text
/// refusals:    count, then: flags u8 (1 producer, 2 number, 4 tag), …, code, pointer?, source?, at i64
/// settlements: count, then: subscription, floor, ranges, outcomes (range, u8)
/// exceptions:  added, changed, removed
/// lanes:       held, freed
/// dead letters, epochs, notes
/// ```
///
/// A block's hash is SHA-256(previous 32 ‖ number u64 ‖ count u64 ‖ committed at i64 ‖ entries).
/// Envelopes carry no personal data, so the block stays when content is gone (design §7).
enum BlockCodec {
    static let version: UInt8 = 1

    /// Writes `batch`; `keys` are its key names, `keyIndexes` and `digests` one per message.
    static func encode(
        _ batch: CommitBatch, keys: [ContentKeyID], keyIndexes: [UInt16], digests: [Digest32],
        into writer: inout ByteWriter
    ) {
        writer.byte(version)
        writer.number(keys.count)
        for key in keys { writer.text(key.rawValue) }
        encodeMessages(batch, keyIndexes, digests, &writer)
        writer.number(batch.refusals.count)
        for refusal in batch.refusals { encode(refusal, &writer) }
        writer.number(batch.settlements.count)
        for settlement in batch.settlements { encode(settlement, &writer) }
        encodeExceptions(batch, &writer)
        writer.number(batch.lanesUpserted.count)
        for lane in batch.lanesUpserted { encode(lane, &writer) }
        writer.number(batch.lanesRemoved.count)
        for lane in batch.lanesRemoved { encode(lane, &writer) }
        writer.number(batch.deadLettersUpserted.count)
        for letter in batch.deadLettersUpserted { encode(letter, &writer) }
        writer.number(batch.epochs.count)
        for raise in batch.epochs {
            writer.number(UInt64(raise.party.rawValue))
            writer.number(UInt64(raise.epoch.rawValue))
        }
        writer.number(batch.notes.count)
        for note in batch.notes {
            writer.text(note.kind)
            writer.text(note.text)
        }
    }

    private static func encodeMessages(
        _ batch: CommitBatch, _ keyIndexes: [UInt16], _ digests: [Digest32],
        _ writer: inout ByteWriter
    ) {
        writer.number(batch.messages.count)
        var producer: UInt32?
        var incarnation: UInt64 = 0
        for (index, message) in batch.messages.enumerated() {
            let isSame = producer == message.producer.rawValue && incarnation == message.incarnation
            writer.byte((isSame ? 1 : 0) | (message.expiry == nil ? 0 : 2))
            if !isSame {
                writer.number(UInt64(message.producer.rawValue))
                writer.fixed(message.incarnation)
                producer = message.producer.rawValue
                incarnation = message.incarnation
            }
            writer.number(message.sequence)
            encode(message.recipients, &writer)
            encode(message.lanes, &writer)
            writer.digest(digests[index])
            writer.tag(message.tag)
            writer.number(UInt64(keyIndexes[index]))
            writer.number(message.record.count - 4 - message.envelopeLength)
            if let expiry = message.expiry { writer.fixed(expiry.nanosecondsSince1970) }
            writer.number(message.envelopeLength)
            let envelope = ArenaRange(
                offset: message.record.offset + 4, count: message.envelopeLength)
            unsafe writer.raw(batch.arena.pointer(envelope))
        }
    }

    private static func encode(_ recipients: RecipientSet, _ writer: inout ByteWriter) {
        writer.number(recipients.count)
        switch recipients {
        case .one(let party): writer.number(UInt64(party.rawValue))
        case .many(let parties): for party in parties { writer.number(UInt64(party.rawValue)) }
        }
    }

    static func encode(_ lanes: LaneSet, _ writer: inout ByteWriter) {
        writer.number(lanes.count)
        switch lanes {
        case .none: break
        case .one(let lane): writer.fixed(lane.rawValue)
        case .many(let lanes): for lane in lanes { writer.fixed(lane.rawValue) }
        }
    }

    private static func encode(_ refusal: AppendedRefusal, _ writer: inout ByteWriter) {
        writer.byte(
            (refusal.producer == nil ? 0 : 1) | (refusal.number == nil ? 0 : 2)
                | (refusal.tag == nil ? 0 : 4))
        if let producer = refusal.producer { writer.number(UInt64(producer.rawValue)) }
        if let number = refusal.number {
            writer.fixed(number.incarnation)
            writer.number(number.sequence)
        }
        if let tag = refusal.tag { writer.tag(tag) }
        writer.text(refusal.code)
        writer.optionalText(refusal.pointer)
        writer.optionalText(refusal.source)
        writer.fixed(refusal.at.nanosecondsSince1970)
    }

    private static func encode(_ settlement: SettlementChange, _ writer: inout ByteWriter) {
        writer.number(UInt64(settlement.subscription.rawValue))
        writer.number(settlement.floor.rawValue)
        encode(settlement.settled, above: settlement.floor.rawValue, &writer)
        writer.number(settlement.outcomes.count)
        for outcome in settlement.outcomes {
            writer.number(outcome.positions.lowerBound)
            writer.number(outcome.positions.upperBound - outcome.positions.lowerBound)
            writer.byte(outcome.outcome.rawValue)
        }
    }

    /// Ascending ranges as distances from the end of the one before.
    static func encode(
        _ ranges: [ClosedRange<UInt64>], above floor: UInt64, _ writer: inout ByteWriter
    ) {
        writer.number(ranges.count)
        var last = floor
        for range in ranges {
            precondition(range.lowerBound > last, "settled ranges ascend above their floor")
            writer.number(range.lowerBound - last)
            writer.number(range.upperBound - range.lowerBound)
            last = range.upperBound
        }
    }

    private static func encodeExceptions(_ batch: CommitBatch, _ writer: inout ByteWriter) {
        writer.number(batch.exceptionsAdded.count)
        for row in batch.exceptionsAdded {
            encode(ExceptionKey(subscription: row.subscription, position: row.position), &writer)
            encode(row.lanes, &writer)
            writer.byte(row.state.rawValue)
            writer.number(UInt64(row.attempts))
        }
        writer.number(batch.exceptionsChanged.count)
        for change in batch.exceptionsChanged {
            encode(change.key, &writer)
            writer.byte(change.state.rawValue)
            writer.number(UInt64(change.attempts))
        }
        writer.number(batch.exceptionsRemoved.count)
        for key in batch.exceptionsRemoved { encode(key, &writer) }
    }

    private static func encode(_ key: ExceptionKey, _ writer: inout ByteWriter) {
        writer.number(UInt64(key.subscription.rawValue))
        writer.number(key.position.rawValue)
    }

    private static func encode(_ lane: SubscriptionLane, _ writer: inout ByteWriter) {
        writer.number(UInt64(lane.subscription.rawValue))
        writer.fixed(lane.lane.rawValue)
    }

    private static func encode(_ row: LaneRow, _ writer: inout ByteWriter) {
        encode(row.key, &writer)
        switch row.hold {
        case .backoff(let until):
            writer.byte(1)
            writer.fixed(until.nanosecondsSince1970)
        case .parked: writer.byte(2)
        }
        writer.number(UInt64(row.failures))
        writer.number(UInt64(row.suspect))
        writer.fixed(row.since.nanosecondsSince1970)
        writer.text(row.code)
        writer.number(row.head.rawValue)
    }

    private static func encode(_ letter: DeadLetterRow, _ writer: inout ByteWriter) {
        writer.number(UInt64(letter.subscription.rawValue))
        writer.number(letter.position.rawValue)
        encode(letter.lane.map(LaneSet.one) ?? .none, &writer)
        writer.fixed(letter.since.nanosecondsSince1970)
        writer.text(letter.code)
        writer.number(UInt64(letter.failures))
        switch letter.state {
        case .open: writer.byte(0)
        case .resolved(let at, let how, let by, let reason):
            writer.byte(how.rawValue)
            writer.fixed(at.nanosecondsSince1970)
            writer.optionalText(by?.rawValue)
            writer.text(reason)
        }
    }
}
