import Messaging

/// One block as it was read (証跡塊).
struct Block: Sendable {
    let number: UInt64
    /// Messages in it; it uses `max(1, count)` positions.
    let count: Int
    let committedAt: Instant
    let previous: Digest32
    let hash: Digest32
    let entries: [UInt8]

    var last: UInt64 { number + UInt64(max(1, count)) - 1 }

    /// All its events in order. Throws ``JournalError/Code/damaged`` naming the block.
    func events() throws(JournalError) -> [EvidenceEvent] {
        var events: [EvidenceEvent] = []
        do throws(ByteReader.Malformed) {
            var reader = ByteReader(entries)
            for message in try Self.messages(&reader, from: number) {
                events.append(.admitted(message))
            }
            try Self.refusals(&reader) { events.append(.refused($0)) }
            try Self.settlements(&reader, &events)
            try Self.exceptions(&reader, &events)
            try Self.lanes(&reader, &events)
            try Self.endings(&reader, &events)
            guard reader.isAtEnd else { throw ByteReader.Malformed() }
        } catch {
            throw JournalError(.damaged, "decode block \(number)", "its entries are malformed")
        }
        return events
    }

    /// Its messages only.
    func messages() throws(JournalError) -> [EvidenceMessage] {
        do throws(ByteReader.Malformed) {
            var reader = ByteReader(entries)
            return try Self.messages(&reader, from: number)
        } catch {
            throw JournalError(.damaged, "decode block \(number)", "its entries are malformed")
        }
    }

    private static func messages(
        _ reader: inout ByteReader, from first: UInt64
    ) throws(ByteReader.Malformed) -> [EvidenceMessage] {
        guard try reader.byte() == BlockCodec.version else { throw ByteReader.Malformed() }
        var keys: [ContentKeyID] = []
        for _ in 0..<(try reader.count()) {
            guard let key = ContentKeyID(try reader.text()) else { throw ByteReader.Malformed() }
            keys.append(key)
        }
        let count = try reader.count()
        var messages: [EvidenceMessage] = []
        messages.reserveCapacity(count)
        var producer = PartyNumber(rawValue: 0)
        var incarnation: UInt64 = 0
        for index in 0..<count {
            let flags = try reader.byte()
            if flags & 1 == 0 {
                producer = try reader.party()
                incarnation = try reader.fixed()
            }
            let sequence = try reader.number()
            let recipients = try recipients(&reader)
            let lanes = try laneSet(&reader)
            let digest = try reader.digest()
            let tag = try reader.tag()
            let keyIndex = try reader.length()
            let payloadLength = try reader.length()
            let expiry = flags & 2 == 0 ? nil : Instant(nanosecondsSince1970: try reader.signed())
            let envelope = try reader.raw(try reader.count())
            guard keys.indices.contains(keyIndex) else { throw ByteReader.Malformed() }
            messages.append(
                EvidenceMessage(
                    position: Position(first + UInt64(index)), producer: producer,
                    number: MessageNumber(incarnation: incarnation, sequence: sequence),
                    recipients: recipients, lanes: lanes, keyID: keys[keyIndex], expiry: expiry,
                    tag: tag, saltedDigest: digest, payloadLength: payloadLength,
                    envelope: envelope, keyIndex: keyIndex))
        }
        return messages
    }

    private static func recipients(
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> RecipientSet {
        let count = try reader.count()
        if count == 1 { return .one(try reader.party()) }
        var parties: [PartyNumber] = []
        for _ in 0..<count { parties.append(try reader.party()) }
        return .many(parties)
    }

    static func laneSet(_ reader: inout ByteReader) throws(ByteReader.Malformed) -> LaneSet {
        var lanes: [LaneID] = []
        for _ in 0..<(try reader.count()) { lanes.append(LaneID(try reader.signed())) }
        return LaneSet(lanes)
    }

    private static func refusals(
        _ reader: inout ByteReader, _ add: (AppendedRefusal) -> Void
    ) throws(ByteReader.Malformed) {
        for _ in 0..<(try reader.count()) {
            let flags = try reader.byte()
            let producer = flags & 1 == 0 ? nil : try reader.party()
            let number =
                flags & 2 == 0
                ? nil
                : MessageNumber(incarnation: try reader.fixed(), sequence: try reader.number())
            let tag = flags & 4 == 0 ? nil : try reader.tag()
            add(
                AppendedRefusal(
                    producer: producer, number: number, tag: tag, code: try reader.text(),
                    pointer: try reader.optionalText(), source: try reader.optionalText(),
                    at: Instant(nanosecondsSince1970: try reader.signed())))
        }
    }

    private static func settlements(
        _ reader: inout ByteReader, _ events: inout [EvidenceEvent]
    ) throws(ByteReader.Malformed) {
        for _ in 0..<(try reader.count()) {
            let subscription = try reader.party()
            let floor = try reader.number()
            let settled = try ranges(&reader, above: floor)
            var outcomes: [SettledRange] = []
            for _ in 0..<(try reader.count()) {
                let range = try range(&reader, from: try reader.number())
                guard let outcome = Outcome(rawValue: try reader.byte()) else {
                    throw ByteReader.Malformed()
                }
                outcomes.append(SettledRange(range, outcome))
            }
            events.append(
                .settled(
                    SettlementChange(
                        subscription: subscription, floor: Position(floor), settled: settled,
                        outcomes: outcomes)))
        }
    }

    static func ranges(
        _ reader: inout ByteReader, above floor: UInt64
    ) throws(ByteReader.Malformed) -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        var last = floor
        for _ in 0..<(try reader.count()) {
            let (lower, overflow) = last.addingReportingOverflow(try reader.number())
            guard !overflow, lower > last else { throw ByteReader.Malformed() }
            ranges.append(try range(&reader, from: lower))
            last = ranges[ranges.count - 1].upperBound
        }
        return ranges
    }

    private static func range(
        _ reader: inout ByteReader, from lower: UInt64
    ) throws(ByteReader.Malformed) -> ClosedRange<UInt64> {
        let (upper, overflow) = lower.addingReportingOverflow(try reader.number())
        guard !overflow else { throw ByteReader.Malformed() }
        return lower...upper
    }

    private static func exceptions(
        _ reader: inout ByteReader, _ events: inout [EvidenceEvent]
    ) throws(ByteReader.Malformed) {
        for _ in 0..<(try reader.count()) {
            let key = try exceptionKey(&reader)
            let lanes = try laneSet(&reader)
            events.append(
                .exceptionAdded(
                    key, lanes: lanes, state: try exceptionState(&reader),
                    attempts: try reader.small()))
        }
        for _ in 0..<(try reader.count()) {
            events.append(
                .exceptionChanged(
                    ExceptionChange(
                        key: try exceptionKey(&reader), state: try exceptionState(&reader),
                        attempts: try reader.small())))
        }
        for _ in 0..<(try reader.count()) {
            events.append(.exceptionRemoved(try exceptionKey(&reader)))
        }
    }

    private static func exceptionKey(
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> ExceptionKey {
        ExceptionKey(subscription: try reader.party(), position: Position(try reader.number()))
    }

    private static func exceptionState(
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> ExceptionState {
        guard let state = ExceptionState(rawValue: try reader.byte()) else {
            throw ByteReader.Malformed()
        }
        return state
    }

    private static func lanes(
        _ reader: inout ByteReader, _ events: inout [EvidenceEvent]
    ) throws(ByteReader.Malformed) {
        for _ in 0..<(try reader.count()) {
            let key = try lane(&reader)
            let hold: LaneHold
            switch try reader.byte() {
            case 1: hold = .backoff(until: Instant(nanosecondsSince1970: try reader.signed()))
            case 2: hold = .parked
            default: throw ByteReader.Malformed()
            }
            events.append(
                .laneHeld(
                    LaneRow(
                        key: key, hold: hold, failures: try reader.small(),
                        suspect: try reader.small(),
                        since: Instant(nanosecondsSince1970: try reader.signed()),
                        code: try reader.text(), head: Position(try reader.number()))))
        }
        for _ in 0..<(try reader.count()) { events.append(.laneFreed(try lane(&reader))) }
    }

    private static func lane(
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> SubscriptionLane {
        SubscriptionLane(subscription: try reader.party(), lane: LaneID(try reader.signed()))
    }

    private static func endings(
        _ reader: inout ByteReader, _ events: inout [EvidenceEvent]
    ) throws(ByteReader.Malformed) {
        for _ in 0..<(try reader.count()) { events.append(.deadLetter(try deadLetter(&reader))) }
        for _ in 0..<(try reader.count()) {
            events.append(
                .epochRaised(
                    EpochRaise(party: try reader.party(), epoch: Epoch(try reader.small()))))
        }
        for _ in 0..<(try reader.count()) {
            events.append(.noted(BatchNote(kind: try reader.text(), text: try reader.text())))
        }
    }

    private static func deadLetter(
        _ reader: inout ByteReader
    ) throws(ByteReader.Malformed) -> DeadLetterRow {
        let subscription = try reader.party()
        let position = Position(try reader.number())
        let lane = try laneSet(&reader).array.first
        let since = Instant(nanosecondsSince1970: try reader.signed())
        let code = try reader.text()
        let failures = try reader.small()
        let kind = try reader.byte()
        var state = DeadLetterState.open
        if kind != 0 {
            guard let how = Resolution(rawValue: kind) else { throw ByteReader.Malformed() }
            let at = Instant(nanosecondsSince1970: try reader.signed())
            var by: OperatorID?
            if let name = try reader.optionalText() {
                guard let parsed = try? OperatorID(name) else { throw ByteReader.Malformed() }
                by = parsed
            }
            state = .resolved(at: at, how: how, by: by, reason: try reader.text())
        }
        return DeadLetterRow(
            subscription: subscription, position: position, lane: lane, since: since, code: code,
            failures: failures, state: state)
    }
}
