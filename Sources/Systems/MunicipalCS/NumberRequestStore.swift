import GRDB
import Messaging
import Participant

/// 個人番号の生成要求 on their way (A1-05 to A1-07): one outstanding per 住民票コード.
enum NumberRequestStore {
    /// outstanding → delivered (to the register) → assigned, or refused by the generator, or quarantined by the register.
    enum State: String {
        case outstanding, delivered, assigned, refused, quarantined
    }

    struct Request {
        let state: State
        let controlNumber: String
        /// As long as the register has not said that it has it.
        let individualNumber: String?
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("number request 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE number_request(juminhyoCode TEXT PRIMARY KEY, state TEXT NOT NULL,
                        controlNumber TEXT NOT NULL, individualNumber TEXT, at TEXT NOT NULL) WITHOUT ROWID
                    """)
        }
    }

    static func find(_ code: String, _ database: Database) throws -> Request? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM number_request WHERE juminhyoCode = ?", arguments: [code]
        ).map {
            Request(
                state: State(rawValue: $0["state"]) ?? .outstanding,
                controlNumber: $0["controlNumber"], individualNumber: $0["individualNumber"])
        }
    }

    static func open(
        _ code: String, controlNumber: String, now: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO number_request VALUES (?, 'outstanding', ?, NULL, ?)",
            arguments: [code, controlNumber, now.rfc3339])
    }

    static func set(
        _ state: State, _ code: String, number: String? = nil, _ database: Database
    ) throws {
        try database.execute(
            sql:
                "UPDATE number_request SET state = ?, individualNumber = ? WHERE juminhyoCode = ?",
            arguments: [state.rawValue, number, code])
    }
}
