import GRDB
import Messaging

/// 電子申請 that came over a medium (A6-02): per 受付番号 the newest version, and every use of a ledger entry.
enum ApplicationStore {
    struct Known {
        let version: Int64
        let procedure: String
        let receptionNumber: String?
        let draftNumber: String?
        /// A person has to resolve the newest version; it may come again.
        let isWaiting: Bool
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("application 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE e_application(applicationNumber TEXT PRIMARY KEY, version INTEGER NOT NULL,
                        procedure TEXT NOT NULL, receptionNumber TEXT, draftNumber TEXT, at TEXT NOT NULL)
                        WITHOUT ROWID;
                    CREATE TABLE medium_use(number INTEGER PRIMARY KEY, ledgerEntryId TEXT NOT NULL,
                        mediumId TEXT NOT NULL, operator TEXT NOT NULL, approver TEXT NOT NULL,
                        terminal TEXT, result TEXT NOT NULL, code TEXT, at TEXT NOT NULL);
                    CREATE INDEX medium_use_entry ON medium_use(ledgerEntryId);
                    """)
        }
        migrator.registerMigration("application 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE medium_use ADD COLUMN eraseRecord TEXT;
                    CREATE INDEX medium_use_medium ON medium_use(mediumId) WHERE eraseRecord IS NULL;
                    """)
        }
        migrator.registerMigration("application 3") { database in
            try database.execute(
                sql: """
                    ALTER TABLE e_application ADD COLUMN isWaiting INTEGER NOT NULL DEFAULT 0;
                    UPDATE e_application SET isWaiting = draftNumber IS NULL;
                    """)
        }
    }

    static func known(_ applicationNumber: String, _ database: Database) throws -> Known? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM e_application WHERE applicationNumber = ?",
            arguments: [applicationNumber]
        ).map {
            Known(
                version: $0["version"], procedure: $0["procedure"],
                receptionNumber: $0["receptionNumber"], draftNumber: $0["draftNumber"],
                isWaiting: $0["isWaiting"])
        }
    }

    /// Keeps a version; one that made no draft leaves the number of the draft before it.
    static func keep(
        _ application: ElectronicApplication, receptionNumber: String?, draftNumber: String?,
        at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO e_application(applicationNumber, version, procedure, receptionNumber,
                    draftNumber, at, isWaiting)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT(applicationNumber) DO UPDATE SET version = excluded.version,
                    procedure = excluded.procedure,
                    receptionNumber = coalesce(excluded.receptionNumber, receptionNumber),
                    draftNumber = coalesce(excluded.draftNumber, draftNumber),
                    at = excluded.at, isWaiting = excluded.isWaiting
                """,
            arguments: [
                application.applicationNumber, application.version, application.procedure.rawValue,
                receptionNumber, draftNumber, at.rfc3339, draftNumber == nil,
            ])
    }

    /// An entry of the ledger is for one transfer.
    static func isUsed(_ ledgerEntryID: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM medium_use WHERE ledgerEntryId = ? AND result <> 'refused'",
            arguments: [ledgerEntryID]) != nil
    }

    /// Whether a medium was read and nobody has told yet that it was erased.
    static func waitsForErasure(_ mediumID: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: """
                SELECT 1 FROM medium_use
                WHERE mediumId = ? AND eraseRecord IS NULL AND result <> 'refused' LIMIT 1
                """, arguments: [mediumID]) != nil
    }

    /// Closes the uses of a ledger entry by the record of the erasure.
    static func erased(_ erasure: MediumErasure, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE medium_use SET eraseRecord = ?
                WHERE ledgerEntryId = ? AND mediumId = ? AND eraseRecord IS NULL AND result <> 'refused'
                """,
            arguments: [erasure.eraseRecordId, erasure.ledgerEntryId, erasure.mediumId])
    }

    static func use(
        _ transfer: MediaTransfer, by operatorID: OperatorID, at terminal: TerminalID?,
        result: String, code: String?, now: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO medium_use(ledgerEntryId, mediumId, operator, approver, terminal, result, code, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                transfer.ledgerEntryId, transfer.mediumId, operatorID.rawValue,
                transfer.approverId, terminal?.rawValue, result, code, now.rfc3339,
            ])
    }

    static func counts(
        _ database: Database
    ) throws -> (applications: Int, refusedTransfers: Int, erasedMedia: Int) {
        (
            try Int.fetchOne(database, sql: "SELECT count(*) FROM e_application") ?? 0,
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM medium_use WHERE result = 'refused'") ?? 0,
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM medium_use WHERE eraseRecord IS NOT NULL") ?? 0
        )
    }
}
