import Foundation
import Journal
import Messaging
import Testing

@Suite("A group commit")
struct CommitTests {
    @Test("What was committed is there after reopening, byte for byte")
    func recovers() throws {
        let fixture = try JournalFixture()
        var receipts: [CommitReceipt] = []
        let incarnation: UInt64
        do {
            let journal = try fixture.open()
            incarnation = journal.incarnation
            let sender = try journal.party(named: "municipalCS")
            let receiver = try journal.party(named: "residentRegister")
            for round in 0..<3 as Range<UInt64> {
                fixture.clock.advance(by: .seconds(1))
                receipts.append(
                    try journal.commit(
                        (1...4).map { index in
                            Draft(
                                producer: sender, sequence: round * 4 + index,
                                recipients: [receiver], payload: "payload \(round)-\(index)")
                        }))
            }
        }
        #expect(receipts.map(\.firstPosition.rawValue) == [1, 5, 9])
        let journal = try fixture.open()
        #expect(journal.incarnation == incarnation)
        #expect(journal.chainHead == receipts[2].chainHead)
        let state = try journal.recovered()
        #expect(state.lastPosition == Position(12))
        #expect(state.producers.map(\.lastSequence) == [12])
        #expect(state.producers.map(\.incarnation) == [7])
        #expect(Set(state.parties.values) == ["municipalCS", "residentRegister"])
        let message = try #require(try journal.makeReader().message(at: Position(6)))
        #expect(message.text == "payload 1-2")
        #expect(String(decoding: message.envelope, as: UTF8.self) == "envelope")
        #expect(message.number == MessageNumber(incarnation: 7, sequence: 6))
        #expect(message.committedAt == receipts[1].committedAt)
    }

    @Test("A batch without messages uses one position up")
    func emptyBatch() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        var batch = CommitBatch()
        batch.notes = [BatchNote(kind: "hub.started", text: "version 1")]
        #expect(try journal.commit(batch).firstPosition == Position(1))
        #expect(try journal.commit(batch).firstPosition == Position(2))
        let reader = try journal.makeReader()
        #expect(try reader.message(at: Position(1)) == nil)
        let events = try reader.entries(from: Position(1), limit: 10).map(\.event)
        #expect(events == [.noted(batch.notes[0]), .noted(batch.notes[0])])
    }

    @Test("Payloads under several keys in one commit come back each under its own")
    func severalKeys() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let receiver = try journal.party(named: "b")
        try journal.commit([
            Draft(producer: sender, sequence: 1, recipients: [receiver], payload: "first"),
            Draft(
                producer: sender, sequence: 2, recipients: [receiver], keyClass: 1,
                payload: "second"),
            Draft(producer: sender, sequence: 3, recipients: [receiver], payload: "third"),
        ])
        let reader = try journal.makeReader()
        let texts = try (1...3).map { try reader.message(at: Position($0))?.text }
        #expect(texts == ["first", "second", "third"])
        let keys = try (1...3).map { try reader.message(at: Position($0))?.keyID.rawValue }
        #expect(keys == ["standard-20260331", "short-20260331", "standard-20260331"])
    }

    @Test("Epochs and a producer's new incarnation are kept")
    func edges() throws {
        let fixture = try JournalFixture()
        do {
            let journal = try fixture.open()
            let sender = try journal.party(named: "a")
            let receiver = try journal.party(named: "b")
            try journal.commit([Draft(producer: sender, sequence: 5, recipients: [receiver])])
            var batch = CommitBatch()
            batch.epochs = [EpochRaise(party: sender, epoch: Epoch(3))]
            batch.refusals = [
                AppendedRefusal(
                    producer: sender, number: MessageNumber(incarnation: 7, sequence: 6), tag: nil,
                    code: "not-linked", pointer: nil, source: nil, at: fixture.clock.now())
            ]
            try Draft(producer: sender, incarnation: 9, sequence: 1, recipients: [receiver])
                .append(to: &batch)
            _ = try journal.commit(batch)
        }
        let state = try fixture.open().recovered()
        #expect(state.epochs.values.map(\.rawValue) == [3])
        #expect(state.producers.map(\.incarnation) == [9])
        #expect(state.producers.map(\.lastSequence) == [1])
    }

    @Test("After a failed commit the journal takes nothing more")
    func failureIsFinal() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        try journal.commit([Draft(producer: sender, sequence: 1, recipients: [sender])])
        // The same number again breaks the primary key of its range.
        #expect(throws: JournalError.self) {
            try journal.commit([Draft(producer: sender, sequence: 1, recipients: [sender])])
        }
        #expect(throws: JournalError.self) {
            try journal.commit([Draft(producer: sender, sequence: 2, recipients: [sender])])
        }
        #expect(
            try journal.makeReader().verifyChain() == .intact(blocks: 1, head: journal.chainHead))
    }

    @Test("The log stays bounded while somebody checkpoints, and even when nobody does")
    func boundedLog() throws {
        let fixture = try JournalFixture()
        fixture.configuration.walLimitBytes = 1 << 20
        fixture.configuration.checkpointBytes = 1 << 18
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let payload = String(repeating: "x", count: 4096)
        for sequence in 1...600 as ClosedRange<UInt64> {
            try journal.commit([
                Draft(producer: sender, sequence: sequence, recipients: [sender], payload: payload)
            ])
            if sequence > 300 { try journal.checkpointIfNeeded() }
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.database + "-wal")
        let size = try #require(attributes[.size] as? Int)
        #expect(size < 2 << 20)
        try journal.checkpointFully()
        let after = try FileManager.default.attributesOfItem(atPath: fixture.database + "-wal")
        #expect(after[.size] as? Int == 0)
    }
}
