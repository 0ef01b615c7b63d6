import GRDB

/// The requests sent (送信済みの依頼): an id serves once.
enum RequestStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("file adapter 1") { database in
            try database.execute(sql: "CREATE TABLE request(id TEXT PRIMARY KEY) WITHOUT ROWID")
        }
    }

    /// False where it was noted before.
    static func note(_ id: String, _ database: Database) throws -> Bool {
        try database.execute(sql: "INSERT OR IGNORE INTO request VALUES (?)", arguments: [id])
        return database.changesCount == 1
    }
}
