import GRDB
import Messaging

/// Numbers that come from outside (住民票コードの空きコード, 個人番号の生成要求): given out once, asked for once a person.
enum NumberStore {
    /// One request for a 個人番号 that was sent (A1-05).
    struct Request {
        enum State: String { case outstanding, assigned, refused }

        let juminhyoCode: String
        let addresseeNumber: String
        let reason: Reason
        let state: State
        let caseNumber: Int64
        let receptionNumber: String
        let drafter: OperatorID
        let approver: OperatorID
        let terminal: TerminalID?
        let moveDate: CivilDate
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("number 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE code_pool(position INTEGER PRIMARY KEY, juminhyoCode TEXT NOT NULL UNIQUE,
                        batchNumber TEXT NOT NULL, isUsed INTEGER NOT NULL);
                    CREATE INDEX code_pool_free ON code_pool(position) WHERE isUsed = 0;
                    CREATE TABLE number_request(juminhyoCode TEXT PRIMARY KEY, addresseeNumber TEXT NOT NULL,
                        reason TEXT NOT NULL, state TEXT NOT NULL, caseNumber INTEGER NOT NULL,
                        receptionNumber TEXT NOT NULL, drafter TEXT NOT NULL, approver TEXT NOT NULL,
                        terminal TEXT, moveDate TEXT NOT NULL) WITHOUT ROWID;
                    CREATE INDEX number_request_addressee ON number_request(addresseeNumber);
                    CREATE TABLE code_change(addresseeNumber TEXT PRIMARY KEY, usedFrom TEXT NOT NULL,
                        changes INTEGER NOT NULL) WITHOUT ROWID;
                    """)
        }
    }

    // MARK: 住民票コード

    /// C11: adds free codes; one that is known, or that somebody has, is not added again. Returns how many are new.
    static func replenish(_ codes: [String], batch: String, _ database: Database) throws -> Int {
        var added = 0
        for code in codes where JuminhyoCode.isValid(code) {
            guard try RegisterStore.current(juminhyoCode: code, database) == nil else { continue }
            try database.execute(
                sql: "INSERT OR IGNORE INTO code_pool VALUES (NULL, ?, ?, 0)",
                arguments: [code, batch])
            added += database.changesCount
        }
        return added
    }

    /// The next free code, used up by asking; nil when the pool is empty.
    static func takeCode(_ database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                UPDATE code_pool SET isUsed = 1 WHERE position = (
                    SELECT min(position) FROM code_pool WHERE isUsed = 0)
                RETURNING juminhyoCode
                """)
    }

    /// F2-25 of somebody whose code was changed.
    static func codeUsedFrom(_ addresseeNumber: String, _ database: Database) throws -> CivilDate? {
        try String.fetchOne(
            database, sql: "SELECT usedFrom FROM code_change WHERE addresseeNumber = ?",
            arguments: [addresseeNumber]
        ).map { try CivilDate(iso: $0) }
    }

    static func changeCode(
        of addresseeNumber: String, on day: CivilDate, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO code_change VALUES (?, ?, 1)
                ON CONFLICT(addresseeNumber) DO UPDATE SET usedFrom = excluded.usedFrom, changes = changes + 1
                """, arguments: [addresseeNumber, day.iso])
    }

    // MARK: 個人番号

    /// Notes a request; throws ``Declined`` while one of the person is outstanding.
    static func ask(_ request: Request, _ database: Database) throws {
        let known = try self.request(juminhyoCode: request.juminhyoCode, database)
        guard known?.state != .outstanding else { throw Declined("number-request-outstanding") }
        try database.execute(
            sql: "INSERT OR REPLACE INTO number_request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                request.juminhyoCode, request.addresseeNumber, request.reason.rawValue,
                request.state.rawValue, request.caseNumber, request.receptionNumber,
                request.drafter.rawValue, request.approver.rawValue, request.terminal?.rawValue,
                request.moveDate.iso,
            ])
    }

    static func request(juminhyoCode: String, _ database: Database) throws -> Request? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM number_request WHERE juminhyoCode = ?",
            arguments: [juminhyoCode])
        guard let row, let reason = Reason(rawValue: row["reason"]),
            let state = Request.State(rawValue: row["state"])
        else { return nil }
        return Request(
            juminhyoCode: juminhyoCode, addresseeNumber: row["addresseeNumber"], reason: reason,
            state: state, caseNumber: row["caseNumber"], receptionNumber: row["receptionNumber"],
            drafter: try OperatorID(row["drafter"]), approver: try OperatorID(row["approver"]),
            terminal: try (row["terminal"] as String?).map { try TerminalID($0) },
            moveDate: try CivilDate(iso: row["moveDate"]))
    }

    static func note(_ state: Request.State, of juminhyoCode: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE number_request SET state = ? WHERE juminhyoCode = ?",
            arguments: [state.rawValue, juminhyoCode])
    }
}
