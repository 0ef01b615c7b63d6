import GRDB
import Messaging
import Participant
import ParticipantStore

/// 取消し that wait for the peer that holds the certificate (SC-11): who asked, how many answers are missing.
enum CancellationStore {
    struct Pending {
        /// Of the 取消し.
        let draftNumber: String
        /// What it takes back.
        let cancelled: String
        let approver: OperatorID
        let asker: ParticipantID
        let request: MessageID
        let correlation: CorrelationID
        let zone: ZoneID
        let step: StepID?
        let waiting: Int
        let refusal: String?

        /// On whose behalf the answer goes out, now that there is one.
        var cause: Cause {
            Cause(zone: zone, causation: request, operatorID: nil, terminal: nil) { _ in
                correlation
            }
        }
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("cancellation 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE cancellation(draftNumber TEXT PRIMARY KEY, cancelled TEXT NOT NULL UNIQUE,
                        approver TEXT NOT NULL, asker TEXT NOT NULL, request TEXT NOT NULL,
                        correlation TEXT NOT NULL, zone TEXT NOT NULL, step TEXT,
                        waiting INTEGER NOT NULL, refusal TEXT, askedAt INTEGER NOT NULL) WITHOUT ROWID;
                    """)
        }
    }

    static func add(
        _ draft: DraftStore.Provisional, cancelled: String, approver: OperatorID,
        asked message: ReceivedMessage, waiting: Int, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO cancellation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            arguments: [
                draft.draftNumber, cancelled, approver.rawValue,
                message.envelope.source.rawValue, message.envelope.id.rawValue,
                message.envelope.correlation.rawValue, message.zone.rawValue,
                message.envelope.step?.rawValue, waiting, at.nanosecondsSince1970,
            ])
    }

    static func pending(draftNumber: String, _ database: Database) throws -> Pending? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM cancellation WHERE draftNumber = ?",
            arguments: [draftNumber]
        ).map(read)
    }

    /// One mover's answer; the 取消し with what is still missing, nil when nobody waits for it.
    static func answered(
        cancelled: String, refusal: String?, _ database: Database
    ) throws -> Pending? {
        try Row.fetchOne(
            database,
            sql: """
                UPDATE cancellation SET waiting = waiting - 1, refusal = coalesce(?, refusal)
                WHERE cancelled = ? AND waiting > 0 RETURNING *
                """, arguments: [refusal, cancelled]
        ).map(read)
    }

    /// What no peer has answered since then.
    static func unanswered(since: Instant, _ database: Database) throws -> [Pending] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM cancellation WHERE waiting > 0 AND askedAt <= ? LIMIT 100",
            arguments: [since.nanosecondsSince1970]
        ).map(read)
    }

    static func remove(_ draftNumber: String, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM cancellation WHERE draftNumber = ?", arguments: [draftNumber])
    }

    private static func read(_ row: Row) throws -> Pending {
        Pending(
            draftNumber: row["draftNumber"], cancelled: row["cancelled"],
            approver: try OperatorID(row["approver"]), asker: try ParticipantID(row["asker"]),
            request: try MessageID(row["request"]),
            correlation: try CorrelationID(row["correlation"]), zone: try ZoneID(row["zone"]),
            step: try (row["step"] as String?).map { try StepID($0) }, waiting: row["waiting"],
            refusal: row["refusal"])
    }
}
