import GRDB
import Messaging

/// Which 法務省通知 were taken in (A3-02), and how the 市町村通知 went (A3-04): numbers and codes only.
enum MojNoticeStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("moj notice 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE moj_notice(noticeNumber TEXT PRIMARY KEY, disposition TEXT NOT NULL,
                        draftNumber TEXT, takenAt TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE municipal_notice(fileNumber TEXT PRIMARY KEY, result TEXT NOT NULL,
                        accepted INTEGER NOT NULL, errors INTEGER NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
                    """)
        }
    }

    /// What a person had to resolve may come again when that is done.
    static func isTaken(_ noticeNumber: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM moj_notice WHERE noticeNumber = ? AND disposition <> 'manual'",
            arguments: [noticeNumber]) != nil
    }

    static func take(
        _ noticeNumber: String, disposition: String, draftNumber: String?, at: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO moj_notice VALUES (?, ?, ?, ?)",
            arguments: [noticeNumber, disposition, draftNumber, at.rfc3339])
    }

    static func answered(
        _ result: MunicipalNoticeResult, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO municipal_notice VALUES (?, ?, ?, ?, ?)",
            arguments: [
                result.fileNumber, result.result, result.acceptedCount, result.errors?.count ?? 0,
                at.rfc3339,
            ])
    }

    static func count(_ disposition: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM moj_notice WHERE disposition = ?",
            arguments: [disposition]) ?? 0
    }

    static func municipalNotices(_ result: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM municipal_notice WHERE result = ?",
            arguments: [result]) ?? 0
    }
}
