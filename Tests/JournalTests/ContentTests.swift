import Foundation
import GRDB
import Journal
import Messaging
import Testing

@Suite("Content of messages")
struct ContentTests {
    let canary = "CANARY-個人番号-123456789018-" + String(repeating: "Z", count: 3000)

    @Test("R-028: never stands in clear in database or log, live or as an exception")
    func neverInClear() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let receiver = try journal.party(named: "b")
        try journal.commit([
            Draft(producer: sender, sequence: 1, recipients: [receiver], payload: canary)
        ])
        var batch = CommitBatch()
        batch.exceptionsAdded = [exception(receiver, position: 1)]
        _ = try journal.commit(batch)
        let marks = ["CANARY", "123456789018", "ZZZZZZZZ", "個人番号"].map { Data($0.utf8) }
        for mark in marks { #expect(try fixture.rawFiles().range(of: mark) == nil) }
        try journal.checkpointFully()
        for mark in marks { #expect(try fixture.rawFiles().range(of: mark) == nil) }
        #expect(try fixture.rawFiles().range(of: Data("envelope".utf8)) != nil)
    }

    @Test("is deleted when all floors have passed its block, and its sealed bytes leave the files")
    func deletedAfterSettlement() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let first = try journal.party(named: "b")
        let second = try journal.party(named: "c")
        try journal.commit([
            Draft(producer: sender, sequence: 1, recipients: [first, second], payload: canary),
            Draft(producer: sender, sequence: 2, recipients: [first], payload: canary),
        ])
        let sealed = try #require(
            try DatabaseQueue(path: fixture.database).read {
                try Data.fetchOne($0, sql: "SELECT sealed FROM content")
            })
        let piece = sealed[100..<164]
        let reader = try journal.makeReader()
        #expect(try fixture.rawFiles().range(of: piece) != nil)
        try journal.settle(first, floor: 2)
        #expect(try reader.message(at: Position(1))?.text == canary)
        try journal.settle(second, floor: 1)
        #expect(try reader.message(at: Position(1))?.text == canary)
        try journal.settle(second, floor: 2)
        let gone = try #require(try reader.message(at: Position(1)))
        #expect(gone.content == .destroyed)
        #expect(gone.payloadLength == canary.utf8.count)
        try journal.checkpointFully()
        #expect(try fixture.rawFiles().range(of: piece) == nil)
        #expect(try reader.verifyChain() == .intact(blocks: 4, head: journal.chainHead))
    }

    @Test("of an exception outlives its block's content, and goes with the exception")
    func exceptionKeepsItsCopy() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let receiver = try journal.party(named: "b")
        try journal.commit([
            Draft(producer: sender, sequence: 1, recipients: [receiver], payload: canary)
        ])
        var batch = CommitBatch()
        batch.exceptionsAdded = [exception(receiver, position: 1)]
        batch.settlements = [
            SettlementChange(
                subscription: receiver, floor: Position(1), settled: [], outcomes: [])
        ]
        _ = try journal.commit(batch)
        let reader = try journal.makeReader()
        #expect(try reader.message(at: Position(1))?.content == .destroyed)
        let kept = try reader.exception(subscription: receiver, position: Position(1))
        #expect(kept?.text == canary)
        var removal = CommitBatch()
        removal.exceptionsRemoved = [ExceptionKey(subscription: receiver, position: Position(1))]
        _ = try journal.commit(removal)
        #expect(try reader.exception(subscription: receiver, position: Position(1)) == nil)
    }

    @Test("R-102: reads as destroyed when its key is destroyed, or replaced by another of its name")
    func destroyedKey() throws {
        let fixture = try JournalFixture()
        do {
            let journal = try fixture.open()
            let party = try journal.party(named: "a")
            try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
            let due = try journal.contentKeys.due(before: try CivilDate(date8: "20260401"))
            #expect(due.map(\.rawValue) == ["standard-20260331"])
            #expect(try journal.contentKeys.due(before: try CivilDate(date8: "20260331")).isEmpty)
            #expect(try journal.contentKeys.destroy(due[0]))
            #expect(try !journal.contentKeys.destroy(due[0]))
            #expect(try journal.makeReader().message(at: Position(1))?.content == .destroyed)
        }
        let other = fixture.keysDirectory + "/standard-20260331"
        try Data(repeating: 5, count: 32).write(to: URL(fileURLWithPath: other))
        let journal = try fixture.open()
        #expect(try journal.makeReader().message(at: Position(1))?.content == .destroyed)
        #expect(try journal.makeReader().deepCheck().isEmpty)
    }

    @Test("that does not authenticate is damage, named with its block, not destruction")
    func damagedContent() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        try DatabaseQueue(path: fixture.database).write {
            try $0.execute(sql: "UPDATE content SET sealed=CAST(sealed || x'00' AS BLOB)")
        }
        let reader = try journal.makeReader()
        let failure = #expect(throws: JournalError.self) { try reader.message(at: Position(1)) }
        #expect(failure?.code == .damaged)
        #expect(try reader.deepCheck().map(\.block) == [1])
    }

    @Test("cannot stand in another block's place")
    func boundToItsBlock() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        try journal.commit([Draft(producer: party, sequence: 2, recipients: [party])])
        try DatabaseQueue(path: fixture.database).write {
            try $0.execute(
                sql:
                    "UPDATE content SET sealed=(SELECT sealed FROM content WHERE slot=1) WHERE slot=2"
            )
        }
        #expect(throws: JournalError.self) { try journal.makeReader().message(at: Position(2)) }
    }

    @Test("A content key that is not 32 bytes stops the commit")
    func brokenKeyFile() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        let path = fixture.keysDirectory + "/standard-20260331"
        try Data(repeating: 5, count: 31).write(to: URL(fileURLWithPath: path))
        let failure = #expect(throws: JournalError.self) {
            try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        }
        #expect(failure?.code == .key)
    }

    private func exception(_ subscription: PartyNumber, position: UInt64) -> ExceptionRow {
        let head = [0, 0, 0, 8] + Array("envelope".utf8)
        return ExceptionRow(
            subscription: subscription, position: Position(position), lanes: .one(LaneID(11)),
            state: .waiting, attempts: 1,
            keyID: ContentKeyID("standard-20260331")
                ?? ContentKeyID(
                    retentionClass: "standard", expiryDay: Instant(secondsSince1970: 0).day),
            expiry: nil, record: head + Array(canary.utf8))
    }
}
