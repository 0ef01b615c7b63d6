import GRDB
import Messaging

/// Runs of the 整合処理 with the CS (C4): how far each has come and what it found; names of items, no values.
enum ReconcileStore {
    struct Run {
        let runID: String
        let chunk: Int
        /// 住民票コード above which the next chunk begins.
        let through: String
        let isLast: Bool
        let asker: String
        let request: String?
        let caseNumber: Int64
        let compared: Int64
        let different: Int64
        let missingAtCS: Int64
        let missingAtRegister: Int64

        var isClean: Bool { different + missingAtCS + missingAtRegister == 0 }
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("reconcile 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE reconcile_run(runId TEXT PRIMARY KEY, state TEXT NOT NULL,
                        startedAt INTEGER NOT NULL, chunk INTEGER NOT NULL, through TEXT NOT NULL,
                        isLast INTEGER NOT NULL, asker TEXT NOT NULL, request TEXT, caseNumber INTEGER NOT NULL,
                        compared INTEGER NOT NULL DEFAULT 0, different INTEGER NOT NULL DEFAULT 0,
                        missingAtCS INTEGER NOT NULL DEFAULT 0, missingAtRegister INTEGER NOT NULL DEFAULT 0)
                        WITHOUT ROWID;
                    CREATE TABLE reconcile_difference(number INTEGER PRIMARY KEY, runId TEXT NOT NULL,
                        addresseeNumber TEXT, kind TEXT NOT NULL, items TEXT NOT NULL);
                    CREATE INDEX reconcile_difference_run ON reconcile_difference(runId);
                    """)
        }
    }

    static func begin(
        _ runID: String, asker: String, request: String?, caseNumber: Int64, at: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO reconcile_run(runId, state, startedAt, chunk, through, isLast, asker, request, caseNumber)
                VALUES (?, 'open', ?, 0, '00000000000', 0, ?, ?, ?)
                """,
            arguments: [runID, at.nanosecondsSince1970, asker, request, caseNumber])
    }

    static func run(_ runID: String, _ database: Database) throws -> Run? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM reconcile_run WHERE runId = ? AND state = 'open'",
            arguments: [runID]
        ).map {
            Run(
                runID: $0["runId"], chunk: $0["chunk"], through: $0["through"],
                isLast: $0["isLast"], asker: $0["asker"], request: $0["request"],
                caseNumber: $0["caseNumber"], compared: $0["compared"],
                different: $0["different"], missingAtCS: $0["missingAtCS"],
                missingAtRegister: $0["missingAtRegister"])
        }
    }

    static func openRun(_ database: Database) throws -> (runID: String, startedAt: Instant)? {
        try Row.fetchOne(
            database, sql: "SELECT runId, startedAt FROM reconcile_run WHERE state = 'open' LIMIT 1"
        ).map { ($0[0], Instant(nanosecondsSince1970: $0[1])) }
    }

    static func sent(
        _ runID: String, chunk: Int, through: String, isLast: Bool, _ database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE reconcile_run SET chunk = ?, through = ?, isLast = ? WHERE runId = ?",
            arguments: [chunk, through, isLast, runID])
    }

    static func add(
        _ runID: String, compared: Int, differences: [ReconcileResult.Difference],
        _ database: Database
    ) throws {
        for difference in differences {
            let addressee = try String.fetchOne(
                database, sql: "SELECT addresseeNumber FROM resident WHERE juminhyoCode = ?",
                arguments: [difference.juminhyoCode])
            try database.execute(
                sql: """
                    INSERT INTO reconcile_difference(runId, addresseeNumber, kind, items) VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    runID, addressee, difference.kind.rawValue,
                    (difference.items ?? []).joined(separator: ","),
                ])
        }
        func count(_ kind: ReconcileResult.Kind) -> Int {
            differences.count { $0.kind == kind }
        }
        try database.execute(
            sql: """
                UPDATE reconcile_run SET compared = compared + ?, different = different + ?,
                    missingAtCS = missingAtCS + ?, missingAtRegister = missingAtRegister + ? WHERE runId = ?
                """,
            arguments: [
                compared, count(.different), count(.missingAtCS), count(.missingAtRegister), runID,
            ])
    }

    static func finish(_ runID: String, state: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE reconcile_run SET state = ? WHERE runId = ?", arguments: [state, runID])
    }

    /// The first differences of a run, for its report.
    static func differences(
        _ runID: String, _ database: Database
    ) throws -> [(addresseeNumber: String?, kind: String, items: [String])] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT addresseeNumber, kind, items FROM reconcile_difference WHERE runId = ?
                ORDER BY number LIMIT 200
                """, arguments: [runID]
        ).map { row in
            let items: String = row[2]
            return (row[0], row[1], items.split(separator: ",").map(String.init))
        }
    }

    /// The state of the latest run, what it compared and found.
    static func latest(
        _ database: Database
    ) throws -> (state: String, compared: Int64, found: Int64)? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT state, compared, different + missingAtCS + missingAtRegister FROM reconcile_run
                ORDER BY startedAt DESC, runId DESC LIMIT 1
                """
        ).map { ($0[0], $0[1], $0[2]) }
    }
}
