import FoundationEssentials
import GRDB
public import Messaging
public import Participant
import Platform

/// A participant's inbox and outbox (受信箱・送信箱) in its owner's own database, beside the owner's business tables.
///
/// Every burst of messages is one transaction: each message's business changes, its inbox mark and what it sends stand
/// in a savepoint of their own and become durable together with `synchronous=FULL`. Killing the process at any
/// instruction changes nothing about the final state (design §5). Used on the participant's one thread only.
public final class DurableStore: ParticipantStorage {
    private let queue: DatabaseQueue
    private let zones: [ZoneID]
    private let handler: any MessageHandler
    private let clock: any TimeSource
    private let inbox: InboxStore
    private let outbox: OutboxStore
    private let erasure = Erasure()
    private var wake: @Sendable () -> Void = {}

    /// Opens or creates the database at `path` and asserts its durability.
    ///
    /// `sealingKey` has 32 bytes. Throws ``StoreError`` (`format-newer`, `participant-mismatch`, …) and GRDB's errors.
    public init(
        path: String, participant: ParticipantID, organisation: OrganisationCode, zones: [ZoneID],
        sealingKey: [UInt8], handler: any MessageHandler, clock: any TimeSource,
        limits: StoreLimits = StoreLimits()
    ) throws {
        self.zones = zones
        self.handler = handler
        self.clock = clock
        inbox = InboxStore(limits: limits)
        outbox = OutboxStore(
            participant: participant, organisation: organisation,
            seal: try PayloadSeal(key: sealingKey), limits: limits)
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.label = participant.rawValue
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try FormatStore.harden($0) }
        var migrator = DatabaseMigrator()
        FormatStore.register(in: &migrator)
        handler.migrations(&migrator)
        try queue.read { [migrator] database in
            guard try !migrator.hasBeenSuperseded(database) else {
                throw StoreError("format-newer", "opening a database of a newer program")
            }
        }
        try migrator.migrate(queue)
        try queue.write { database in
            try FormatStore.claim(
                participant: participant, organisation: organisation, database)
            try FormatStore.declare(neverBackedUp: handler.neverBackedUp, database)
            try outbox.load(zones: zones, database)
            try inbox.load(database)
        }
        try queue.writeWithoutTransaction { try FormatStore.harden($0) }
    }

    /// One transaction of the owner's own: an operator's action, a start-up task. On the participant's thread.
    public func perform<R>(_ body: (Transaction) throws -> R) throws -> R {
        let last = outbox.cursor.lastRow
        let result = try write { database in
            try body(
                Transaction(database: database, now: clock.now(), outbox: outbox, erasure: erasure))
        }
        if outbox.cursor.lastRow != last { wake() }
        return result
    }

    // MARK: ParticipantStorage

    public func attached(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    public func resumption(in zone: ZoneID) throws -> Resumption {
        try queue.read { database in
            let row = try zoneRow(zone, database)
            let hub: Int64? = row["hub_incarnation"]
            return Resumption(
                incarnation: UInt64(bitPattern: row["incarnation"]),
                journalIncarnation: hub.map { UInt64(bitPattern: $0) },
                acknowledgedSequence: try outbox.answeredThrough(in: zone, database))
        }
    }

    /// Notes the journal this zone's hub runs on.
    ///
    /// Throws `journal-rolled-back` when the hub has fewer of our messages than it once acknowledged, and
    /// `numbers-rolled-back` when it has more than we ever numbered: one side runs on an older copy. Operators decide.
    public func welcomed(
        in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64
    ) throws {
        try write { database in
            let answered = UInt64(
                clamping: try zoneRow(zone, database)["highest_answered"] as Int64)
            guard committedSequence >= answered else {
                throw StoreError(
                    "journal-rolled-back",
                    "the hub of \(zone) has \(committedSequence) of \(answered) answered messages")
            }
            guard committedSequence <= outbox.cursor.lastSequence[zone] ?? 0 else {
                throw StoreError(
                    "numbers-rolled-back",
                    "the hub of \(zone) has \(committedSequence) messages, more than were numbered here"
                )
            }
            try database.execute(
                sql:
                    "UPDATE bus_zone SET hub_incarnation = ? WHERE zone = ? AND hub_incarnation IS NOT ?",
                arguments: [
                    Int64(bitPattern: journalIncarnation), zone.rawValue,
                    Int64(bitPattern: journalIncarnation),
                ])
        }
    }

    public func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement] {
        let settlements = try write { database in
            let transaction = Transaction(
                database: database, now: now, outbox: outbox, erasure: erasure)
            let settlements = try batch.map { try settle($0, transaction) }
            KillPoint.reach("store.before-commit")
            return settlements
        }
        KillPoint.reach("store.after-commit")
        return settlements
    }

    public func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage] {
        try queue.read { database in
            try outbox.outgoing(in: zone, after: sequence, limit: limit, bytes: bytes, database)
        }
    }

    public func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?
    ) throws {
        try write { database in
            let now = clock.now()
            for ack in acks {
                _ = try outbox.acknowledge(
                    ack.sequence, at: ack.position, in: zone, now: now, database)
            }
            try answered(acks.map(\.sequence).max() ?? 0, in: zone, database)
            if let anchor {
                try database.execute(
                    sql: "UPDATE bus_zone SET anchor_block = ?, anchor_head = ? WHERE zone = ?",
                    arguments: [
                        Int64(clamping: anchor.block), Data(anchor.chainHead), zone.rawValue,
                    ])
            }
        }
    }

    public func refused(in zone: ZoneID, _ refusals: [Refusal]) throws {
        try write { database in
            let now = clock.now()
            for refusal in refusals {
                _ = try outbox.refuse(
                    refusal.sequence, code: refusal.code, pointer: refusal.pointer, in: zone,
                    now: now, database)
            }
            try answered(refusals.map(\.sequence).max() ?? 0, in: zone, database)
        }
    }

    public func settledFloor(in zone: ZoneID, _ floor: Position) throws {
        inbox.settled(below: floor, in: zone)
    }

    public func tick(now: Instant) throws {
        do {
            try write { database in
                for zone in zones { try outbox.forgetAcknowledged(through: 0, in: zone, database) }
                try handler.tick(
                    Transaction(database: database, now: now, outbox: outbox, erasure: erasure))
            }
        } catch is RetryLater {
            // A full outbox: nothing was done, and the next tick tries again.
        }
    }

    // MARK: Operators

    /// Outgoing messages, newest first: unsettled ones (waiting, numbered, refused), or all.
    public func outboxEntries(limit: Int = 100, unsettledOnly: Bool = true) throws -> [OutboxEntry]
    {
        try queue.read { try outbox.entries(limit: limit, unsettledOnly: unsettledOnly, $0) }
    }

    /// Gives up a refused message so that its subject's later ones go on (保留解除); false when there is none.
    public func releaseRefused(row: Int64) throws -> Bool {
        try write { try outbox.release(row: row, now: clock.now(), $0) }
    }

    /// Forgets acknowledged messages that a backup of the hub covers.
    public func backupCovers(in zone: ZoneID, through sequence: UInt64) throws {
        try write { try outbox.forgetAcknowledged(through: sequence, in: zone, $0) }
    }

    /// Publishes again, under their old numbers, the kept messages a restored hub has lost.
    public func republish(in zone: ZoneID, after committedSequence: UInt64) throws {
        try write { database in
            try outbox.republish(after: committedSequence, in: zone, database)
            try database.execute(
                sql:
                    "UPDATE bus_zone SET highest_answered = min(highest_answered, ?) WHERE zone = ?",
                arguments: [Int64(clamping: committedSequence), zone.rawValue])
        }
    }

    /// Gives a database restored from a backup new incarnations, so that no number is used twice.
    public func markRestored() throws {
        try write { database in
            try outbox.renumber(now: clock.now(), database)
            try outbox.load(zones: zones, database)
        }
    }

    // MARK: One transaction

    /// Runs `body` in a transaction; the numbering in memory follows what becomes durable.
    private func write<R>(_ body: (Database) throws -> R) throws -> R {
        let before = outbox.cursor
        do {
            let result = try queue.write { database in
                let result = try body(database)
                try outbox.saveNumbering(since: before, database)
                try inbox.prune(database)
                return result
            }
            try eraseIfWanted()
            return result
        } catch {
            outbox.cursor = before
            try queue.read { try inbox.load($0) }
            throw error
        }
    }

    /// Empties the write-ahead log of what was deleted; while a backup reads it, the next write tries again.
    private func eraseIfWanted() throws {
        guard erasure.isWanted else { return }
        let isBusy = try queue.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") != 0
        }
        erasure.isWanted = isBusy
    }

    private func settle(_ message: ReceivedMessage, _ transaction: Transaction) throws -> Settlement
    {
        let database = transaction.database
        let id = message.envelope.id
        let producer = try inbox.producer(of: id, in: message.zone, database)
        let before = outbox.cursor
        var outcome = Settlement.accepted
        do {
            try inSavepoint(database) {
                let isNew = try inbox.mark(
                    producer: producer, sequence: id.number.sequence, position: message.position,
                    database)
                if isNew { try receive(message, transaction) }
            }
        } catch let refusal as Refuse {
            outcome = .failed(code: refusal.code)
        } catch let delay as RetryLater {
            outcome = .retryLater(after: delay.after, code: delay.code)
        } catch let error as DatabaseError where error.endsTheStore {
            throw error
        } catch is StoreError {
            outcome = .failed(code: "store-error")
        } catch {
            outcome = .failed(code: "handler-error")
        }
        if outcome != .accepted { outbox.cursor = before }
        return outcome
    }

    /// A hub's request for a superseding message is kept for the owner's staff; all else is the owner's.
    private func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        guard message.envelope.topic.type.rawValue == ReplacementRequest.type else {
            return try handler.receive(message, transaction)
        }
        let request = try ReplacementRequest(message)
        try transaction.database.execute(
            sql: "INSERT OR IGNORE INTO bus_replacement VALUES (?, ?, ?, ?)",
            arguments: [
                request.message.rawValue, message.zone.rawValue, request.reason,
                transaction.now.nanosecondsSince1970,
            ])
    }

    /// Messages that operators of a hub asked this owner to issue anew (差替え依頼), oldest first. The
    /// superseding message names the old one as its causation; the hub then puts it in its place.
    public func replacementRequests(limit: Int = 100) throws -> [MessageID] {
        try queue.read { database in
            try String.fetchAll(
                database, sql: "SELECT message FROM bus_replacement ORDER BY at LIMIT ?",
                arguments: [limit]
            ).map { try MessageID($0) }
        }
    }

    /// GRDB's own savepoints compile their statements anew each time, which a burst of 256 would feel.
    private func inSavepoint(_ database: Database, _ body: () throws -> Void) throws {
        try database.cachedStatement(sql: "SAVEPOINT bus_message").execute()
        do {
            try body()
        } catch {
            try database.cachedStatement(sql: "ROLLBACK TO SAVEPOINT bus_message").execute()
            try database.cachedStatement(sql: "RELEASE SAVEPOINT bus_message").execute()
            throw error
        }
        try database.cachedStatement(sql: "RELEASE SAVEPOINT bus_message").execute()
    }

    private func answered(_ sequence: UInt64, in zone: ZoneID, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE bus_zone SET highest_answered = max(highest_answered, ?) WHERE zone = ?",
            arguments: [Int64(clamping: sequence), zone.rawValue])
    }

    private func zoneRow(_ zone: ZoneID, _ database: Database) throws -> Row {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM bus_zone WHERE zone = ?", arguments: [zone.rawValue])
        guard let row else { throw StoreError("zone-unknown", "reading the state towards \(zone)") }
        return row
    }
}

extension DatabaseError {
    /// Whether the file, not the message, is at fault: such an error is never answered, the process stops.
    fileprivate var endsTheStore: Bool {
        switch resultCode {
        case .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_READONLY,
            .SQLITE_NOMEM, .SQLITE_CANTOPEN, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return true
        default: return false
        }
    }
}
