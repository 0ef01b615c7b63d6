import GRDB
import Messaging

/// 符号 by 団体内統合宛名番号 (符号管理機能): none → pending(処理通番) → bound, or timedOut; a 処理通番 goes with `pending`.
enum LinkCodeStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("link code 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE link_code(integratedNumber TEXT PRIMARY KEY, state TEXT NOT NULL,
                        processingNumber TEXT UNIQUE, linkCode TEXT UNIQUE, until INTEGER) WITHOUT ROWID
                    """)
        }
    }

    static func isBound(_ number: String, _ database: Database) throws -> Bool {
        try String.fetchOne(
            database, sql: "SELECT state FROM link_code WHERE integratedNumber = ?",
            arguments: [number]) == "bound"
    }

    /// Remembers 処理通番 ⇔ 団体内統合宛名番号, and nothing of the 個人番号.
    static func await(
        _ processingNumber: String, for number: String, until: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO link_code VALUES (?, 'pending', ?, NULL, ?)",
            arguments: [number, processingNumber, until.nanosecondsSince1970])
    }

    /// Binds the 符号 and discards the 処理通番; false when nobody waits for it.
    static func bind(_ issued: LinkCodeIssued, _ database: Database) throws -> Bool {
        try database.execute(
            sql: """
                UPDATE link_code SET state = 'bound', linkCode = ?, processingNumber = NULL, until = NULL
                WHERE processingNumber = ?
                """, arguments: [issued.linkCode, issued.processingNumber])
        return database.changesCount == 1
    }

    /// Discards 処理通番 that were never answered.
    static func expire(_ now: Instant, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE link_code SET state = 'timedOut', processingNumber = NULL, until = NULL
                WHERE state = 'pending' AND until < ?
                """, arguments: [now.nanosecondsSince1970])
    }
}
