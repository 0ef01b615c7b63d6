import Journal
import Messaging
import Testing

@Suite("Random schedules")
struct ScheduleTests {
    @Test(
        "of appends, settlements, holds and reopenings leave what a model in memory says",
        arguments: 1...24 as ClosedRange<UInt64>)
    func schedule(seed: UInt64) throws {
        let fixture = try JournalFixture()
        fixture.configuration.releaseBlockLimit = 3
        var run = try ScheduleRun(fixture, seed: seed)
        for _ in 0..<60 { try run.step() }
        try run.check()
    }
}

/// One schedule with its model.
struct ScheduleRun {
    struct Known {
        let recipients: [PartyNumber]
        let text: String
        let block: UInt64
        let last: UInt64
    }

    let fixture: JournalFixture
    var random: SeededRandom
    var journal: Journal?
    var parties: [PartyNumber] = []
    var messages: [UInt64: Known] = [:]
    var sequences: [PartyNumber: UInt64] = [:]
    var refusals: [PartyNumber: Set<UInt64>] = [:]
    var floors: [PartyNumber: UInt64] = [:]
    var settled: [PartyNumber: [ClosedRange<UInt64>]] = [:]
    var lanes: [SubscriptionLane: LaneRow] = [:]
    var exceptions: [ExceptionKey: (row: ExceptionRow, text: String)] = [:]
    var last: UInt64 = 0
    var anchors: [ChainAnchor] = []

    init(_ fixture: JournalFixture, seed: UInt64) throws {
        self.fixture = fixture
        random = SeededRandom(seed: seed)
        let journal = try fixture.open()
        parties = try ["a", "b", "c", "d"].map { try journal.party(named: $0) }
        self.journal = journal
    }

    mutating func step() throws {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: try reopen()
        case 1: try opened().checkpointFully()
        case 2: try check()
        default: try commit()
        }
    }

    private func opened() throws -> Journal { try #require(journal) }

    private mutating func reopen() throws {
        journal = nil
        journal = try fixture.open()
        try check()
    }

    private mutating func commit() throws {
        fixture.clock.advance(by: .milliseconds(7))
        var batch = CommitBatch()
        let drafts = try append(to: &batch)
        try refuse(in: &batch)
        settle(in: &batch)
        try hold(in: &batch)
        let receipt = try opened().commit(batch)
        #expect(receipt.block == last + 1)
        last = receipt.block + UInt64(max(1, drafts.count)) - 1
        anchors.append(ChainAnchor(block: receipt.block, chainHead: receipt.chainHead))
        for (index, draft) in drafts.enumerated() {
            messages[receipt.block + UInt64(index)] = Known(
                recipients: draft.recipients, text: draft.payload, block: receipt.block, last: last)
        }
    }

    private mutating func append(to batch: inout CommitBatch) throws -> [Draft] {
        var drafts: [Draft] = []
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            let producer = parties[Int.random(in: 0..<4, using: &random)]
            let count = Int.random(in: 1...3, using: &random)
            let recipients = Array(parties.shuffled(using: &random).prefix(count))
            let size = Int.random(in: 0...3000, using: &random)
            sequences[producer, default: 0] += 1
            let draft = Draft(
                producer: producer, sequence: sequences[producer] ?? 0, recipients: recipients,
                lanes: [Int64.random(in: 0..<5, using: &random)],
                keyClass: UInt16.random(in: 0..<2, using: &random),
                payload: String(repeating: "\(size % 10)", count: size))
            try draft.append(to: &batch)
            drafts.append(draft)
        }
        return drafts
    }

    private mutating func refuse(in batch: inout CommitBatch) throws {
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        let producer = parties[Int.random(in: 0..<4, using: &random)]
        sequences[producer, default: 0] += 1
        let sequence = sequences[producer] ?? 0
        refusals[producer, default: []].insert(sequence)
        batch.refusals.append(
            AppendedRefusal(
                producer: producer, number: MessageNumber(incarnation: 7, sequence: sequence),
                tag: nil, code: "not-linked", pointer: nil, source: nil, at: fixture.clock.now()))
    }

    private mutating func settle(in batch: inout CommitBatch) {
        for party in parties where Int.random(in: 0..<3, using: &random) == 0 {
            let floor = floors[party] ?? 0
            let next = UInt64.random(in: floor...max(floor, last), using: &random)
            var ranges: [ClosedRange<UInt64>] = []
            var start = next + 2
            while start <= last, ranges.count < 5 {
                let end = min(last, start + UInt64.random(in: 0...3, using: &random))
                ranges.append(start...end)
                start = end + UInt64.random(in: 2...9, using: &random)
            }
            floors[party] = next
            settled[party] = ranges
            batch.settlements.append(
                SettlementChange(
                    subscription: party, floor: Position(next), settled: ranges, outcomes: []))
        }
    }

    private mutating func hold(in batch: inout CommitBatch) throws {
        if Int.random(in: 0..<2, using: &random) == 0 {
            let party = parties[Int.random(in: 0..<4, using: &random)]
            let lane = SubscriptionLane(
                subscription: party, lane: LaneID(Int64.random(in: 0..<5, using: &random)))
            if lanes[lane] != nil {
                lanes[lane] = nil
                batch.lanesRemoved.append(lane)
            } else {
                let row = LaneRow(
                    key: lane, hold: .parked, failures: 1, suspect: 0, since: fixture.clock.now(),
                    code: "x", head: Position(last))
                lanes[lane] = row
                batch.lanesUpserted.append(row)
            }
        }
        if let key = exceptions.keys.sorted(by: { $0.position < $1.position }).first,
            Int.random(in: 0..<3, using: &random) == 0
        {
            exceptions[key] = nil
            batch.exceptionsRemoved.append(key)
        } else if let position = messages.keys.sorted().randomElement(using: &random),
            let known = messages[position]
        {
            let key = ExceptionKey(subscription: known.recipients[0], position: Position(position))
            guard exceptions[key] == nil else { return }
            let row = ExceptionRow(
                subscription: key.subscription, position: key.position, lanes: .one(LaneID(3)),
                state: .waiting, attempts: 2,
                keyID: fixture.configuration.keyID(0, try CivilDate(date8: "20260331")),
                expiry: nil,
                record: [0, 0, 0, 8] + Array(("envelope" + known.text).utf8))
            exceptions[key] = (row, known.text)
            batch.exceptionsAdded.append(row)
        }
    }

    // MARK: Comparing

    func check() throws {
        let journal = try opened()
        #expect(journal.lastPosition == Position(last))
        let state = try journal.recovered()
        #expect(
            Dictionary(uniqueKeysWithValues: state.producers.map { ($0.party, $0.lastSequence) })
                == sequences)
        #expect(
            Dictionary(
                uniqueKeysWithValues: state.subscriptions.map { ($0.party, $0.floor.rawValue) })
                == floors)
        #expect(
            Dictionary(uniqueKeysWithValues: state.subscriptions.map { ($0.party, $0.settled) })
                == settled)
        #expect(Dictionary(uniqueKeysWithValues: state.lanes.map { ($0.key, $0) }) == lanes)
        #expect(Set(state.exceptions.map(\.key)) == Set(exceptions.keys))
        let reader = try journal.makeReader()
        try checkContents(reader, isReleased: !journal.hasPendingRelease)
        for party in parties { try checkBacklog(reader, party) }
        for (key, kept) in exceptions {
            let found = try reader.exception(subscription: key.subscription, position: key.position)
            #expect(found?.text == kept.text)
        }
        for (producer, numbers) in refusals {
            for sequence in numbers {
                let answer = try reader.original(
                    producer: producer, incarnation: 7, sequence: sequence)
                #expect(answer?.answer == .refused(code: "not-linked", pointer: nil))
            }
        }
        #expect(
            try reader.verifyChain(anchors: anchors)
                == .intact(blocks: anchors.count, head: journal.chainHead))
        #expect(try reader.deepCheck(anchors: anchors).isEmpty)
    }

    private func checkContents(_ reader: JournalReader, isReleased: Bool) throws {
        var waiting: Set<UInt64> = []
        for known in messages.values {
            for party in known.recipients where (floors[party] ?? 0) < known.last {
                waiting.insert(known.block)
            }
        }
        for (position, known) in messages {
            let found = try #require(try reader.message(at: Position(position)))
            #expect(found.payloadLength == known.text.utf8.count)
            if waiting.contains(known.block) {
                #expect(found.text == known.text)
            } else if isReleased {
                #expect(found.content == .destroyed)
            }
        }
    }

    private func checkBacklog(_ reader: JournalReader, _ party: PartyNumber) throws {
        let floor = floors[party] ?? 0
        let expected = messages.filter { $0.key > floor && $0.value.recipients.contains(party) }
            .keys.sorted()
        var found: [UInt64] = []
        var after = Position(floor)
        while true {
            let part = try reader.backlog(
                for: party, after: after, messageLimit: 5, byteLimit: 4000)
            for message in part.messages {
                found.append(message.position.rawValue)
                #expect(message.text == messages[message.position.rawValue]?.text)
            }
            guard !part.isComplete, part.scannedThrough > after else { break }
            after = part.scannedThrough
        }
        #expect(found == expected)
    }
}
