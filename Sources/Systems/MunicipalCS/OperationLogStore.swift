import GRDB
import Messaging
import Participant

/// 操作履歴 of the CS and the 統合端末: who, where, when, for which application; never what was searched for.
///
/// An operation without an application is flagged: its correctness cannot be checked against 申請文書等.
enum OperationLogStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("operation log 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE operation_log(id INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL,
                        operator TEXT, terminal TEXT, purpose TEXT, applicationReference TEXT NOT NULL,
                        outcome TEXT, verificationReference TEXT);
                    CREATE INDEX operation_log_application ON operation_log(applicationReference);
                    """)
        }
        migrator.registerMigration("operation log 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE operation_log ADD COLUMN keys TEXT;
                    ALTER TABLE operation_log ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
                    CREATE INDEX operation_log_flagged ON operation_log(flagged) WHERE flagged = 1;
                    """)
        }
    }

    /// The entry's number. `keys` are kinds of search keys, never values.
    static func record(
        _ operation: String, _ message: ReceivedMessage, purpose: String?,
        applicationReference: String?, keys: String? = nil, now: Instant, _ database: Database
    ) throws -> Int64 {
        let reference = applicationReference ?? ""
        try database.execute(
            sql: """
                INSERT INTO operation_log(at, operation, operator, terminal, purpose, applicationReference, keys,
                    flagged)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now.rfc3339, operation, message.envelope.operatorID?.rawValue,
                message.envelope.terminal?.rawValue, purpose, reference, keys, reference.isEmpty,
            ])
        return database.lastInsertedRowID
    }

    /// How it ended, for the last entry of that operation and application that is still open.
    static func note(
        _ operation: String, applicationReference: String?, outcome: String, reference: String?,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE operation_log SET outcome = ?, verificationReference = ?
                WHERE id = (SELECT max(id) FROM operation_log
                    WHERE applicationReference = ? AND operation = ? AND outcome IS NULL)
                """,
            arguments: [outcome, reference, applicationReference ?? "", operation])
    }
}
