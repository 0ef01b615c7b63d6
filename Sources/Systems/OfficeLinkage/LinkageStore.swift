import GRDB
import Messaging

/// The integrated resident data (統合データベース機能) by 宛名番号, and the record of what went to whom.
enum LinkageStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("linkage 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE resident(addresseeNumber TEXT PRIMARY KEY, version INTEGER NOT NULL,
                        removalCategory TEXT NOT NULL, items TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE transfer(addresseeNumber TEXT NOT NULL, version INTEGER NOT NULL,
                        profile TEXT NOT NULL, recipient TEXT NOT NULL, legalBasis TEXT NOT NULL, at TEXT NOT NULL,
                        PRIMARY KEY(addresseeNumber, version, profile)) WITHOUT ROWID;
                    """)
        }
    }

    static func version(of addresseeNumber: String, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT version FROM resident WHERE addresseeNumber = ?",
            arguments: [addresseeNumber]) ?? 0
    }

    /// Movers-out stay, marked (corrections 8).
    static func keep(_ sync: ResidentSync, items: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO resident VALUES (?, ?, ?, ?)",
            arguments: [sync.addresseeNumber, sync.recordVersion, sync.removalCategory, items])
    }

    static func note(
        _ profile: TransferProfile, of sync: ResidentSync, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                sync.addresseeNumber, sync.recordVersion, profile.profile,
                profile.recipient.rawValue, profile.legalBasis, at.rfc3339,
            ])
    }
}
