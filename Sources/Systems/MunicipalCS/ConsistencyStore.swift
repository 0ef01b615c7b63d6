import Crypto
import FoundationEssentials
import GRDB
import Messaging
import Participant

/// 本人確認情報整合 (B6): the runs, what each server has been sent and said, and the mismatches that are still open.
///
/// A run is over a snapshot: what changes meanwhile goes out as A1-04 anyway.
enum ConsistencyStore {
    /// A run: `running`, then `clean`, `mismatch` or `failed`.
    struct Run {
        let id: String
        let recordCount: Int
        let chunkCount: Int
        let digest: String
        let state: String
        let correlation: CorrelationID
        /// Who is told how it ended; nil for the yearly run.
        let asker: ParticipantID?
        let request: MessageID?
        let zone: ZoneID?
    }

    /// One server in a run; `state` is `waiting` until it has judged: `matched`, `mismatch`, `refused`.
    struct Receiver {
        let name: String
        let chunk: Int
        let state: String
        let compared: Int
        let mismatches: Int
    }

    static func register(in migrator: inout DatabaseMigrator) {
        let items = IdentityStore.noticeItems.map { "\"\($0.rawValue)\" TEXT" }
            .joined(separator: ", ")
        migrator.registerMigration("consistency 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE consistency_run(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
                        startedAt INTEGER NOT NULL, recordCount INTEGER NOT NULL, chunkCount INTEGER NOT NULL,
                        chunkSize INTEGER NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL, correlation TEXT NOT NULL,
                        asker TEXT, request TEXT, zone TEXT);
                    CREATE TABLE consistency_receiver(run TEXT NOT NULL, name TEXT NOT NULL, chunk INTEGER NOT NULL,
                        state TEXT NOT NULL, compared INTEGER NOT NULL, mismatches INTEGER NOT NULL,
                        PRIMARY KEY(run, name)) WITHOUT ROWID;
                    CREATE TABLE consistency_row(position INTEGER PRIMARY KEY, \(items));
                    CREATE TABLE consistency_mismatch(number INTEGER PRIMARY KEY, run TEXT NOT NULL, receiver TEXT NOT NULL,
                        juminhyoCode TEXT NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL, closedBy TEXT);
                    CREATE INDEX consistency_mismatch_open ON consistency_mismatch(juminhyoCode) WHERE closedBy IS NULL;
                    CREATE TABLE consistency_schedule(id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL);
                    """)
        }
    }

    // MARK: Starting

    static func running(_ database: Database) throws -> Run? {
        try find("state = 'running'", [], database)
    }

    static func find(_ id: String, _ database: Database) throws -> Run? {
        try find("id = ?", [id], database)
    }

    private static func find(
        _ condition: String, _ arguments: StatementArguments, _ database: Database
    ) throws -> Run? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM consistency_run WHERE \(condition)", arguments: arguments)
        guard let row else { return nil }
        return Run(
            id: row["id"], recordCount: row["recordCount"], chunkCount: row["chunkCount"],
            digest: row["digest"], state: row["state"],
            correlation: try CorrelationID(row["correlation"]),
            asker: try (row["asker"] as String?).map { try ParticipantID($0) },
            request: try (row["request"] as String?).map { try MessageID($0) },
            zone: try (row["zone"] as String?).map { try ZoneID($0) })
    }

    /// Copies the current rows and counts them into chunks.
    static func start(
        chunkSize: Int, receivers: [String], for message: ReceivedMessage?, now: Instant,
        _ database: Database
    ) throws -> Run {
        let names = IdentityStore.noticeItems.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        try database.execute(
            sql: """
                DELETE FROM consistency_row;
                INSERT INTO consistency_row(\(names)) SELECT \(names) FROM identity
                WHERE recordStatusFlag = 'current' ORDER BY juminhyoCode;
                """)
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM consistency_row") ?? 0
        let number =
            (try Int.fetchOne(database, sql: "SELECT max(number) FROM consistency_run") ?? 0) + 1
        let id = "C-\(now.day.date8)-\(number)"
        let digest = try digest(id, database)
        let chunks = max(1, (count + chunkSize - 1) / chunkSize)
        let run = Run(
            id: id, recordCount: count, chunkCount: chunks, digest: digest, state: "running",
            correlation: try message?.envelope.correlation ?? CorrelationID("cs-\(id)"),
            asker: message?.envelope.source, request: message?.envelope.id, zone: message?.zone)
        try database.execute(
            sql: "INSERT INTO consistency_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                number, id, now.nanosecondsSince1970, count, chunks, chunkSize, digest, run.state,
                run.correlation.rawValue, run.asker?.rawValue, run.request?.rawValue,
                run.zone?.rawValue,
            ])
        for receiver in receivers {
            try database.execute(
                sql: "INSERT INTO consistency_receiver VALUES (?, ?, 1, 'waiting', 0, 0)",
                arguments: [id, receiver])
        }
        try noteRun(now, database)
        return run
    }

    /// The digest both sides can make: HMAC-SHA256 keyed by the run's id, so that no row can be guessed from it.
    private static func digest(_ id: String, _ database: Database) throws -> String {
        var mac = HMAC<SHA256>(key: SymmetricKey(data: Array(id.utf8)))
        let rows = try Row.fetchCursor(
            database, sql: "SELECT * FROM consistency_row ORDER BY position")
        while let row = try rows.next() {
            let texts = IdentityStore.noticeItems.map { (row[$0.rawValue] as String?) ?? "" }
            mac.update(data: Array(texts.joined(separator: "\u{1F}").utf8) + [0x1E])
        }
        return Hexadecimal.text(Array(mac.finalize()))
    }

    /// One chunk's rows, in order.
    static func rows(chunk: Int, of run: Run, _ database: Database) throws -> [Row] {
        let size =
            try Int.fetchOne(
                database, sql: "SELECT chunkSize FROM consistency_run WHERE id = ?",
                arguments: [run.id]) ?? 1
        return try Row.fetchAll(
            database,
            sql:
                "SELECT * FROM consistency_row WHERE position > ? AND position <= ? ORDER BY position",
            arguments: [(chunk - 1) * size, chunk * size])
    }

    // MARK: Answers

    static func receivers(of run: String, _ database: Database) throws -> [Receiver] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM consistency_receiver WHERE run = ? ORDER BY name DESC",
            arguments: [run]
        ).map {
            Receiver(
                name: $0["name"], chunk: $0["chunk"], state: $0["state"],
                compared: $0["compared"], mismatches: $0["mismatches"])
        }
    }

    static func advance(
        _ receiver: String, of run: String, to chunk: Int, _ database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE consistency_receiver SET chunk = ? WHERE run = ? AND name = ?",
            arguments: [chunk, run, receiver])
    }

    static func judge(
        _ receiver: String, of run: String, state: String, compared: Int64, mismatches: Int64,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE consistency_receiver SET state = ?, compared = ?, mismatches = ?
                WHERE run = ? AND name = ?
                """, arguments: [state, compared, mismatches, run, receiver])
    }

    static func finish(_ run: String, state: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE consistency_run SET state = ? WHERE id = ?", arguments: [state, run])
        try database.execute(sql: "DELETE FROM consistency_row")
    }

    // MARK: 不一致

    static func note(
        _ code: String, kind: String, fields: [String], run: String, receiver: String,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO consistency_mismatch(run, receiver, juminhyoCode, kind, fields)
                VALUES (?, ?, ?, ?, ?)
                """, arguments: [run, receiver, code, kind, fields.joined(separator: ",")])
    }

    /// Closes a person's open mismatches with the reference of what corrected them; how many.
    static func close(_ code: String, with reference: String, _ database: Database) throws -> Int64
    {
        try database.execute(
            sql: """
                UPDATE consistency_mismatch SET closedBy = ?
                WHERE juminhyoCode = ? AND closedBy IS NULL
                """, arguments: [reference, code])
        return Int64(database.changesCount)
    }

    static func openCount(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT count(*) FROM consistency_mismatch WHERE closedBy IS NULL") ?? 0
    }

    // MARK: Schedule

    private static func noteRun(_ now: Instant, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO consistency_schedule VALUES (1, ?)",
            arguments: [now.nanosecondsSince1970])
    }

    /// Whether `days` have passed since the last run, or since this CS first looked.
    static func isDue(days: Int, _ now: Instant, _ database: Database) throws -> Bool {
        let last = try Int64.fetchOne(database, sql: "SELECT last FROM consistency_schedule")
        guard let last else {
            try noteRun(now, database)
            return false
        }
        return now >= Instant(nanosecondsSince1970: last) + .seconds(days * 86_400)
    }

    /// A run no server has finished within a day.
    static func isStuck(_ run: Run, _ now: Instant, _ database: Database) throws -> Bool {
        let started =
            try Int64.fetchOne(
                database, sql: "SELECT startedAt FROM consistency_run WHERE id = ?",
                arguments: [run.id]) ?? 0
        return now >= Instant(nanosecondsSince1970: started) + .seconds(86_400)
    }
}
