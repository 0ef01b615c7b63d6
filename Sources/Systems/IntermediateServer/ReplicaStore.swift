import GRDB
import Messaging

/// 副本 (住民票関係情報): what other bodies may ask for, by 団体 and 団体内統合宛名番号, never by 個人番号.
enum ReplicaStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("replica 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE replica(organisation TEXT NOT NULL, integratedNumber TEXT NOT NULL,
                        version INTEGER NOT NULL, recordVersion INTEGER NOT NULL, removalCategory TEXT NOT NULL,
                        items TEXT NOT NULL, updatedAt TEXT NOT NULL,
                        PRIMARY KEY(organisation, integratedNumber)) WITHOUT ROWID
                    """)
        }
    }

    /// The register's version the 副本 shows; nil when there is none.
    static func recordVersion(
        of number: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Int64? {
        try Int64.fetchOne(
            database,
            sql:
                "SELECT recordVersion FROM replica WHERE organisation = ? AND integratedNumber = ?",
            arguments: [organisation.rawValue, number])
    }

    /// Replaces the 副本; its own version, which rises by one.
    static func replace(
        _ update: ReplicaUpdate, items: String, _ organisation: OrganisationCode, now: Instant,
        _ database: Database
    ) throws -> Int64 {
        let version = try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO replica VALUES (?, ?, 1, ?, ?, ?, ?)
                ON CONFLICT(organisation, integratedNumber) DO UPDATE SET version = version + 1,
                    recordVersion = excluded.recordVersion, removalCategory = excluded.removalCategory,
                    items = excluded.items, updatedAt = excluded.updatedAt
                RETURNING version
                """,
            arguments: [
                organisation.rawValue, update.integratedAddresseeNumber, update.recordVersion,
                update.removalCategory, items, now.rfc3339,
            ])
        return version ?? 1
    }
}
