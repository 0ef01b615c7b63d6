import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("The durable store")
struct DurableStoreTests {
    let bench: Workbench
    let zone: ZoneID

    init() throws {
        bench = try Workbench()
        zone = try ZoneID(Workbench.zone)
    }

    private func texts(_ messages: [NumberedMessage]) -> [String] {
        messages.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    private func waiting(_ store: DurableStore, after sequence: UInt64 = 0) throws
        -> [NumberedMessage]
    {
        try store.outgoing(in: zone, after: sequence, limit: 100, bytes: 1 << 20)
    }

    @Test("A database opens with WAL, synchronous=FULL and secure_delete")
    func durability() throws {
        let found = try bench.open().perform { transaction in
            try ["journal_mode", "synchronous", "secure_delete"].map {
                try DatabaseValue.fetchOne(transaction.database, sql: "PRAGMA \($0)")
            }
        }
        #expect(found == ["wal".databaseValue, 2.databaseValue, 1.databaseValue])
    }

    @Test("A message's effects, its mark and what it sends stand or fall together")
    func oneTransaction() throws {
        let store = try bench.open()
        bench.handler.onReceive = { message, transaction in
            let number = message.envelope.id.number.sequence
            try transaction.database.execute(
                sql: "INSERT INTO applied VALUES (?, 'x')", arguments: [Int64(number)])
            try transaction.send(outgoing("m\(number)"), in: message.zone)
            if number == 2 { throw Refuse("subject-unknown") }
            if number == 3 { throw RetryLater(after: .seconds(3), "peer-closed") }
            if number == 4 { throw InvalidIdentifier(kind: "test", rule: "any other error") }
        }
        let settlements = try store.apply(
            [received(1), received(2), received(3), received(4), received(5)],
            now: bench.clock.now())
        #expect(
            settlements == [
                .accepted, .failed(code: "subject-unknown"),
                .retryLater(after: .seconds(3), code: "peer-closed"),
                .failed(code: "handler-error"),
                .accepted,
            ])
        #expect(try texts(waiting(store)) == ["m1", "m5"])
        #expect(try waiting(store).map(\.number.sequence) == [1, 2])
        let applied = try store.perform {
            try Int.fetchAll($0.database, sql: "SELECT number FROM applied ORDER BY number")
        }
        #expect(applied == [1, 5])
    }

    @Test("A redelivery is accepted and changes nothing; a failed message may be applied later")
    func redelivery() throws {
        let store = try bench.open()
        var fails = true
        var calls = 0
        bench.handler.onReceive = { message, transaction in
            calls += 1
            if fails { throw Refuse("not-yet") }
            try transaction.send(outgoing("once"), in: message.zone)
        }
        #expect(
            try store.apply([received(1)], now: bench.clock.now()) == [.failed(code: "not-yet")])
        fails = false
        #expect(try store.apply([received(1)], now: bench.clock.now()) == [.accepted])
        #expect(try store.apply([received(1, position: 8)], now: bench.clock.now()) == [.accepted])
        #expect(calls == 2)
        #expect(try texts(waiting(bench.open())) == ["once"])
    }

    @Test("The same number of another incarnation or zone is another message")
    func otherNumbering() throws {
        let store = try bench.open()
        var calls = 0
        bench.handler.onReceive = { _, _ in calls += 1 }
        _ = try store.apply(
            [received(1), received(1, incarnation: 10), received(1, zone: "lgwan")],
            now: bench.clock.now())
        #expect(calls == 3)
    }

    @Test("One unacknowledged message a lane: the next one gets its number at the acknowledgement")
    func lanes() throws {
        let store = try bench.open()
        try store.perform { transaction in
            for text in ["a1", "a2", "b1", "a3"] {
                try transaction.send(outgoing(text, orderKey: String(text.prefix(1))), in: zone)
            }
            try transaction.send(outgoing("free"), in: zone)
        }
        #expect(try texts(waiting(store)) == ["a1", "b1", "free"])
        try store.acknowledged(in: zone, [(sequence: 1, position: Position(11))], anchor: nil)
        #expect(try texts(waiting(store)) == ["b1", "free", "a2"])
        #expect(try waiting(store).map(\.number.sequence) == [2, 3, 4])
        let reread = try Envelope(parsing: #require(waiting(store).last).envelope)
        #expect(reread.id.number.sequence == 4)
        #expect(try store.resumption(in: zone).acknowledgedSequence == 1)
    }

    @Test("A refusal parks its lane, visibly, until an operator releases it")
    func refusal() throws {
        let store = try bench.open()
        try store.perform { transaction in
            for text in ["a1", "a2", "b1"] {
                try transaction.send(outgoing(text, orderKey: String(text.prefix(1))), in: zone)
            }
        }
        try store.refused(
            in: zone,
            [Refusal(sequence: 1, code: "payload-invalid", text: "", pointer: "/x", hint: "")])
        try store.acknowledged(in: zone, [(sequence: 2, position: Position(2))], anchor: nil)
        #expect(try waiting(store).isEmpty)
        let entries = try store.outboxEntries()
        #expect(
            entries.map(\.state) == [
                .waiting, .refused(1, code: "payload-invalid", pointer: "/x"),
            ])
        #expect(try store.releaseRefused(row: #require(entries.last).row))
        #expect(try texts(waiting(store)) == ["a2"])
        #expect(try !store.releaseRefused(row: 99))
    }

    @Test("No payload stands in clear in any file, and a wrong key opens nothing")
    func sealing() throws {
        let store = try bench.open()
        try store.perform { transaction in
            try transaction.send(
                outgoing("{\"n\":\"999999001049\"}", orderKey: "88888001047"), in: zone)
        }
        #expect(try !bench.filesContain("999999001049"))
        #expect(try !bench.filesContain("88888001047"))
        #expect(try texts(waiting(store)) == ["{\"n\":\"999999001049\"}"])
        let other = try bench.open(key: [UInt8](repeating: 8, count: 32))
        #expect(throws: StoreError.self) { try waiting(other) }
        #expect(throws: StoreError.self) { try bench.open(key: [1, 2, 3]) }
    }

    @Test("An acknowledged message is kept until a backup covers it, or goes at once if it must")
    func keeping() throws {
        let store = try bench.open()
        try store.perform { transaction in
            try transaction.send(outgoing("kept"), in: zone)
            try transaction.send(outgoing("gone", keep: false), in: zone)
        }
        try store.acknowledged(
            in: zone, [(sequence: 1, position: Position(1)), (sequence: 2, position: Position(2))],
            anchor: nil)
        #expect(
            try store.outboxEntries(unsettledOnly: false).map(\.state) == [
                .acknowledged(1, Position(1))
            ])
        try store.republish(in: zone, after: 0)
        #expect(try texts(waiting(store)) == ["kept"])
        try store.acknowledged(in: zone, [(sequence: 1, position: Position(1))], anchor: nil)
        try store.backupCovers(in: zone, through: 1)
        #expect(try store.outboxEntries(unsettledOnly: false).isEmpty)
    }

    @Test("A hub that has fewer or more messages than it can have is not gone on with")
    func rollback() throws {
        let store = try bench.open()
        try store.perform { try $0.send(outgoing("m"), in: zone) }
        try store.welcomed(in: zone, journalIncarnation: 5, committedSequence: 0)
        try store.acknowledged(in: zone, [(sequence: 1, position: Position(1))], anchor: nil)
        #expect(try store.resumption(in: zone).journalIncarnation == 5)
        #expect {
            try store.welcomed(in: zone, journalIncarnation: 6, committedSequence: 0)
        } throws: { ($0 as? StoreError)?.code == "journal-rolled-back" }
        #expect {
            try store.welcomed(in: zone, journalIncarnation: 5, committedSequence: 2)
        } throws: { ($0 as? StoreError)?.code == "numbers-rolled-back" }
        #expect {
            try store.acknowledged(in: zone, [(sequence: 7, position: Position(1))], anchor: nil)
        } throws: { ($0 as? StoreError)?.code == "sequence-unknown" }
    }

    @Test("A restored database takes a new incarnation and parks what may have gone out")
    func restored() throws {
        let store = try bench.open()
        try store.perform { transaction in
            try transaction.send(outgoing("a1", orderKey: "a"), in: zone)
            try transaction.send(outgoing("a2", orderKey: "a"), in: zone)
        }
        let before = try store.resumption(in: zone).incarnation
        try store.markRestored()
        let again = try bench.open()
        #expect(try again.resumption(in: zone).incarnation != before)
        #expect(
            try again.outboxEntries().map(\.state) == [
                .waiting, .refused(1, code: "restored", pointer: nil),
            ])
        let row = try #require(again.outboxEntries().last).row
        #expect(try again.releaseRefused(row: row))
        #expect(try waiting(again).map(\.number.sequence) == [1])
    }

    @Test("A database of another participant is refused")
    func owner() throws {
        _ = try bench.open()
        #expect {
            try bench.open(participant: "residentRegister")
        } throws: { ($0 as? StoreError)?.code == "participant-mismatch" }
    }

    @Test("A database of a newer format is refused")
    func newerFormat() throws {
        try bench.open().perform {
            try $0.database.execute(sql: "UPDATE bus_meta SET value = '99' WHERE key = 'format'")
        }
        #expect { try bench.open() } throws: { ($0 as? StoreError)?.code == "format-newer" }
    }

    @Test("Marks below the settled floor are pruned, those above stay")
    func pruning() throws {
        let store = try bench.open()
        _ = try store.apply((1...6).map { try received($0) }, now: bench.clock.now())
        try store.settledFloor(in: zone, Position(4))
        try store.tick(now: bench.clock.now())
        let left = try store.perform {
            try Int.fetchAll($0.database, sql: "SELECT sequence FROM bus_inbox ORDER BY sequence")
        }
        #expect(left == [4, 5, 6])
    }

    @Test("A full outbox sends the incoming message back for later")
    func full() throws {
        bench.limits.outboxMessages = 1
        let store = try bench.open()
        bench.handler.onReceive = { message, transaction in
            try transaction.send(outgoing("m"), in: message.zone)
        }
        let settlements = try store.apply([received(1), received(2)], now: bench.clock.now())
        #expect(
            settlements == [
                .accepted, .retryLater(after: .seconds(5), code: "outbox-full"),
            ])
        try store.acknowledged(in: zone, [(sequence: 1, position: Position(1))], anchor: nil)
        #expect(try store.apply([received(2)], now: bench.clock.now()) == [.accepted])
    }

    @Test("An error of the file is thrown, and nothing of the burst stays")
    func fileError() throws {
        let store = try bench.open()
        bench.handler.onReceive = { message, transaction in
            try transaction.send(outgoing("m"), in: message.zone)
            if message.envelope.id.number.sequence == 2 {
                throw DatabaseError(resultCode: .SQLITE_IOERR)
            }
        }
        #expect(throws: DatabaseError.self) {
            try store.apply([received(1), received(2)], now: bench.clock.now())
        }
        #expect(try waiting(store).isEmpty)
        bench.handler.onReceive = { message, transaction in
            try transaction.send(outgoing("again"), in: message.zone)
        }
        _ = try store.apply([received(1)], now: bench.clock.now())
        #expect(try waiting(store).map(\.number.sequence) == [1])
    }
}
