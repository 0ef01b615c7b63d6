import GRDB
import Messaging
import Participant
import ParticipantStore

/// 情報提供等記録 (C1-05, R-074): one row a request, answered or not; kept for years, without 符号 and without content.
enum ProvisionStore {
    /// Where a request stands (情報照会の状態).
    enum State: String {
        case answered, refused, held, released, rejected
    }

    /// A request that waits for a person (自動応答不可).
    struct Held {
        let requestingBody: String
        let lawItem: String
        let listVersion: String
        let itemSet: [String]
        let subject: String
        let cause: String
        let requestedAt: String
        let routeId: String
        let requesterPublicKey: String
        /// The 副本 the operator was shown.
        let replicaVersion: Int64
        let source: ParticipantID
        let requestMessage: MessageID
        let correlation: CorrelationID
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("provision 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE provision(organisation TEXT NOT NULL, requestId TEXT NOT NULL,
                        requestingBody TEXT NOT NULL, lawItem TEXT NOT NULL, listVersion TEXT NOT NULL,
                        itemSet TEXT NOT NULL, subject TEXT, state TEXT NOT NULL, reason TEXT, provided TEXT NOT NULL,
                        requestedAt TEXT NOT NULL, answeredAt TEXT, operator TEXT,
                        PRIMARY KEY(organisation, requestId)) WITHOUT ROWID;
                    CREATE INDEX provision_age ON provision(requestedAt);
                    CREATE TABLE provision_held(organisation TEXT NOT NULL, requestId TEXT NOT NULL,
                        cause TEXT NOT NULL, routeId TEXT NOT NULL, requesterPublicKey TEXT NOT NULL,
                        replicaVersion INTEGER NOT NULL, source TEXT NOT NULL, requestMessage TEXT NOT NULL,
                        correlation TEXT NOT NULL, PRIMARY KEY(organisation, requestId)) WITHOUT ROWID;
                    """)
        }
    }

    static func isKnown(
        _ requestId: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql:
                "SELECT EXISTS (SELECT 1 FROM provision WHERE organisation = ? AND requestId = ?)",
            arguments: [organisation.rawValue, requestId]) ?? false
    }

    /// Makes the one record of a request.
    static func record(
        _ request: ProvisionRequest, of subject: String?, as state: State, reason: String? = nil,
        provided: [String] = [], asked: Instant, _ organisation: OrganisationCode,
        _ transaction: Transaction
    ) throws {
        try transaction.database.execute(
            sql: "INSERT INTO provision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            arguments: [
                organisation.rawValue, request.requestId, request.requestingBodyId,
                request.lawItemNo, request.listVersion, request.itemSet.joined(separator: ","),
                subject, state.rawValue, reason, provided.sorted().joined(separator: ","),
                asked.rfc3339, state == .held ? nil : transaction.now.rfc3339,
            ])
    }

    /// Keeps what the answer needs until a person has decided.
    static func hold(
        _ request: ProvisionRequest, cause: String, replicaVersion: Int64,
        for message: ReceivedMessage, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO provision_held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                message.envelope.organisation.rawValue, request.requestId, cause,
                request.route?.routeId ?? "", request.requesterPublicKey, replicaVersion,
                message.envelope.source.rawValue, message.envelope.id.rawValue,
                message.envelope.correlation.rawValue,
            ])
    }

    static func held(
        _ requestId: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Held? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT * FROM provision JOIN provision_held USING (organisation, requestId)
                WHERE organisation = ? AND requestId = ? AND state = 'held'
                """, arguments: [organisation.rawValue, requestId]
        ).map { row in
            let itemSet: String = row["itemSet"]
            return Held(
                requestingBody: row["requestingBody"], lawItem: row["lawItem"],
                listVersion: row["listVersion"],
                itemSet: itemSet.split(separator: ",").map(String.init),
                subject: row["subject"], cause: row["cause"], requestedAt: row["requestedAt"],
                routeId: row["routeId"], requesterPublicKey: row["requesterPublicKey"],
                replicaVersion: row["replicaVersion"],
                source: try ParticipantID(row["source"]),
                requestMessage: try MessageID(row["requestMessage"]),
                correlation: try CorrelationID(row["correlation"]))
        }
    }

    /// The operator is shown a newer 副本.
    static func noteShown(
        _ requestId: String, version: Int64, _ organisation: OrganisationCode, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE provision_held SET replicaVersion = ? WHERE organisation = ? AND requestId = ?
                """, arguments: [version, organisation.rawValue, requestId])
    }

    /// Ends the waiting; what was kept for the answer goes.
    static func settle(
        _ requestId: String, as state: State, reason: String?, provided: [String],
        by operatorID: OperatorID, _ organisation: OrganisationCode, _ transaction: Transaction
    ) throws {
        let key: StatementArguments = [organisation.rawValue, requestId]
        try transaction.database.execute(
            sql: """
                UPDATE provision SET state = ?, reason = ?, provided = ?, answeredAt = ?, operator = ?
                WHERE organisation = ? AND requestId = ?
                """,
            arguments: [
                state.rawValue, reason, provided.sorted().joined(separator: ","),
                transaction.now.rfc3339, operatorID.rawValue,
            ] + key)
        try transaction.database.execute(
            sql: "DELETE FROM provision_held WHERE organisation = ? AND requestId = ?",
            arguments: key)
    }

    /// Erases records of before `day`, except what still waits; how many.
    static func erase(before day: CivilDate, _ database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM provision WHERE requestedAt < ? AND state <> 'held'",
            arguments: [day.iso])
        return database.changesCount
    }
}
