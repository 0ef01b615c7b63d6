import Foundation
import GRDB
import Journal
import Messaging
import Testing

@Suite("The chain of evidence")
struct ChainTests {
    @Test("R-075: names the block in which one byte was flipped in the file")
    func flippedByte() throws {
        let fixture = try JournalFixture()
        _ = try fill(fixture, blocks: 5)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.database))
        let mark = try #require(bytes.range(of: Data("envelope-3".utf8)))
        bytes[mark.lowerBound] ^= 1
        try bytes.write(to: URL(fileURLWithPath: fixture.database))
        let journal = try fixture.open()
        let reader = try journal.makeReader()
        #expect(try reader.verifyChain() == .broken(block: 5, fault: .altered))
        #expect(
            try reader.verifyChain(from: Position(7)) == .intact(blocks: 2, head: journal.chainHead)
        )
        #expect(try reader.verifyChain(to: Position(4)).isIntact)
        // The chain breaks there, and the envelope no longer fits its digest.
        #expect(try reader.deepCheck().map(\.block) == [5, 5])
    }

    @Test("R-075: shows a truncated and a rewritten tail against an anchor kept outside")
    func truncatedTail() throws {
        let fixture = try JournalFixture()
        let anchor = try fill(fixture, blocks: 4)
        #expect(anchor.block == 7)
        let queue = try DatabaseQueue(path: fixture.database)
        try queue.write { try $0.execute(sql: "DELETE FROM block WHERE number=7") }
        let journal = try fixture.open()
        let reader = try journal.makeReader()
        #expect(try reader.verifyChain().isIntact)
        #expect(try reader.verifyChain(anchors: [anchor]) == .broken(block: 7, fault: .missing))
        let other = ChainAnchor(block: 5, chainHead: anchor.chainHead)
        #expect(try reader.verifyChain(anchors: [other]) == .broken(block: 5, fault: .rewritten))
    }

    @Test(
        "shows a removed, an exchanged and a relinked block",
        arguments: [
            ("DELETE FROM block WHERE number=3", 5, ChainFault.gap),
            ("DELETE FROM block WHERE number=1", 3, ChainFault.gap),
            ("UPDATE block SET committed_at=committed_at+1 WHERE number=3", 3, ChainFault.altered),
            ("UPDATE block SET hash=zeroblob(32) WHERE number=1", 1, ChainFault.altered),
        ])
    func manipulated(sql: String, block: UInt64, fault: ChainFault) throws {
        let fixture = try JournalFixture()
        _ = try fill(fixture, blocks: 5)
        try DatabaseQueue(path: fixture.database).write { try $0.execute(sql: sql) }
        let reader = try fixture.open().makeReader()
        #expect(try reader.verifyChain() == .broken(block: block, fault: fault))
    }

    @Test("A block that names another predecessor is found, also where reading begins with it")
    func relinked() throws {
        let fixture = try JournalFixture()
        _ = try fill(fixture, blocks: 4)
        let stranger = try JournalFixture()
        stranger.clock.advance(by: .seconds(99))
        _ = try fill(stranger, blocks: 4)
        try DatabaseQueue(path: fixture.database).writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH ? AS other", arguments: [stranger.database])
            try database.execute(
                sql: "INSERT OR REPLACE INTO block SELECT * FROM other.block WHERE number=3")
        }
        let reader = try fixture.open().makeReader()
        #expect(try reader.verifyChain() == .broken(block: 3, fault: .unlinked))
        #expect(try reader.verifyChain(from: Position(3)) == .broken(block: 3, fault: .unlinked))
    }

    @Test("is intact after content is gone, and a reader needs no writer to verify it")
    func offline() throws {
        let fixture = try JournalFixture()
        let anchor = try fill(fixture, blocks: 3)
        let keys = try ContentKeys(directory: fixture.root + "/no-keys")
        let reader = try JournalReader(fixture.configuration, keys: keys)
        #expect(
            try reader.verifyChain(anchors: [anchor]) == .intact(blocks: 3, head: anchor.chainHead))
    }

    /// Two messages a block; everything is in the database file afterwards, nothing in the log.
    private func fill(_ fixture: JournalFixture, blocks: UInt64) throws -> ChainAnchor {
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        for round in 1...blocks {
            fixture.clock.advance(by: .seconds(1))
            try journal.commit([
                Draft(
                    producer: party, sequence: round * 2 - 1, recipients: [party],
                    envelope: "envelope-\(round)"),
                Draft(producer: party, sequence: round * 2, recipients: [party]),
            ])
        }
        try journal.checkpointFully()
        return ChainAnchor(block: journal.lastBlock, chainHead: journal.chainHead)
    }
}

extension ChainVerdict {
    var isIntact: Bool {
        switch self {
        case .intact: true
        case .broken: false
        }
    }
}
