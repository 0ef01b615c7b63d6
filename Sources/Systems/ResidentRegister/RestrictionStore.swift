import GRDB
import Messaging
import ParticipantStore

/// 支援措置 (disclosure restricted) [INF]: whose, since when, set and released by whom; what was released stays as history.
enum RestrictionStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("restriction 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE restriction(number INTEGER PRIMARY KEY, addresseeNumber TEXT NOT NULL,
                        category TEXT, fromDate TEXT, untilDate TEXT, setBy TEXT NOT NULL, setAt TEXT NOT NULL,
                        releasedBy TEXT, releasedAt TEXT, reason TEXT);
                    CREATE UNIQUE INDEX restriction_standing ON restriction(addresseeNumber)
                        WHERE releasedAt IS NULL;
                    """)
        }
    }

    static func isRestricted(_ addresseeNumber: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM restriction WHERE addresseeNumber = ? AND releasedAt IS NULL",
            arguments: [addresseeNumber]) != nil
    }

    static func set(
        _ request: RestrictionRequest, by operatorID: OperatorID, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO restriction(addresseeNumber, category, fromDate, untilDate, setBy, setAt)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                request.addresseeNumber, request.category, request.from?.iso, request.until?.iso,
                operatorID.rawValue, at.rfc3339,
            ])
    }

    static func release(
        _ addresseeNumber: String, by operatorID: OperatorID, reason: String?, at: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE restriction SET releasedBy = ?, releasedAt = ?, reason = ?
                WHERE addresseeNumber = ? AND releasedAt IS NULL
                """, arguments: [operatorID.rawValue, at.rfc3339, reason, addresseeNumber])
    }

    static func count(_ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM restriction WHERE releasedAt IS NULL") ?? 0
    }
}
