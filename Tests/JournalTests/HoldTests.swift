import Journal
import Messaging
import Testing

@Suite("What is held back")
struct HoldTests {
    @Test("Exceptions, lanes, dead letters and settlements come back as they were given")
    func roundTrip() throws {
        let fixture = try JournalFixture()
        var batch = CommitBatch()
        do {
            let journal = try fixture.open()
            let sender = try journal.party(named: "a")
            let receiver = try journal.party(named: "b")
            try journal.commit(
                (1...6).map {
                    Draft(producer: sender, sequence: $0, recipients: [receiver], payload: "p\($0)")
                })
            let now = fixture.clock.now()
            let parked = SubscriptionLane(subscription: receiver, lane: LaneID(-5))
            let waiting = SubscriptionLane(subscription: receiver, lane: LaneID(Int64.max))
            batch.lanesUpserted = [
                LaneRow(
                    key: parked, hold: .parked, failures: 5, suspect: 1, since: now,
                    code: "replica-conflict", head: Position(1)),
                LaneRow(
                    key: waiting, hold: .backoff(until: now + .seconds(30)), failures: 0,
                    suspect: 0,
                    since: now, code: "busy", head: Position(3)),
            ]
            let head = [0, 0, 0, 8] + Array("envelope".utf8)
            let key = fixture.configuration.keyID(0, try CivilDate(date8: "20260331"))
            batch.exceptionsAdded = [
                ExceptionRow(
                    subscription: receiver, position: Position(1), lanes: .one(LaneID(-5)),
                    state: .dead, attempts: 5, keyID: key, expiry: now + .seconds(3600),
                    record: head + Array("p1".utf8)),
                ExceptionRow(
                    subscription: receiver, position: Position(3),
                    lanes: .many([LaneID(Int64.max), LaneID(-5)]), state: .waiting, attempts: 0,
                    keyID: key, expiry: nil, record: head + Array("p3".utf8)),
            ]
            batch.deadLettersUpserted = [
                DeadLetterRow(
                    subscription: receiver, position: Position(1), lane: LaneID(-5), since: now,
                    code: "replica-conflict", failures: 5, state: .open)
            ]
            batch.settlements = [
                SettlementChange(
                    subscription: receiver, floor: Position(3), settled: [5...5],
                    outcomes: [SettledRange(2...2, .accepted), SettledRange(5...5, .expired)])
            ]
            _ = try journal.commit(batch)
        }
        let journal = try fixture.open()
        let state = try journal.recovered()
        #expect(state.lanes == batch.lanesUpserted)
        #expect(state.deadLetters == batch.deadLettersUpserted)
        #expect(state.exceptions.map(\.key.position.rawValue) == [1, 3])
        #expect(state.exceptions.map(\.state) == [.dead, .waiting])
        #expect(state.exceptions.map(\.attempts) == [5, 0])
        #expect(state.exceptions.map(\.lanes) == batch.exceptionsAdded.map(\.lanes))
        #expect(state.exceptions.map(\.expiry) == batch.exceptionsAdded.map(\.expiry))
        #expect(state.subscriptions.map(\.floor) == [Position(3)])
        #expect(state.subscriptions.map(\.settled) == [[5...5]])
        let reader = try journal.makeReader()
        let parked = batch.lanesUpserted[0].key
        #expect(
            try reader.exceptions(in: parked, after: Position(0), limit: 10).map(\.rawValue) == [
                1, 3,
            ])
        #expect(
            try reader.exceptions(in: parked, after: Position(1), limit: 10).map(\.rawValue) == [3])
        #expect(
            try reader.exception(subscription: parked.subscription, position: Position(3))?.text
                == "p3")
        let events = try reader.entries(from: Position(7), limit: 20).map(\.event)
        #expect(events.contains(.settled(batch.settlements[0])))
        #expect(events.contains(.laneHeld(batch.lanesUpserted[1])))
        #expect(events.contains(.deadLetter(batch.deadLettersUpserted[0])))
    }

    @Test("What an operator resolved is gone from the lanes and stays among the dead letters")
    func resolved() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        let now = fixture.clock.now()
        let lane = SubscriptionLane(subscription: party, lane: LaneID(4))
        let key = ExceptionKey(subscription: party, position: Position(1))
        var hold = CommitBatch()
        hold.lanesUpserted = [
            LaneRow(
                key: lane, hold: .parked, failures: 1, suspect: 0, since: now, code: "x",
                head: Position(1))
        ]
        hold.exceptionsAdded = [
            ExceptionRow(
                subscription: party, position: Position(1), lanes: .one(LaneID(4)), state: .waiting,
                attempts: 1,
                keyID: fixture.configuration.keyID(0, try CivilDate(date8: "20260331")),
                expiry: nil, record: [0, 0, 0, 8] + Array("envelopepayload".utf8))
        ]
        _ = try journal.commit(hold)
        var change = CommitBatch()
        change.exceptionsChanged = [ExceptionChange(key: key, state: .parked, attempts: 2)]
        _ = try journal.commit(change)
        #expect(try journal.recovered().exceptions.map(\.state) == [.parked])
        let letter = DeadLetterRow(
            subscription: party, position: Position(1), lane: nil, since: now, code: "x",
            failures: 1,
            state: .resolved(
                at: now, how: .skipped, by: try OperatorID("sato"), reason: "届出取下げのため"))
        var release = CommitBatch()
        release.lanesRemoved = [lane]
        release.exceptionsRemoved = [key]
        release.deadLettersUpserted = [letter]
        release.notes = [BatchNote(kind: "operator.skip", text: "sato")]
        _ = try journal.commit(release)
        let state = try journal.recovered()
        #expect(state.lanes.isEmpty && state.exceptions.isEmpty && state.deadLetters.isEmpty)
        let reader = try journal.makeReader()
        #expect(try reader.deadLetters(limit: 10) == [letter])
        #expect(try reader.exceptions(in: lane, after: Position(0), limit: 10).isEmpty)
    }
}
