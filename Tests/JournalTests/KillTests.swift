import Foundation
import Glibc
import Journal
import Messaging
import Platform
import Testing

@Suite("A hub that is killed")
struct KillTests {
    @Test("before COMMIT has lost what it never acknowledged, and nothing else")
    func beforeCommit() async throws {
        let fixture = try JournalFixture()
        await #expect(processExitsWith: .signal(SIGKILL)) { [root = fixture.root as String] in
            try KillPoint.arm("journal.before-commit:4")
            try KillTests.commitForever(root)
        }
        try check(fixture, acknowledged: 3, committed: 3)
    }

    @Test("after COMMIT keeps what it could not acknowledge any more")
    func afterCommit() async throws {
        let fixture = try JournalFixture()
        await #expect(processExitsWith: .signal(SIGKILL)) { [root = fixture.root as String] in
            try KillPoint.arm("journal.after-commit:4")
            try KillTests.commitForever(root)
        }
        try check(fixture, acknowledged: 3, committed: 4)
    }

    @Test("at any moment keeps all it acknowledged and opens again", arguments: [3, 17, 41, 90])
    func anyMoment(milliseconds: Int) async throws {
        let fixture = try JournalFixture()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = fixture.root as String, delay = milliseconds as Int] in
            Thread.detachNewThread {
                usleep(UInt32(delay * 1000))
                kill(getpid(), SIGKILL)
            }
            try KillTests.commitForever(root)
        }
        try check(fixture, acknowledged: nil, committed: nil)
    }

    /// Commits two messages at a time and writes down each position after its commit returned.
    static func commitForever(_ root: String) throws {
        let journal = try Journal(JournalFixture.configuration(root), clock: TestClock())
        let party = try journal.party(named: "a")
        let log = unsafe open(root + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var sequence: UInt64 = 0
        while true {
            let receipt = try journal.commit([
                Draft(producer: party, sequence: sequence + 1, recipients: [party]),
                Draft(producer: party, sequence: sequence + 2, recipients: [party]),
            ])
            sequence += 2
            let line = Array("\(receipt.block) \(receipt.chainHead)\n".utf8)
            guard unsafe write(log, line, line.count) == line.count else { return }
        }
    }

    private func check(_ fixture: JournalFixture, acknowledged: Int?, committed: Int?) throws {
        let log = try? String(contentsOfFile: fixture.root + "/acknowledged", encoding: .utf8)
        let anchors = try (log ?? "").split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            let head = try #require(Hexadecimal.bytes(String(parts[1])).flatMap { Digest32($0) })
            return ChainAnchor(block: try #require(UInt64(parts[0])), chainHead: head)
        }
        if let acknowledged { #expect(anchors.count == acknowledged) }
        let journal = try fixture.open()
        let blocks = Int(journal.lastPosition.rawValue / 2)
        if let committed { #expect(blocks == committed) }
        #expect(blocks == anchors.count || blocks == anchors.count + 1)
        let reader = try journal.makeReader()
        #expect(
            try reader.verifyChain(anchors: anchors)
                == .intact(blocks: blocks, head: journal.chainHead))
        #expect(try reader.deepCheck(anchors: anchors).isEmpty)
        let state = try journal.recovered()
        #expect(state.producers.first?.lastSequence ?? 0 == journal.lastPosition.rawValue)
        // And it goes on from there.
        let party = try journal.party(named: "a")
        try journal.commit([
            Draft(
                producer: party, sequence: journal.lastPosition.rawValue + 1, recipients: [party])
        ])
    }
}
