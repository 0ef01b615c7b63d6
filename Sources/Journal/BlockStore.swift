import Foundation
import GRDB
import Messaging

/// The queries over blocks and contents (証跡塊のSQL), for readers.
enum BlockStore {
    /// Blocks by a condition that begins with WHERE and bounds what it returns.
    static func blocks(
        _ database: Database, sql condition: String, arguments: StatementArguments
    ) throws -> [Block] {
        try Row.fetchAll(
            database.cachedStatement(
                sql:
                    "SELECT number, count, committed_at, previous, hash, entries FROM block \(condition)"
            ),
            arguments: arguments
        ).map { row in
            let number = UInt64(bitPattern: row[0])
            guard let previous = Digest32(row[3] as Data), let hash = Digest32(row[4] as Data)
            else {
                throw JournalError(
                    .damaged, "read block \(number)", "a hash does not have 32 bytes")
            }
            return Block(
                number: number, count: row[1], committedAt: Instant(nanosecondsSince1970: row[2]),
                previous: previous, hash: hash, entries: Array(row[5] as Data))
        }
    }

    static func block(_ database: Database, number: UInt64) throws -> Block? {
        try blocks(database, sql: "WHERE number=?", arguments: [Int64(bitPattern: number)]).first
    }

    static func block(_ database: Database, holding position: UInt64) throws -> Block? {
        let found = try blocks(
            database, sql: "WHERE number<=? ORDER BY number DESC LIMIT 1",
            arguments: [Int64(bitPattern: position)]
        ).first
        return found.flatMap { position <= $0.last ? $0 : nil }
    }

    static func lastPosition(_ database: Database) throws -> UInt64 {
        let row = try Row.fetchOne(
            database, sql: "SELECT number, count FROM block ORDER BY number DESC LIMIT 1")
        guard let row else { return 0 }
        return UInt64(bitPattern: row[0]) + UInt64(max(1, row[1] as Int)) - 1
    }

    static func firstOfBlock(_ database: Database, holding position: UInt64) throws -> UInt64 {
        let number = try Int64.fetchOne(
            database, sql: "SELECT number FROM block WHERE number<=? ORDER BY number DESC LIMIT 1",
            arguments: [Int64(bitPattern: position)])
        return UInt64(bitPattern: number ?? 0)
    }

    /// Blocks with messages for the subscription, from `first` on, by the index alone.
    static func inbound(
        _ database: Database, _ subscription: PartyNumber, from first: UInt64, limit: Int
    ) throws -> [UInt64] {
        try Int64.fetchAll(
            database.cachedStatement(
                sql:
                    "SELECT block FROM inbound WHERE subscription=? AND block>=? ORDER BY block LIMIT ?"
            ),
            arguments: [Int64(subscription.rawValue), Int64(bitPattern: first), limit]
        ).map { UInt64(bitPattern: $0) }
    }

    static func content(
        _ database: Database, slot: UInt64
    ) throws -> (key: ContentKeyID, check: Int64, sealed: Data)? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT key_id, key_check, sealed FROM content WHERE slot=?"),
            arguments: [Int64(bitPattern: slot)])
        guard let row else { return nil }
        guard let key = ContentKeyID(row[0] as String) else {
            throw JournalError(.damaged, "read content \(slot)", "an impossible key name")
        }
        return (key, row[1], row[2])
    }

    struct SealedException {
        let key: ContentKeyID
        let check: Int64
        let sealed: Data
    }

    static func exception(_ database: Database, _ key: ExceptionKey) throws -> SealedException? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql:
                    "SELECT key_id, key_check, sealed FROM exception WHERE subscription=? AND position=?"
            ),
            arguments: [Int64(key.subscription.rawValue), Int64(bitPattern: key.position.rawValue)])
        guard let row else { return nil }
        guard let id = ContentKeyID(row[0] as String) else {
            throw JournalError(.damaged, "read an exception", "an impossible key name")
        }
        return SealedException(key: id, check: row[1], sealed: row[2])
    }

    /// Positions of the exceptions of one lane, ascending, by the index alone.
    static func exceptions(
        _ database: Database, in lane: SubscriptionLane, after: UInt64, limit: Int
    ) throws -> [Position] {
        try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT position FROM exception_lane WHERE subscription=? AND lane=? AND position>?
                    ORDER BY position LIMIT ?
                    """),
            arguments: [
                Int64(lane.subscription.rawValue), lane.lane.rawValue, Int64(bitPattern: after),
                limit,
            ]
        ).map { Position(UInt64(bitPattern: $0)) }
    }

    /// The block in which a number was used up.
    static func block(
        _ database: Database, producer: PartyNumber, number: MessageNumber
    ) throws -> UInt64? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT last_sequence, block FROM number_range
                    WHERE producer=? AND incarnation=? AND first_sequence<=?
                    ORDER BY first_sequence DESC LIMIT 1
                    """),
            arguments: [
                Int64(producer.rawValue), Int64(bitPattern: number.incarnation),
                Int64(bitPattern: number.sequence),
            ])
        guard let row, UInt64(bitPattern: row[0]) >= number.sequence else { return nil }
        return UInt64(bitPattern: row[1])
    }

    static func lastSequence(
        _ database: Database, of producer: PartyNumber, incarnation: UInt64
    ) throws -> UInt64 {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT last_sequence FROM number_range WHERE producer=? AND incarnation=?
                    ORDER BY first_sequence DESC LIMIT 1
                    """),
            arguments: [Int64(producer.rawValue), Int64(bitPattern: incarnation)])
        return row.map { UInt64(bitPattern: $0[0]) } ?? 0
    }

    static func contentSlots(_ database: Database, after slot: UInt64, limit: Int) throws
        -> [UInt64]
    {
        try Int64.fetchAll(
            database, sql: "SELECT slot FROM content WHERE slot>? ORDER BY slot LIMIT ?",
            arguments: [Int64(bitPattern: slot), limit]
        ).map { UInt64(bitPattern: $0) }
    }

    static func usage(_ database: Database) throws -> StorageUsage {
        func number(_ pragma: String) throws -> Int {
            try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
        }
        let pageSize = try number("page_size")
        let pages = try number("page_count")
        return StorageUsage(
            fileBytes: pages * pageSize,
            usedBytes: (pages - (try number("freelist_count"))) * pageSize)
    }

    static func integrity(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
    }
}

/// What the journal takes on the disk (台帳の容量), without its log.
package struct StorageUsage: Hashable, Sendable {
    /// The database file as far as it reaches, in bytes.
    package var fileBytes: Int
    /// Of these in use; the rest is filled again before the file grows.
    package var usedBytes: Int
}

extension Block {
    /// What is wrong with this block, given the one before it; nil where the chain holds.
    func fault(after previousBlock: Block?, isFirst: Bool) -> ChainFault? {
        let expected = chainHash(
            previous: previous, number: number, count: count, committedAt: committedAt,
            entries: entries)
        guard expected == hash else { return .altered }
        guard let previousBlock else {
            guard isFirst else { return nil }
            return number == 1 && previous == .zero ? nil : .gap
        }
        guard number == previousBlock.last + 1 else { return .gap }
        return previous == previousBlock.hash ? nil : .unlinked
    }
}
