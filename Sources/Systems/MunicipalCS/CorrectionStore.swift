import GRDB
import Messaging
import ParticipantStore

/// 本人確認情報の訂正 at the CS: entered, permitted, applied by another person; and the record that stays.
enum CorrectionStore {
    enum State: String {
        case entered, permitted, applied, rejected
    }

    struct Correction {
        /// `K1`, `K2` …
        let number: String
        let code: String
        let items: JSONFields
        let isRemoval: Bool
        let enteredBy: String
        let permittedBy: String?
        let state: State
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("correction 1") { database in
            // 訂正内容の記録 is written once and never changed or deleted while the law keeps it.
            try database.execute(
                sql: """
                    CREATE TABLE correction(number INTEGER PRIMARY KEY, juminhyoCode TEXT NOT NULL, items TEXT NOT NULL,
                        removal INTEGER NOT NULL, reason TEXT NOT NULL, applicationReference TEXT NOT NULL,
                        enteredBy TEXT NOT NULL, enteredAt TEXT NOT NULL, permitId TEXT, permittedBy TEXT,
                        confirmedBy TEXT, decidedAt TEXT, state TEXT NOT NULL);
                    CREATE INDEX correction_open ON correction(juminhyoCode) WHERE state IN ('entered', 'permitted');
                    CREATE TABLE correction_log(id INTEGER PRIMARY KEY, correction INTEGER NOT NULL, at TEXT NOT NULL,
                        operator TEXT NOT NULL, permitId TEXT NOT NULL, permittedBy TEXT NOT NULL, reason TEXT NOT NULL,
                        before TEXT NOT NULL, after TEXT NOT NULL);
                    CREATE TRIGGER correction_log_kept BEFORE UPDATE ON correction_log
                        BEGIN SELECT RAISE(ABORT, '訂正内容の記録 is not changed (R-043)'); END;
                    CREATE TRIGGER correction_log_stays BEFORE DELETE ON correction_log
                        BEGIN SELECT RAISE(ABORT, '訂正内容の記録 is not deleted (R-043)'); END;
                    """)
        }
    }

    static func enter(
        _ code: String, items: JSONFields, isRemoval: Bool, reason: String,
        applicationReference: String, by operatorID: String, now: Instant, _ database: Database
    ) throws -> String {
        try database.execute(
            sql: """
                INSERT INTO correction(juminhyoCode, items, removal, reason, applicationReference, enteredBy, enteredAt,
                    state)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'entered')
                """,
            arguments: [
                code, try text(items), isRemoval, reason, applicationReference, operatorID,
                now.rfc3339,
            ])
        return "K\(database.lastInsertedRowID)"
    }

    static func find(_ number: String, _ database: Database) throws -> Correction? {
        guard number.first == "K", let id = Int64(number.dropFirst()) else { return nil }
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM correction WHERE number = ?", arguments: [id])
        guard let row else { return nil }
        let items: String = row["items"]
        return Correction(
            number: number, code: row["juminhyoCode"],
            items: try PayloadCoding.decode(JSONFields.self, from: Array(items.utf8)),
            isRemoval: row["removal"], enteredBy: row["enteredBy"],
            permittedBy: row["permittedBy"], state: State(rawValue: row["state"]) ?? .rejected)
    }

    static func isOpen(for code: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: """
                SELECT 1 FROM correction WHERE juminhyoCode = ? AND state IN ('entered', 'permitted')
                """, arguments: [code]) != nil
    }

    static func permit(
        _ correction: Correction, id: String, by operatorID: String, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE correction SET state = 'permitted', permitId = ?, permittedBy = ?
                WHERE number = ?
                """, arguments: [id, operatorID, Int64(correction.number.dropFirst())])
    }

    /// Ends a correction; what it held of the person goes with it, the record of an applied one stays in the log.
    static func close(
        _ correction: Correction, as state: State, by operatorID: String, now: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE correction SET state = ?, confirmedBy = ?, decidedAt = ?, items = '{}'
                WHERE number = ?
                """,
            arguments: [
                state.rawValue, operatorID, now.rfc3339, Int64(correction.number.dropFirst()),
            ])
    }

    static func record(
        _ correction: Correction, by operatorID: String, before: JSONFields, now: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO correction_log(correction, at, operator, permitId, permittedBy, reason, before, after)
                SELECT number, ?, ?, permitId, permittedBy, reason, ?, items FROM correction WHERE number = ?
                """,
            arguments: [
                now.rfc3339, operatorID, try text(before), Int64(correction.number.dropFirst()),
            ])
    }

    private static func text(_ fields: JSONFields) throws -> String {
        String(decoding: try PayloadCoding.encode(fields), as: UTF8.self)
    }
}
