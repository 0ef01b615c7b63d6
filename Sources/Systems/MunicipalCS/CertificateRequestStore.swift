import GRDB
import Messaging
import Participant
import ParticipantStore

/// 転出証明書情報の送信依頼 that wait for their certificate (B3-03※): who asked for whom, until it comes or is refused.
enum CertificateRequestStore {
    private static let limit = 10_000
    private static let days = 1

    struct Request {
        let asker: ParticipantID
        let message: MessageID
        let correlation: CorrelationID
        let applicationReference: String?
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("certificate request 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE certificate_request(juminhyoCode TEXT PRIMARY KEY, asker TEXT NOT NULL,
                        message TEXT NOT NULL, correlation TEXT NOT NULL, applicationReference TEXT,
                        until INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE INDEX certificate_request_case ON certificate_request(correlation);
                    """)
        }
    }

    static func open(
        _ code: String, _ message: ReceivedMessage, applicationReference: String?, now: Instant,
        _ database: Database
    ) throws {
        let count =
            try Int.fetchOne(database, sql: "SELECT count(*) FROM certificate_request") ?? 0
        guard count < limit else {
            throw RetryLater(after: .seconds(5), "certificate-requests-full")
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO certificate_request VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                code, message.envelope.source.rawValue, message.envelope.id.rawValue,
                message.envelope.correlation.rawValue, applicationReference,
                (now + .seconds(days * 86_400)).nanosecondsSince1970,
            ])
    }

    /// The request a certificate of this person answers; forgets it.
    static func take(person code: String, _ database: Database) throws -> Request? {
        try take("juminhyoCode = ?", code, database)
    }

    /// The request a refusal in this case answers; forgets it.
    static func take(correlation: CorrelationID, _ database: Database) throws -> Request? {
        try take("correlation = ?", correlation.rawValue, database)
    }

    private static func take(
        _ condition: String, _ value: String, _ database: Database
    ) throws -> Request? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM certificate_request WHERE \(condition)",
            arguments: [value])
        guard let row else { return nil }
        try database.execute(
            sql: "DELETE FROM certificate_request WHERE juminhyoCode = ?",
            arguments: [row["juminhyoCode"] as String])
        return Request(
            asker: try ParticipantID(row["asker"]), message: try MessageID(row["message"]),
            correlation: try CorrelationID(row["correlation"]),
            applicationReference: row["applicationReference"])
    }

    static func forget(_ now: Instant, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM certificate_request WHERE until < ?",
            arguments: [now.nanosecondsSince1970])
    }
}
