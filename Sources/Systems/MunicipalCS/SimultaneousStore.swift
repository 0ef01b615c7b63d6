import GRDB

/// The two halves of B3-05 (同時に): 更新情報 to the prefecture and 転入通知情報 to the 転出地 leave together or not at all.
///
/// Whichever half comes first waits here for the other; the row goes when both are queued.
enum SimultaneousStore {
    /// A person's halves once both are there.
    struct Pair {
        let notice: String
        /// Whether a certificate was held: the 特例転入 of B3, otherwise an ordinary 転入.
        let isSpecial: Bool
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("simultaneous 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE simultaneous(juminhyoCode TEXT PRIMARY KEY, hasUpdate INTEGER NOT NULL DEFAULT 0,
                        isSpecial INTEGER NOT NULL DEFAULT 0, notice TEXT) WITHOUT ROWID
                    """)
        }
    }

    static func updateCame(for code: String, isSpecial: Bool, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO simultaneous(juminhyoCode, hasUpdate, isSpecial) VALUES (?, 1, ?)
                ON CONFLICT(juminhyoCode) DO UPDATE SET hasUpdate = 1, isSpecial = excluded.isSpecial
                """, arguments: [code, isSpecial])
    }

    static func noticeCame(_ notice: [UInt8], for code: String, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO simultaneous(juminhyoCode, notice) VALUES (?, ?)
                ON CONFLICT(juminhyoCode) DO UPDATE SET notice = excluded.notice
                """, arguments: [code, String(decoding: notice, as: UTF8.self)])
    }

    /// Takes the pair out when it is whole.
    static func take(_ code: String, _ database: Database) throws -> Pair? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT notice, isSpecial FROM simultaneous
                WHERE juminhyoCode = ? AND hasUpdate = 1 AND notice IS NOT NULL
                """, arguments: [code])
        guard let row else { return nil }
        try database.execute(
            sql: "DELETE FROM simultaneous WHERE juminhyoCode = ?", arguments: [code])
        return Pair(notice: row[0], isSpecial: row[1])
    }
}
