import GRDB
import Messaging
import Participant

/// The snapshots under way (全件提供の進み): how far each recipient's has come.
enum SnapshotStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("snapshot 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE snapshot(recipient TEXT NOT NULL, id TEXT NOT NULL, correlation TEXT NOT NULL,
                        request TEXT NOT NULL, zone TEXT NOT NULL, since INTEGER NOT NULL, after TEXT NOT NULL,
                        sent INTEGER NOT NULL, overtaken INTEGER NOT NULL, state TEXT NOT NULL,
                        PRIMARY KEY(recipient, id)) WITHOUT ROWID
                    """)
        }
    }

    /// One recipient's snapshot.
    struct Snapshot {
        let recipient: ParticipantID
        let id: String
        let correlation: CorrelationID
        let request: MessageID
        let zone: ZoneID
        /// The last transfer before it began: later ones are running changes.
        let since: Int64
        /// 宛名番号 it has come to.
        var after: String
        var sent: Int64
        var overtaken: Int64
    }

    /// Begins one; false where the recipient's former one still runs or the id was used before.
    static func begin(
        _ id: String, for message: ReceivedMessage, since: Int64, _ database: Database
    ) throws -> Bool {
        let recipient = message.envelope.source.rawValue
        let isBusy =
            try Int.fetchOne(
                database,
                sql: "SELECT 1 FROM snapshot WHERE recipient = ? AND (state = 'running' OR id = ?)",
                arguments: [recipient, id]) != nil
        guard !isBusy else { return false }
        try database.execute(
            sql: "INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?, '', 0, 0, 'running')",
            arguments: [
                recipient, id, message.envelope.correlation.rawValue, message.envelope.id.rawValue,
                message.zone.rawValue, since,
            ])
        return true
    }

    static func running(_ database: Database) throws -> [Snapshot] {
        try Row.fetchAll(database, sql: "SELECT * FROM snapshot WHERE state = 'running'").map {
            Snapshot(
                recipient: try ParticipantID($0["recipient"]), id: $0["id"],
                correlation: try CorrelationID($0["correlation"]),
                request: try MessageID($0["request"]), zone: try ZoneID($0["zone"]),
                since: $0["since"], after: $0["after"], sent: $0["sent"],
                overtaken: $0["overtaken"])
        }
    }

    /// The last transfer before a recipient's newest snapshot began; 0 where it never had one.
    static func newestBeginning(
        of recipient: ParticipantID, _ database: Database
    ) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT max(since) FROM snapshot WHERE recipient = ?",
            arguments: [recipient.rawValue]) ?? 0
    }

    static func advance(_ snapshot: Snapshot, isOver: Bool, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE snapshot SET after = ?, sent = ?, overtaken = ?, state = ?
                WHERE recipient = ? AND id = ?
                """,
            arguments: [
                snapshot.after, snapshot.sent, snapshot.overtaken, isOver ? "completed" : "running",
                snapshot.recipient.rawValue, snapshot.id,
            ])
    }
}
