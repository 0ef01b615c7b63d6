import GRDB
import Messaging
import ParticipantStore

/// The tables of 住民基本台帳ファイル (F1): current rows with their 除票, and the history nothing is ever deleted from.
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
        // A change may concern several people, and a 除票 lives on: the second generation of these tables.
        migrator.registerMigration("register 2") { database in
            let items = ResidentRecord.columns.map { "\"\($0)\"" }.joined(separator: ", ")
            try database.execute(
                sql: """
                    ALTER TABLE resident_history ADD COLUMN state TEXT NOT NULL DEFAULT 'current';
                    CREATE INDEX resident_number ON resident(individualNumber);
                    CREATE INDEX resident_household ON resident(householdNumber);
                    CREATE INDEX history_number ON resident_history(individualNumber);
                    CREATE TABLE committed_change(draftNumber TEXT NOT NULL, addresseeNumber TEXT NOT NULL,
                        version INTEGER NOT NULL, receptionNumber TEXT NOT NULL, drafter TEXT NOT NULL,
                        approver TEXT NOT NULL, verificationReference TEXT, committedAt TEXT NOT NULL,
                        PRIMARY KEY(draftNumber, addresseeNumber)) WITHOUT ROWID;
                    INSERT INTO committed_change SELECT draftNumber, addresseeNumber, version, receptionNumber,
                        drafter, approver, verificationReference, committedAt FROM register_change;
                    CREATE INDEX committed_change_reception ON committed_change(receptionNumber);
                    DROP TABLE register_change;
                    CREATE TABLE removal(addresseeNumber TEXT PRIMARY KEY, removedOn TEXT NOT NULL,
                        archiveAt INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE INDEX removal_archive ON removal(archiveAt);
                    CREATE TABLE resident_archive(\(items), version INTEGER NOT NULL, state TEXT NOT NULL,
                        certificateSubjectId TEXT NOT NULL, archivedAt TEXT NOT NULL,
                        PRIMARY KEY(addresseeNumber));
                    CREATE TABLE resident_history_archive(\(items), version INTEGER NOT NULL,
                        drafter TEXT NOT NULL, approver TEXT NOT NULL, committedAt TEXT NOT NULL,
                        state TEXT NOT NULL, PRIMARY KEY(addresseeNumber, version));
                    """)
        }
    }

    /// A row of the register with what is kept beside the items.
    struct Current {
        var record: ResidentRecord
        let version: Int64
        let certificateSubjectID: String
        let state: ResidentState
    }

    /// Who changed the register, on which 届出, and under which number.
    struct Change {
        let draftNumber: String
        let receptionNumber: String
        let drafter: OperatorID
        let approver: OperatorID
        let verificationReference: String?
        let version: Int64
        let at: Instant
    }

    // MARK: Rows

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
        return try row.map(current(from:))
    }

    static func current(from row: Row) throws -> Current {
        Current(
            record: try ResidentRecord(row: row), version: row["version"],
            certificateSubjectID: row["certificateSubjectId"],
            state: ResidentState(rawValue: row["state"]) ?? .current)
    }

    /// A row as it was (履歴), with its state then.
    static func history(
        addresseeNumber: String, version: Int64, _ database: Database
    ) throws -> (record: ResidentRecord, state: ResidentState)? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM resident_history WHERE addresseeNumber = ? AND version = ?",
            arguments: [addresseeNumber, version])
        return try row.map {
            (try ResidentRecord(row: $0), ResidentState(rawValue: $0["state"]) ?? .current)
        }
    }

    /// Makes a record the current one and appends it to the history (本更新).
    ///
    /// A changed 住民票コード moves the row: the history keeps the old code.
    static func commit(
        _ record: ResidentRecord, state: ResidentState = .current, certificateSubjectID: String,
        _ change: Change, _ database: Database
    ) throws {
        let items = try record.arguments()
        try database.execute(
            sql: "DELETE FROM resident WHERE addresseeNumber = ?",
            arguments: [record.text(.addresseeNumber)])
        try insert(
            into: "resident",
            ResidentRecord.columns + ["version", "state", "certificateSubjectId"],
            items + [change.version, state.rawValue, certificateSubjectID], database)
        try insert(
            into: "resident_history",
            ResidentRecord.columns + ["version", "drafter", "approver", "committedAt", "state"],
            items + [
                change.version, change.drafter.rawValue, change.approver.rawValue,
                change.at.rfc3339, state.rawValue,
            ], database)
        try insert(
            into: "committed_change",
            [
                "draftNumber", "addresseeNumber", "version", "receptionNumber", "drafter",
                "approver", "verificationReference", "committedAt",
            ],
            [
                change.draftNumber, record.text(.addresseeNumber), change.version,
                change.receptionNumber, change.drafter.rawValue, change.approver.rawValue,
                change.verificationReference, change.at.rfc3339,
            ], database)
    }

    /// Whether a 個人番号 is, or was, somebody else's (V-11): current, 除票, history and archive.
    static func isOthers(
        individualNumber: String, than record: ResidentRecord, _ database: Database
    ) throws -> Bool {
        for table in [
            "resident", "resident_history", "resident_archive", "resident_history_archive",
        ] {
            let found = try Int.fetchOne(
                database,
                sql: """
                    SELECT 1 FROM \(table) WHERE individualNumber = ? AND addresseeNumber IS NOT ?
                        AND juminhyoCode IS NOT ? LIMIT 1
                    """,
                arguments: [
                    individualNumber, record.text(.addresseeNumber), record.text(.juminhyoCode),
                ])
            if found != nil { return true }
        }
        return false
    }

    /// The people of a household who live here now (世帯員), in the order of their 宛名番号.
    static func household(_ number: String, _ database: Database) throws -> [Current] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM resident WHERE householdNumber = ? AND state <> 'removed'
                ORDER BY addresseeNumber LIMIT 100
                """, arguments: [number]
        ).map(current(from:))
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

    /// F2-29 更新順番号: rises by one with each A1-03 of a person; what does not leave does not use one up.
    static func nextIdentitySequence(_ addresseeNumber: String, _ database: Database) throws
        -> Int64
    {
        Int64(try next("identity:\(addresseeNumber)", database))
    }

    /// `D20251006-00001`: the day's next number with its letter (仮更新番号, 送付先管理番号).
    static func numbered(
        _ letter: String, on day: CivilDate, digits: Int = 5, _ database: Database
    ) throws -> String {
        let serial = String(try next("\(letter)-\(day.date8)", database))
        let padded = String(repeating: "0", count: max(0, digits - serial.count)) + serial
        return "\(letter)\(day.date8)-\(padded)"
    }

    static func insert(
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
