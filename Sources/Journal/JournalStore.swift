import Foundation
import GRDB
import GRDBSQLite
import Messaging

/// The statements of the commit path (確定処理のSQL), prepared once on the writer's connection.
final class JournalStore {
    private let database: Database
    private let begin, commitWork, rollback: BoundStatement
    private let insertBlock, insertContent, insertInbound, insertRange,
        upsertProducer: BoundStatement
    private let upsertSubscription, blockOf, passedBlocks, dropInbound, dropContent: BoundStatement
    private let upsertException, changeException, dropException: BoundStatement
    private let insertExceptionLane, dropExceptionLanes: BoundStatement
    private let upsertLane, dropLane, upsertDeadLetter, upsertEpoch: BoundStatement

    init(_ database: Database) throws {
        self.database = database
        func prepare(_ sql: String) throws -> BoundStatement { try BoundStatement(database, sql) }
        begin = try prepare("BEGIN IMMEDIATE")
        commitWork = try prepare("COMMIT")
        rollback = try prepare("ROLLBACK")
        insertBlock = try prepare(
            "INSERT INTO block(number, count, committed_at, previous, hash, entries) VALUES(?,?,?,?,?,?)"
        )
        insertContent = try prepare(
            "INSERT INTO content(slot, key_id, key_check, sealed) VALUES(?,?,?,?)")
        insertInbound = try prepare("INSERT INTO inbound(subscription, block) VALUES(?,?)")
        insertRange = try prepare(
            """
            INSERT INTO number_range(producer, incarnation, first_sequence, last_sequence, block)
            VALUES(?,?,?,?,?)
            """)
        upsertProducer = try prepare(
            "INSERT OR REPLACE INTO producer(party, incarnation, last_sequence) VALUES(?,?,?)")
        upsertSubscription = try prepare(
            "INSERT OR REPLACE INTO subscription(party, floor, settled) VALUES(?,?,?)")
        blockOf = try prepare(
            "SELECT number, count FROM block WHERE number<=? ORDER BY number DESC LIMIT 1")
        passedBlocks = try prepare(
            "SELECT block FROM inbound WHERE subscription=? AND block<? ORDER BY block LIMIT ?")
        dropInbound = try prepare("DELETE FROM inbound WHERE subscription=? AND block<=?")
        dropContent = try prepare(
            """
            DELETE FROM content WHERE slot>=?1 AND slot<?1+
              (SELECT max(1, count) FROM block WHERE number=?1)
              AND NOT EXISTS(SELECT 1 FROM inbound WHERE block=?1)
            """)
        upsertException = try prepare(
            """
            INSERT OR REPLACE INTO exception(subscription, position, lanes, state, attempts, expiry,
              key_id, key_check, sealed) VALUES(?,?,?,?,?,?,?,?,?)
            """)
        changeException = try prepare(
            "UPDATE exception SET state=?, attempts=? WHERE subscription=? AND position=?")
        dropException = try prepare("DELETE FROM exception WHERE subscription=? AND position=?")
        insertExceptionLane = try prepare(
            "INSERT OR IGNORE INTO exception_lane(subscription, lane, position) VALUES(?,?,?)")
        dropExceptionLanes = try prepare(
            "DELETE FROM exception_lane WHERE subscription=? AND lane=? AND position=?")
        upsertLane = try prepare(
            """
            INSERT OR REPLACE INTO lane(subscription, lane, state, until, failures, suspect, since,
              code, head_position) VALUES(?,?,?,?,?,?,?,?,?)
            """)
        dropLane = try prepare("DELETE FROM lane WHERE subscription=? AND lane=?")
        upsertDeadLetter = try prepare(
            """
            INSERT OR REPLACE INTO dead_letter(subscription, position, lane, since, code, failures,
              resolved_at, resolution, operator, reason) VALUES(?,?,?,?,?,?,?,?,?,?)
            """)
        upsertEpoch = try prepare("INSERT OR REPLACE INTO epoch(party, epoch) VALUES(?,?)")
    }

    func beginTransaction() throws { try begin.run() }
    func commitTransaction() throws { try commitWork.run() }
    /// Ends a failed transaction, so that the connection can be closed; nothing of it stays.
    func abandon() { _ = try? rollback.run() }

    // MARK: Blocks

    func insert(
        block number: UInt64, count: Int, committedAt: Instant, previous: [UInt8], hash: [UInt8],
        entries: [UInt8]
    ) throws {
        insertBlock.bind(1, number).bind(2, Int64(count))
        insertBlock.bind(3, committedAt.nanosecondsSince1970).copy(4, previous).copy(5, hash)
        try unsafe entries.withUnsafeBytes { try unsafe insertBlock.lend(6, $0).run() }
    }

    func insert(content slot: UInt64, _ id: ContentKeyID, _ key: ContentKey, sealed: Data) throws {
        insertContent.bind(1, slot).bind(2, id.rawValue).bind(3, key.check)
        try unsafe sealed.withUnsafeBytes { try unsafe insertContent.lend(4, $0).run() }
    }

    func insert(inbound subscription: PartyNumber, block: UInt64) throws {
        try insertInbound.bind(1, subscription).bind(2, block).run()
    }

    func insert(numbers run: NumberRun, block: UInt64) throws {
        insertRange.bind(1, run.producer).bind(2, run.incarnation).bind(3, run.first)
        try insertRange.bind(4, run.last).bind(5, block).run()
        try upsertProducer.bind(1, run.producer).bind(2, run.incarnation).bind(3, run.last).run()
    }

    // MARK: Settlement

    func upsert(_ change: SettlementChange, settled: [UInt8]) throws {
        upsertSubscription.bind(1, change.subscription).bind(2, change.floor.rawValue)
        try upsertSubscription.copy(3, settled).run()
    }

    /// The first block that `floor` has not wholly passed.
    func firstBlock(notPassedBy floor: UInt64) throws -> UInt64 {
        var first: UInt64 = 0
        try blockOf.bind(1, floor).rows { column in
            let number = UInt64(bitPattern: column(0))
            let last = number + UInt64(max(1, column(1))) - 1
            first = floor >= last ? last + 1 : number
        }
        return first
    }

    /// Drops the subscription's marks on blocks below `limit`, and contents nobody waits for any more;
    /// at most `most` blocks. True if none is left.
    func release(_ subscription: PartyNumber, below limit: UInt64, most: Int) throws -> Bool {
        var blocks: [UInt64] = []
        try passedBlocks.bind(1, subscription).bind(2, limit).bind(3, Int64(most)).rows { column in
            blocks.append(UInt64(bitPattern: column(0)))
        }
        guard let last = blocks.last else { return true }
        try dropInbound.bind(1, subscription).bind(2, last).run()
        for block in blocks { try dropContent.bind(1, block).run() }
        return blocks.count < most
    }

    // MARK: Exceptions and lanes

    func upsert(_ row: ExceptionRow, lanes: [UInt8], key: ContentKey, sealed: Data) throws {
        upsertException.bind(1, row.subscription).bind(2, row.position.rawValue).copy(3, lanes)
        upsertException.bind(4, Int64(row.state.rawValue)).bind(5, Int64(row.attempts))
        upsertException.bind(6, row.expiry?.nanosecondsSince1970).bind(7, row.keyID.rawValue)
        upsertException.bind(8, key.check)
        try unsafe sealed.withUnsafeBytes { try unsafe upsertException.lend(9, $0).run() }
        for lane in row.lanes.array {
            insertExceptionLane.bind(1, row.subscription).bind(2, lane.rawValue)
            try insertExceptionLane.bind(3, row.position.rawValue).run()
        }
    }

    func change(_ change: ExceptionChange) throws {
        changeException.bind(1, Int64(change.state.rawValue)).bind(2, Int64(change.attempts))
        try changeException.bind(3, change.key.subscription).bind(4, change.key.position.rawValue)
            .run()
    }

    func drop(_ key: ExceptionKey) throws {
        let lanes = try Data.fetchOne(
            database, sql: "SELECT lanes FROM exception WHERE subscription=? AND position=?",
            arguments: [Int64(key.subscription.rawValue), Int64(bitPattern: key.position.rawValue)])
        guard let lanes else { return }
        var reader = ByteReader(Array(lanes))
        for lane in try Block.laneSet(&reader).array {
            dropExceptionLanes.bind(1, key.subscription).bind(2, lane.rawValue)
            try dropExceptionLanes.bind(3, key.position.rawValue).run()
        }
        try dropException.bind(1, key.subscription).bind(2, key.position.rawValue).run()
    }

    func upsert(_ row: LaneRow) throws {
        upsertLane.bind(1, row.key.subscription).bind(2, row.key.lane.rawValue)
        switch row.hold {
        case .backoff(let until): upsertLane.bind(3, Int64(1)).bind(4, until.nanosecondsSince1970)
        case .parked: upsertLane.bind(3, Int64(2)).bind(4, Int64?.none)
        }
        upsertLane.bind(5, Int64(row.failures)).bind(6, Int64(row.suspect))
        upsertLane.bind(7, row.since.nanosecondsSince1970).bind(8, row.code)
        try upsertLane.bind(9, row.head.rawValue).run()
    }

    func drop(_ lane: SubscriptionLane) throws {
        try dropLane.bind(1, lane.subscription).bind(2, lane.lane.rawValue).run()
    }

    func upsert(_ letter: DeadLetterRow) throws {
        let statement = upsertDeadLetter
        statement.bind(1, letter.subscription).bind(2, letter.position.rawValue)
        statement.bind(3, letter.lane?.rawValue).bind(4, letter.since.nanosecondsSince1970)
        statement.bind(5, letter.code).bind(6, Int64(letter.failures))
        switch letter.state {
        case .open:
            statement.bind(7, Int64?.none).bind(8, Int64?.none)
            statement.bind(9, String?.none).bind(10, String?.none)
        case .resolved(let at, let how, let by, let reason):
            statement.bind(7, at.nanosecondsSince1970).bind(8, Int64(how.rawValue))
            statement.bind(9, by?.rawValue).bind(10, reason)
        }
        try statement.run()
    }

    func upsert(_ raise: EpochRaise) throws {
        try upsertEpoch.bind(1, raise.party).bind(2, Int64(raise.epoch.rawValue)).run()
    }
}

/// Consecutive numbers of one producer in one block (連番).
struct NumberRun {
    let producer: PartyNumber
    let incarnation: UInt64
    var first: UInt64
    var last: UInt64
}
