import GRDB
import Messaging

/// Which 全件提供 to 庁内連携 run (再同期): how far each has come; a restart goes on where it was.
enum ResyncStore {
    struct Run {
        let resyncID: String
        let cursor: String
        let sent: Int64
        let recipient: String
        let caseNumber: Int64
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("resync 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE resync(resyncId TEXT PRIMARY KEY, cursor TEXT NOT NULL, sent INTEGER NOT NULL,
                        recipient TEXT NOT NULL, caseNumber INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID
                    """)
        }
    }

    /// Asked again, it begins again.
    static func begin(
        _ resyncID: String, for recipient: String, caseNumber: Int64, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO resync VALUES (?, '', 0, ?, ?, 'running')",
            arguments: [resyncID, recipient, caseNumber])
    }

    /// The oldest that runs; one at a time.
    static func running(_ database: Database) throws -> Run? {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM resync WHERE state = 'running' ORDER BY caseNumber LIMIT 1"
        ).map {
            Run(
                resyncID: $0["resyncId"], cursor: $0["cursor"], sent: $0["sent"],
                recipient: $0["recipient"], caseNumber: $0["caseNumber"])
        }
    }

    static func advance(
        _ resyncID: String, to cursor: String, sent: Int64, isLast: Bool, _ database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE resync SET cursor = ?, sent = ?, state = ? WHERE resyncId = ?",
            arguments: [cursor, sent, isLast ? "completed" : "running", resyncID])
    }
}
