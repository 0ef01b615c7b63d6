import GRDB
import Messaging

/// Which messages have been applied here (受信箱): one mark per (zone, source, incarnation, sequence).
///
/// A mark is written in the transaction of the message's effects, so a redelivery changes nothing (design §5).
final class InboxStore {
    private struct Producer: Hashable {
        let zone: ZoneID
        let source: ParticipantID
        let incarnation: UInt64
    }

    private var producers: [Producer: Int64] = [:]
    private var floors: [ZoneID: UInt64] = [:]
    private let limits: StoreLimits

    init(limits: StoreLimits) { self.limits = limits }

    /// The row that stands for a producer's numbering; made outside the message's savepoint, so that a message
    /// rolled back does not take it along.
    func producer(of id: MessageID, in zone: ZoneID, _ database: Database) throws -> Int64 {
        let key = Producer(zone: zone, source: id.source, incarnation: id.number.incarnation)
        if let row = producers[key] { return row }
        let arguments: StatementArguments = [
            zone.rawValue, id.source.rawValue, Int64(bitPattern: id.number.incarnation),
        ]
        try database.execute(
            sql: "INSERT OR IGNORE INTO bus_source(zone, source, incarnation) VALUES (?, ?, ?)",
            arguments: arguments)
        let row = try Int64.fetchOne(
            database,
            sql: "SELECT id FROM bus_source WHERE zone = ? AND source = ? AND incarnation = ?",
            arguments: arguments)
        guard let row else { throw StoreError("sequence-unknown", "naming a producer") }
        producers[key] = row
        return row
    }

    /// Marks a message as applied; false when it already was.
    func mark(
        producer: Int64, sequence: UInt64, position: Position, _ database: Database
    ) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO bus_inbox(source, sequence, position) VALUES (?, ?, ?)")
        try statement.execute(arguments: [
            producer, Int64(clamping: sequence), Int64(clamping: position.rawValue),
        ])
        return database.changesCount == 1
    }

    /// Reads the producers known so far; forgets what a failed transaction left in memory.
    func load(_ database: Database) throws {
        producers.removeAll(keepingCapacity: true)
        for row in try Row.fetchAll(database, sql: "SELECT * FROM bus_source") {
            let zone = try ZoneID(row["zone"])
            let source = try ParticipantID(row["source"])
            let incarnation = UInt64(bitPattern: row["incarnation"])
            producers[Producer(zone: zone, source: source, incarnation: incarnation)] = row["id"]
        }
    }

    /// Remembers the settled floor; ``prune(_:)`` acts on it in a later transaction.
    func settled(below floor: Position, in zone: ZoneID) {
        floors[zone] = max(floors[zone] ?? 0, floor.rawValue)
    }

    /// Drops marks well below the settled floor, from each producer's lowest number up, a bounded count each time.
    func prune(_ database: Database) throws {
        for (zone, floor) in floors {
            try database.execute(
                sql: "UPDATE bus_zone SET settled_floor = ? WHERE zone = ? AND settled_floor < ?",
                arguments: [Int64(clamping: floor), zone.rawValue, Int64(clamping: floor)])
            guard floor > limits.inboxPositionsKept else { continue }
            let limit = Int64(clamping: floor - limits.inboxPositionsKept)
            for (producer, row) in producers where producer.zone == zone {
                try prune(producer: row, below: limit, database)
            }
        }
        floors.removeAll(keepingCapacity: true)
    }

    private func prune(producer: Int64, below limit: Int64, _ database: Database) throws {
        let marks = try database.cachedStatement(
            sql:
                "SELECT sequence, position FROM bus_inbox WHERE source = ? ORDER BY sequence LIMIT ?"
        )
        let rows = try Row.fetchCursor(marks, arguments: [producer, limits.prunedPerTransaction])
        var through: Int64?
        while let mark = try rows.next(), (mark[1] as Int64) < limit { through = mark[0] }
        guard let through else { return }
        try database.execute(
            sql: "DELETE FROM bus_inbox WHERE source = ? AND sequence <= ?",
            arguments: [producer, through])
    }
}
