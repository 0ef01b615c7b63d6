import GRDB
import Messaging
import ParticipantStore

/// The tables of 住民基本台帳ファイル (F1): current rows, their history, and provisional rows apart from both.
enum RegisterStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("register 1") { database in
            let items = ResidentRecord.columns.map { "\"\($0)\"" }.joined(separator: ", ")
            try database.execute(
                sql: """
                    CREATE TABLE resident(\(items), version INTEGER NOT NULL, state TEXT NOT NULL,
                        certificateSubjectId TEXT NOT NULL UNIQUE,
                        PRIMARY KEY(juminhyoCode));
                    CREATE UNIQUE INDEX resident_addressee ON resident(addresseeNumber);
                    CREATE TABLE resident_history(\(items), version INTEGER NOT NULL,
                        drafter TEXT NOT NULL, approver TEXT NOT NULL, committedAt TEXT NOT NULL,
                        PRIMARY KEY(addresseeNumber, version));
                    CREATE TABLE resident_draft(\(items), draftNumber TEXT PRIMARY KEY,
                        receptionNumber TEXT NOT NULL, drafter TEXT NOT NULL, terminal TEXT,
                        verificationReference TEXT, draftedAt TEXT NOT NULL);
                    CREATE TABLE register_change(draftNumber TEXT PRIMARY KEY, receptionNumber TEXT NOT NULL,
                        addresseeNumber TEXT NOT NULL, version INTEGER NOT NULL, drafter TEXT NOT NULL,
                        approver TEXT NOT NULL, verificationReference TEXT, committedAt TEXT NOT NULL);
                    CREATE TABLE fan_out(addresseeNumber TEXT NOT NULL, version INTEGER NOT NULL,
                        step TEXT NOT NULL, result TEXT NOT NULL, code TEXT,
                        PRIMARY KEY(addresseeNumber, version, step)) WITHOUT ROWID;
                    CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                    """)
        }
    }

    /// A current row with what the register keeps beside the items.
    struct Current {
        var record: ResidentRecord
        let version: Int64
        let certificateSubjectID: String
    }

    /// A provisional row (仮更新).
    struct Provisional {
        let record: ResidentRecord
        let draftNumber: String
        let receptionNumber: String
        let drafter: OperatorID
        let verificationReference: String?
    }

    /// Who changed the register, and under which number.
    struct Change {
        let draft: Provisional
        let approver: OperatorID
        let version: Int64
        let at: Instant
    }

    // MARK: Current rows

    static func current(juminhyoCode: String, _ database: Database) throws -> Current? {
        try current("juminhyoCode", juminhyoCode, database)
    }

    static func current(addresseeNumber: String, _ database: Database) throws -> Current? {
        try current("addresseeNumber", addresseeNumber, database)
    }

    static func current(certificateSubjectID: String, _ database: Database) throws -> Current? {
        try current("certificateSubjectId", certificateSubjectID, database)
    }

    private static func current(
        _ column: String, _ value: String, _ database: Database
    ) throws -> Current? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM resident WHERE \"\(column)\" = ?", arguments: [value])
        return try row.map {
            Current(
                record: try ResidentRecord(row: $0), version: $0["version"],
                certificateSubjectID: $0["certificateSubjectId"])
        }
    }

    /// Makes a record the current one and appends it to the history (本更新).
    static func commit(
        _ record: ResidentRecord, certificateSubjectID: String, _ change: Change,
        _ database: Database
    ) throws {
        let items = try record.arguments()
        try insert(
            into: "resident",
            ResidentRecord.columns + ["version", "state", "certificateSubjectId"],
            items + [change.version, "current", certificateSubjectID], database)
        try insert(
            into: "resident_history",
            ResidentRecord.columns + ["version", "drafter", "approver", "committedAt"],
            items + [
                change.version, change.draft.drafter.rawValue, change.approver.rawValue,
                change.at.rfc3339,
            ], database)
        try insert(
            into: "register_change",
            [
                "draftNumber", "receptionNumber", "addresseeNumber", "version", "drafter",
                "approver", "verificationReference", "committedAt",
            ],
            [
                change.draft.draftNumber, change.draft.receptionNumber,
                record.text(.addresseeNumber), change.version, change.draft.drafter.rawValue,
                change.approver.rawValue, change.draft.verificationReference, change.at.rfc3339,
            ], database)
        try database.execute(
            sql: "DELETE FROM resident_draft WHERE draftNumber = ?",
            arguments: [change.draft.draftNumber])
    }

    // MARK: Provisional rows

    static func draft(
        _ record: ResidentRecord, number: String, receptionNumber: String, drafter: OperatorID,
        terminal: TerminalID?, verificationReference: String?, at: Instant, _ database: Database
    ) throws {
        try insert(
            into: "resident_draft",
            ResidentRecord.columns + [
                "draftNumber", "receptionNumber", "drafter", "terminal", "verificationReference",
                "draftedAt",
            ],
            try record.arguments() + [
                number, receptionNumber, drafter.rawValue, terminal?.rawValue,
                verificationReference, at.rfc3339,
            ], database)
    }

    static func provisional(_ draftNumber: String, _ database: Database) throws -> Provisional? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM resident_draft WHERE draftNumber = ?",
            arguments: [draftNumber])
        return try row.map {
            Provisional(
                record: try ResidentRecord(row: $0), draftNumber: draftNumber,
                receptionNumber: $0["receptionNumber"], drafter: try OperatorID($0["drafter"]),
                verificationReference: $0["verificationReference"])
        }
    }

    static func hasProvisional(receptionNumber: String, juminhyoCode: String, _ database: Database)
        throws -> Bool
    {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM resident_draft WHERE receptionNumber = ? AND juminhyoCode = ?",
            arguments: [receptionNumber, juminhyoCode]) != nil
    }

    // MARK: What others answered

    /// Notes that a step's message went out and waits for its answer.
    static func await(
        step: String, addresseeNumber: String, version: Int64, _ database: Database
    ) throws {
        try insert(
            into: "fan_out", ["addresseeNumber", "version", "step", "result"],
            [addresseeNumber, version, step, "waiting"], database)
    }

    static func answered(
        step: String, addresseeNumber: String, version: Int64?, _ outcome: Outcome,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE fan_out SET result = ?, code = ?
                WHERE addresseeNumber = ? AND step = ? AND version = coalesce(?, (
                    SELECT max(version) FROM fan_out WHERE addresseeNumber = ? AND step = ?))
                """,
            arguments: [
                outcome.result, outcome.code, addresseeNumber, step, version, addresseeNumber, step,
            ])
    }

    // MARK: Numbers

    /// The next value of a counter, from 1.
    static func next(_ counter: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: """
                INSERT INTO counter(name, value) VALUES (?, 1)
                ON CONFLICT(name) DO UPDATE SET value = value + 1 RETURNING value
                """, arguments: [counter]) ?? 1
    }

    private static func insert(
        into table: String, _ columns: [String], _ values: [(any DatabaseValueConvertible)?],
        _ database: Database
    ) throws {
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO \(table)(\(names)) VALUES (\(marks))")
        try statement.execute(arguments: StatementArguments(values))
    }
}
