import Foundation
import GRDB
import Journal
import Messaging
import Testing

@Suite("Opening a journal")
struct OpeningTests {
    @Test("A commit is fsynced: synchronous is FULL although GRDB sets NORMAL")
    func synchronousIsFull() throws {
        let fixture = try JournalFixture()
        let settings = try fixture.open().safetySettings
        #expect(settings.synchronous == 2)
        #expect(settings.journalMode == "wal")
        #expect(settings.secureDelete == 1)
        #expect(settings.automaticCheckpoint == 0)
        #expect(settings.pageSize == 8192)
        // The trap itself (design §10): a FULL set in prepareDatabase is silently undone.
        var trap = Configuration()
        trap.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous=FULL") }
        let pool = try DatabasePool(path: fixture.root + "/trap.sqlite", configuration: trap)
        #expect(try pool.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 1)
    }

    @Test("A second journal on the same directory is refused until the first is gone")
    func secondIsRefused() throws {
        let fixture = try JournalFixture()
        do {
            let first = try fixture.open()
            let refusal = #expect(throws: JournalError.self) { try fixture.open() }
            #expect(refusal?.code == .inUse)
            _ = try first.party(named: "a")
        }
        _ = try fixture.open()
    }

    @Test("A newer format is refused and left as it is")
    func newerFormat() throws {
        let fixture = try JournalFixture()
        _ = try fixture.open()
        try change(fixture, "UPDATE meta SET value='2' WHERE key='format'")
        let refusal = #expect(throws: JournalError.self) { try fixture.open() }
        #expect(refusal?.code == .newerFormat)
        try change(fixture, "UPDATE meta SET value='1' WHERE key='format'")
        _ = try fixture.open()
    }

    @Test("Another zone's journal is refused")
    func wrongZone() throws {
        let fixture = try JournalFixture()
        _ = try fixture.open()
        fixture.configuration.zone = try ZoneID("lgwan")
        let refusal = #expect(throws: JournalError.self) { try fixture.open() }
        #expect(refusal?.code == .wrongZone)
    }

    @Test("A damaged last block is found before anything is written")
    func damagedTail() throws {
        let fixture = try JournalFixture()
        do {
            let journal = try fixture.open()
            let party = try journal.party(named: "a")
            try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        }
        try change(fixture, "UPDATE block SET entries=CAST(entries || x'00' AS BLOB)")
        let refusal = #expect(throws: JournalError.self) { try fixture.open() }
        #expect(refusal?.code == .damaged)
    }

    @Test("Numbers of participants are given once and for good")
    func parties() throws {
        let fixture = try JournalFixture()
        let first: [PartyNumber]
        do {
            let journal = try fixture.open()
            first = [try journal.party(named: "a"), try journal.party(named: "b")]
            #expect(first[0] != first[1])
        }
        let journal = try fixture.open()
        #expect([try journal.party(named: "a"), try journal.party(named: "b")] == first)
        #expect(!first.contains(try journal.party(named: "c")))
    }

    @Test("After a restore the incarnation is new, and stays")
    func incarnation() throws {
        let fixture = try JournalFixture()
        let renewed: UInt64
        do {
            let journal = try fixture.open()
            let before = journal.incarnation
            try journal.renewIncarnation()
            renewed = journal.incarnation
            #expect(renewed != before)
        }
        #expect(try fixture.open().incarnation == renewed)
    }

    @Test("Only their owner can read database and keys")
    func modes() throws {
        let fixture = try JournalFixture()
        let journal = try fixture.open()
        let party = try journal.party(named: "a")
        try journal.commit([Draft(producer: party, sequence: 1, recipients: [party])])
        for path in [fixture.configuration.directory, fixture.keysDirectory] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
        let key = fixture.keysDirectory + "/standard-20260331"
        let attributes = try FileManager.default.attributesOfItem(atPath: key)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 32)
    }

    private func change(_ fixture: JournalFixture, _ sql: String) throws {
        try DatabaseQueue(path: fixture.database).write { try $0.execute(sql: sql) }
    }
}
