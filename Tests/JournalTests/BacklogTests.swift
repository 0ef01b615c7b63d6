import Journal
import Messaging
import Testing

@Suite("The backlog of an absent subscriber")
struct BacklogTests {
    @Test("is read from its own blocks alone, in order, and to the end")
    func ownBlocks() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let busy = try journal.party(named: "busy")
        let absent = try journal.party(named: "absent")
        var sequence: UInt64 = 0
        var expected: [UInt64] = []
        for round in 0..<200 {
            let drafts = (0..<5).map { index in
                sequence += 1
                let isRare = round % 40 == 0 && index == 2
                if isRare { expected.append(sequence) }
                return Draft(
                    producer: sender, sequence: sequence, recipients: [isRare ? absent : busy],
                    payload: "p\(sequence)")
            }
            try journal.commit(drafts)
        }
        let reader = try journal.makeReader()
        let backlog = try reader.backlog(
            for: absent, after: Position(0), messageLimit: 100, byteLimit: 1 << 20)
        #expect(backlog.messages.map(\.position.rawValue) == expected)
        #expect(backlog.messages.map(\.text) == expected.map { "p\($0)" })
        #expect(backlog.blocksRead == 5)
        #expect(reader.blocksRead == 5)
        #expect(backlog.isComplete)
        #expect(backlog.scannedThrough == Position(1000))
    }

    @Test(
        "respects limits of messages and bytes, and goes on where it stopped",
        arguments: [
            (1, 1 << 20), (3, 1 << 20), (7, 1 << 20), (100, 1), (100, 60), (100, 333),
            (64, 1 << 20),
        ])
    func limits(messages: Int, bytes: Int) throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let receiver = try journal.party(named: "b")
        let other = try journal.party(named: "c")
        var expected: [UInt64] = []
        for sequence in 1...60 as ClosedRange<UInt64> {
            if sequence % 3 != 0 { expected.append(sequence) }
        }
        for round in 0..<12 as Range<UInt64> {
            try journal.commit(
                (1...5 as ClosedRange<UInt64>).map { index in
                    let sequence = round * 5 + index
                    return Draft(
                        producer: sender, sequence: sequence,
                        recipients: sequence % 3 == 0 ? [other] : [other, receiver])
                })
        }
        let reader = try journal.makeReader()
        var found: [UInt64] = []
        var after = Position(0)
        for _ in 0..<200 {
            let part = try reader.backlog(
                for: receiver, after: after, messageLimit: messages, byteLimit: bytes)
            #expect(part.messages.count <= messages)
            let size = part.messages.reduce(0) { $0 + 4 + $1.envelope.count + $1.payloadLength }
            #expect(size <= bytes || part.messages.count == 1)
            #expect(part.scannedThrough > after || part.isComplete)
            found += part.messages.map(\.position.rawValue)
            after = part.scannedThrough
            if part.isComplete { break }
        }
        #expect(found == expected)
        #expect(after == Position(60))
    }

    @Test("of one who never had a message is empty and complete without reading a block")
    func nothing() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let sender = try journal.party(named: "a")
        let stranger = try journal.party(named: "b")
        try journal.commit([Draft(producer: sender, sequence: 1, recipients: [sender])])
        let reader = try journal.makeReader()
        let backlog = try reader.backlog(
            for: stranger, after: Position(0), messageLimit: 10, byteLimit: 1000)
        #expect(backlog.messages.isEmpty)
        #expect(backlog.isComplete)
        #expect(reader.blocksRead == 0)
    }
}
