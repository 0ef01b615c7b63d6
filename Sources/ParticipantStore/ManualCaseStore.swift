public import GRDB
public import Messaging
import Participant

/// What only a person can resolve (要確認): the code, what it refers to, and what is needed to decide; no personal number.
///
/// One table a system; the terminal lists and decides through `manual-case.*`, and the handler acts on the decision.
public enum ManualCaseStore {
    /// Open cases one system keeps; beyond it nothing new is parked and the message is tried later.
    private static let limit = 10_000
    /// Rows one list answer holds.
    public static let listLimit = 200

    /// One case that waits for a person, or waited.
    public struct Case {
        /// `M1`, `M2` … in the order they were opened.
        public let id: String
        /// The stable code of why it waits, e.g. `match-failed`.
        public let code: String
        /// What it is about: a reception, draft, request or message id; names no person.
        public let reference: String
        /// What the person needs to decide; fields without personal numbers.
        public let details: JSONFields
        /// The correlation of the case it belongs to.
        public let correlation: CorrelationID
        public let openedAt: String
        /// `open`, or the decision taken.
        public let state: String
    }

    /// Registers the table; call it from the handler's migrations.
    public static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("manual case 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE manual_case(number INTEGER PRIMARY KEY, code TEXT NOT NULL, reference TEXT NOT NULL,
                        details TEXT NOT NULL, correlation TEXT NOT NULL, openedAt TEXT NOT NULL,
                        state TEXT NOT NULL, operator TEXT, reason TEXT, decidedAt TEXT);
                    CREATE INDEX manual_case_open ON manual_case(state, number);
                    """)
        }
    }

    /// Opens a case and returns its id; the same code and reference open only once.
    @discardableResult
    public static func open(
        _ code: String, reference: String, details: JSONFields = [:],
        for correlation: CorrelationID, _ transaction: Transaction
    ) throws -> String {
        let database = transaction.database
        if let known = try Int64.fetchOne(
            database,
            sql: """
                SELECT number FROM manual_case WHERE state = 'open' AND code = ? AND reference = ?
                """,
            arguments: [code, reference])
        {
            return "M\(known)"
        }
        let count =
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM manual_case WHERE state = 'open'") ?? 0
        guard count < limit else { throw RetryLater(after: .seconds(60), "manual-cases-full") }
        try database.execute(
            sql: """
                INSERT INTO manual_case(code, reference, details, correlation, openedAt, state)
                VALUES (?, ?, ?, ?, ?, 'open')
                """,
            arguments: [
                code, reference,
                String(
                    decoding: try PayloadCoding.encode(JSONValue.object(details)), as: UTF8.self),
                correlation.rawValue, transaction.now.rfc3339,
            ])
        return "M\(database.lastInsertedRowID)"
    }

    /// The open cases, oldest first, at most ``listLimit``.
    public static func open(_ database: Database) throws -> [Case] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM manual_case WHERE state = 'open' ORDER BY number LIMIT ?",
            arguments: [listLimit]
        ).map(read)
    }

    /// One case; nil when there is none of that id.
    public static func find(_ id: String, _ database: Database) throws -> Case? {
        guard id.first == "M", let number = Int64(id.dropFirst()) else { return nil }
        return try Row.fetchOne(
            database, sql: "SELECT * FROM manual_case WHERE number = ?", arguments: [number]
        ).map(read)
    }

    /// Closes an open case with what was decided, by whom and why; false when it is not open.
    public static func decide(
        _ id: String, _ decision: String, by operatorID: OperatorID, reason: String,
        _ transaction: Transaction
    ) throws -> Bool {
        guard id.first == "M", let number = Int64(id.dropFirst()) else { return false }
        try transaction.database.execute(
            sql: """
                UPDATE manual_case SET state = ?, operator = ?, reason = ?, decidedAt = ?
                WHERE number = ? AND state = 'open'
                """,
            arguments: [
                decision, operatorID.rawValue, reason, transaction.now.rfc3339, number,
            ])
        return transaction.database.changesCount == 1
    }

    private static func read(_ row: Row) throws -> Case {
        let number: Int64 = row["number"]
        let details: String = row["details"]
        return Case(
            id: "M\(number)", code: row["code"], reference: row["reference"],
            details: try PayloadCoding.decode(JSONFields.self, from: Array(details.utf8)),
            correlation: try CorrelationID(row["correlation"]), openedAt: row["openedAt"],
            state: row["state"])
    }
}
