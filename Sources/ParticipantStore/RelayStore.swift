public import GRDB
public import Messaging
public import Participant

/// Which request a relayed one stands for (中継記録): message ids and cases, no content.
///
/// A system that passes a request on answers the asker when the answer comes; causation is then the asker's message.
public struct RelayStore: Sendable {
    private static let limit = 10_000

    public init() {}

    /// Registers the table; call it from the handler's migrations.
    public func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("relay 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE relay(
                        type TEXT NOT NULL, zone TEXT NOT NULL, correlation TEXT NOT NULL, detail TEXT NOT NULL,
                        asker TEXT NOT NULL, request TEXT NOT NULL, until INTEGER NOT NULL,
                        PRIMARY KEY(type, zone, correlation, detail)
                    ) WITHOUT ROWID
                    """)
        }
    }

    /// Notes that `request` was passed on; `detail` tells several of one case apart and names no person.
    public func remember(
        _ request: ReceivedMessage, detail: String = "", until: Instant, _ transaction: Transaction
    ) throws {
        let count = try Int.fetchOne(transaction.database, sql: "SELECT count(*) FROM relay") ?? 0
        guard count < Self.limit else { throw RetryLater(after: .seconds(5), "relays-full") }
        try transaction.database.execute(
            sql: "INSERT OR REPLACE INTO relay VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                request.envelope.topic.type.rawValue, request.zone.rawValue,
                request.envelope.correlation.rawValue, detail, request.envelope.source.rawValue,
                request.envelope.id.rawValue, until.nanosecondsSince1970,
            ])
    }

    /// Who asked; nil when nobody did or it is too long ago. Forgets the request.
    public func take(
        _ type: String, answeredBy reply: ReceivedMessage, detail: String = "",
        _ transaction: Transaction
    ) throws -> (asker: ParticipantID, request: MessageID)? {
        let key: StatementArguments = [
            type, reply.zone.rawValue, reply.envelope.correlation.rawValue, detail,
        ]
        let condition = "WHERE type = ? AND zone = ? AND correlation = ? AND detail = ?"
        let row = try Row.fetchOne(
            transaction.database, sql: "SELECT asker, request FROM relay \(condition)",
            arguments: key)
        guard let row else { return nil }
        try transaction.database.execute(sql: "DELETE FROM relay \(condition)", arguments: key)
        return (try ParticipantID(row[0]), try MessageID(row[1]))
    }

    /// Forgets requests whose time is over.
    public func tick(_ transaction: Transaction) throws {
        try transaction.database.execute(
            sql: "DELETE FROM relay WHERE until < ?",
            arguments: [transaction.now.nanosecondsSince1970])
    }
}
