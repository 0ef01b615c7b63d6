import Journal
import Messaging
import Testing

@Suite("A number used before")
struct DuplicateTests {
    @Test("finds its original answer, also after the content is gone and after reopening")
    func originals() throws {
        let fixture = try JournalFixture()
        let sender: PartyNumber
        do {
            let journal = try fixture.open()
            sender = try journal.party(named: "a")
            let receiver = try journal.party(named: "b")
            var batch = CommitBatch()
            try Draft(producer: sender, sequence: 1, recipients: [receiver]).append(to: &batch)
            try Draft(producer: sender, sequence: 3, recipients: [receiver]).append(to: &batch)
            batch.refusals = [
                AppendedRefusal(
                    producer: sender, number: MessageNumber(incarnation: 7, sequence: 2),
                    tag: ContentTag(high: 9, low: 9), code: "schema-invalid", pointer: "/subject",
                    source: nil, at: fixture.clock.now())
            ]
            _ = try journal.commit(batch)
            try journal.commit([Draft(producer: sender, sequence: 4, recipients: [receiver])])
            try journal.settle(receiver, floor: 3)
        }
        let reader = try fixture.open().makeReader()
        func original(_ sequence: UInt64, incarnation: UInt64 = 7) throws -> OriginalAnswer? {
            try reader.original(producer: sender, incarnation: incarnation, sequence: sequence)
        }
        #expect(try original(1)?.answer == .admitted(Position(1)))
        #expect(try original(1)?.tag == ContentTag(high: 1, low: 7))
        #expect(try original(2)?.answer == .refused(code: "schema-invalid", pointer: "/subject"))
        #expect(try original(2)?.tag == ContentTag(high: 9, low: 9))
        #expect(try original(3)?.answer == .admitted(Position(2)))
        #expect(try original(4)?.answer == .admitted(Position(3)))
        #expect(try original(5) == nil)
        #expect(try original(1, incarnation: 8) == nil)
    }
}
