import GRDB
import Messaging

/// 管理簿 of copies of 本人確認情報: who, onto which medium, approved by whom; the copy itself is made at the CS.
enum ExportStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("export 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE export_ledger(number INTEGER PRIMARY KEY, at TEXT NOT NULL, operator TEXT NOT NULL,
                        terminal TEXT, purpose TEXT NOT NULL, mediumId TEXT NOT NULL, approver TEXT NOT NULL,
                        approvalReference TEXT NOT NULL, ledgerEntry TEXT NOT NULL UNIQUE, recordCount INTEGER NOT NULL,
                        madeAt TEXT)
                    """)
        }
    }

    static func isKnown(ledgerEntry: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database, sql: "SELECT 1 FROM export_ledger WHERE ledgerEntry = ?",
            arguments: [ledgerEntry]) != nil
    }
}
