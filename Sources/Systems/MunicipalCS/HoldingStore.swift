import GRDB
import Messaging

/// 転出証明書情報 held at the CS, one row a mover, with the CS's own thirty-day clock.
enum HoldingStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("holding 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE held_certificate(juminhyoCode TEXT PRIMARY KEY, groupId TEXT NOT NULL,
                        plannedDate TEXT NOT NULL, purgeAt INTEGER NOT NULL,
                        correlation TEXT NOT NULL) WITHOUT ROWID;
                    CREATE INDEX held_certificate_due ON held_certificate(purgeAt);
                    """)
        }
    }

    static func hold(
        _ code: String, groupID: String, planned: CivilDate, correlation: CorrelationID,
        _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO held_certificate VALUES (?, ?, ?, ?, ?)",
            arguments: [
                code, groupID, planned.iso,
                ThirtyDayRule(plannedDate: planned).purgeInstant.nanosecondsSince1970,
                correlation.rawValue,
            ])
    }

    static func isHeld(_ code: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database, sql: "SELECT 1 FROM held_certificate WHERE juminhyoCode = ?",
            arguments: [code]) != nil
    }

    /// The 転入 is recorded: the certificate goes. False when none was held.
    static func consume(_ code: String, _ database: Database) throws -> Bool {
        try database.execute(
            sql: "DELETE FROM held_certificate WHERE juminhyoCode = ?", arguments: [code])
        return database.changesCount > 0
    }

    /// Removes what is due; the groups it belonged to.
    static func purge(
        _ now: Instant, _ database: Database
    ) throws -> [(groupID: String, correlation: CorrelationID, movers: Int)] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT groupId, correlation, count(*) FROM held_certificate WHERE purgeAt <= ?
                GROUP BY groupId, correlation
                """, arguments: [now.nanosecondsSince1970])
        guard !rows.isEmpty else { return [] }
        try database.execute(
            sql: "DELETE FROM held_certificate WHERE purgeAt <= ?",
            arguments: [now.nanosecondsSince1970])
        return try rows.map { ($0[0], try CorrelationID($0[1]), $0[2]) }
    }
}
