import GRDB
import Messaging
import Participant

/// Who is logged in at the 中間サーバー接続端末, and what was done there (職員認証と操作の記録, R-065); rows are never changed away.
enum StaffStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("staff 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE staff_session(number INTEGER PRIMARY KEY, organisation TEXT NOT NULL,
                        operator TEXT NOT NULL, terminal TEXT NOT NULL, session TEXT NOT NULL, factors TEXT NOT NULL,
                        openedAt INTEGER NOT NULL, closedAt INTEGER, cause TEXT);
                    CREATE INDEX staff_session_open ON staff_session(operator, terminal) WHERE closedAt IS NULL;
                    CREATE TABLE staff_operation(number INTEGER PRIMARY KEY, organisation TEXT NOT NULL,
                        operator TEXT NOT NULL, terminal TEXT NOT NULL, at TEXT NOT NULL, operation TEXT NOT NULL,
                        reference TEXT NOT NULL, result TEXT NOT NULL);
                    CREATE TABLE medium_use(organisation TEXT NOT NULL, ledgerEntry TEXT NOT NULL,
                        export TEXT NOT NULL, medium TEXT NOT NULL, operator TEXT NOT NULL, approver TEXT NOT NULL,
                        at TEXT NOT NULL, PRIMARY KEY(organisation, ledgerEntry)) WITHOUT ROWID;
                    """)
        }
    }

    /// A log-in ends an earlier one of the same person at the same terminal.
    static func open(
        _ session: StaffSession, by operatorID: OperatorID, at terminal: TerminalID,
        _ organisation: OrganisationCode, now: Instant, _ database: Database
    ) throws {
        try close(
            operatorID, terminal, organisation, cause: "replaced", now: now, database)
        try database.execute(
            sql: """
                INSERT INTO staff_session(organisation, operator, terminal, session, factors, openedAt)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                organisation.rawValue, operatorID.rawValue, terminal.rawValue, session.sessionId,
                (session.factors ?? []).joined(separator: ","), now.nanosecondsSince1970,
            ])
    }

    /// How many sessions it ended.
    @discardableResult
    static func close(
        _ operatorID: OperatorID, _ terminal: TerminalID, _ organisation: OrganisationCode,
        cause: String, now: Instant, _ database: Database
    ) throws -> Int {
        try database.execute(
            sql: """
                UPDATE staff_session SET closedAt = ?, cause = ?
                WHERE organisation = ? AND operator = ? AND terminal = ? AND closedAt IS NULL
                """,
            arguments: [
                now.nanosecondsSince1970, cause, organisation.rawValue, operatorID.rawValue,
                terminal.rawValue,
            ])
        return database.changesCount
    }

    static func isLoggedIn(
        _ operatorID: OperatorID, _ terminal: TerminalID, _ organisation: OrganisationCode,
        since: Instant, _ database: Database
    ) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM staff_session WHERE organisation = ? AND operator = ?
                    AND terminal = ? AND closedAt IS NULL AND openedAt > ?)
                """,
            arguments: [
                organisation.rawValue, operatorID.rawValue, terminal.rawValue,
                since.nanosecondsSince1970,
            ]) ?? false
    }

    /// Ends sessions nobody has ended.
    static func expire(openedBefore limit: Instant, now: Instant, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE staff_session SET closedAt = ?, cause = 'timeout'
                WHERE closedAt IS NULL AND openedAt <= ?
                """, arguments: [now.nanosecondsSince1970, limit.nanosecondsSince1970])
    }

    /// One row of the operation log.
    static func log(
        _ operation: String, reference: String, result: String, for message: ReceivedMessage,
        now: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO staff_operation(organisation, operator, terminal, at, operation, reference, result)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                message.envelope.organisation.rawValue,
                message.envelope.operatorID?.rawValue ?? "",
                message.envelope.terminal?.rawValue ?? "", now.rfc3339, operation, reference,
                result,
            ])
    }

    /// Which export an entry of the 媒体管理簿 was made for.
    static func export(
        of ledgerEntry: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> String? {
        try String.fetchOne(
            database,
            sql: "SELECT export FROM medium_use WHERE organisation = ? AND ledgerEntry = ?",
            arguments: [organisation.rawValue, ledgerEntry])
    }

    static func noteMedium(
        _ use: ApprovedMedium, export: String, for message: ReceivedMessage, now: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO medium_use VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                message.envelope.organisation.rawValue, use.ledgerEntry, export, use.medium,
                message.envelope.operatorID?.rawValue ?? "", use.approver, now.rfc3339,
            ])
    }
}

/// A medium somebody else has approved the use of, with its entry in the 管理簿.
struct ApprovedMedium {
    let medium: String
    let ledgerEntry: String
    let approver: String
    /// X25519, what is written is encrypted to it.
    let publicKey: [UInt8]
}
