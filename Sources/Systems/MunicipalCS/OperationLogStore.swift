import GRDB
import Messaging
import Participant

/// 操作履歴 of the CS and the 統合端末: who, where, when, for which application; never what was searched for.
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
    }

    /// The entry's number.
    static func record(
        _ request: VerificationRequest, _ message: ReceivedMessage, now: Instant,
        _ database: Database
    ) throws -> Int64 {
        try database.execute(
            sql: """
                INSERT INTO operation_log(at, operation, operator, terminal, purpose, applicationReference)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now.rfc3339, "identity.verify", message.envelope.operatorID?.rawValue,
                message.envelope.terminal?.rawValue, request.purpose, request.applicationReference,
            ])
        return database.lastInsertedRowID
    }

    static func note(_ result: VerificationResult, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE operation_log SET outcome = ?, verificationReference = ?
                WHERE id = (SELECT max(id) FROM operation_log WHERE applicationReference = ? AND outcome IS NULL)
                """,
            arguments: [
                result.matched ? "matched" : "notMatched", result.verificationReference,
                result.applicationReference,
            ])
    }
}
