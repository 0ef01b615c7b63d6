import GRDB
import Messaging
import ParticipantStore

/// 転出 on their way (転出予定者), one row a person: what was planned, what was sent, what the 転入地 answered.
enum MoveOutStore {
    /// The outgoing 転出証明書情報 (A1-08).
    enum Certificate: String {
        /// On paper, or abroad.
        case none
        case sent, withdrawing, withdrawn
        /// The 転入通知 came.
        case answered
    }

    struct Plan {
        let addresseeNumber: String
        let draftNumber: String
        let receptionNumber: String
        let caseNumber: Int64
        let groupID: String
        let groupSize: Int
        /// Six digits; nil abroad.
        let destination: String?
        let plannedDate: CivilDate
        let hasCard: Bool
        /// With a card in the household: the certificate goes through 住基ネット.
        let isSpecial: Bool
        var certificate: Certificate
        let reason: Reason
        let drafter: OperatorID
        let approver: OperatorID
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("move out 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE move_out(addresseeNumber TEXT PRIMARY KEY, draftNumber TEXT NOT NULL,
                        receptionNumber TEXT NOT NULL, caseNumber INTEGER NOT NULL, groupId TEXT NOT NULL,
                        groupSize INTEGER NOT NULL, destination TEXT, plannedDate TEXT NOT NULL,
                        removeAt INTEGER, hasCard INTEGER NOT NULL, isSpecial INTEGER NOT NULL,
                        certificate TEXT NOT NULL, reason TEXT NOT NULL, drafter TEXT NOT NULL,
                        approver TEXT NOT NULL) WITHOUT ROWID;
                    CREATE INDEX move_out_due ON move_out(removeAt) WHERE removeAt IS NOT NULL;
                    CREATE INDEX move_out_draft ON move_out(draftNumber);
                    CREATE TABLE move_in_notice(number INTEGER PRIMARY KEY, addresseeNumber TEXT NOT NULL,
                        municipality TEXT NOT NULL, movedIn TEXT, content TEXT NOT NULL, state TEXT NOT NULL,
                        receivedAt TEXT NOT NULL);
                    CREATE INDEX move_in_notice_person ON move_in_notice(addresseeNumber);
                    """)
        }
    }

    static func plan(_ plan: Plan, _ database: Database) throws {
        try database.execute(
            sql:
                "INSERT OR REPLACE INTO move_out VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                plan.addresseeNumber, plan.draftNumber, plan.receptionNumber, plan.caseNumber,
                plan.groupID, plan.groupSize, plan.destination, plan.plannedDate.iso,
                plan.plannedDate.startInstant.nanosecondsSince1970, plan.hasCard, plan.isSpecial,
                plan.certificate.rawValue, plan.reason.rawValue, plan.drafter.rawValue,
                plan.approver.rawValue,
            ])
    }

    static func plan(of addresseeNumber: String, _ database: Database) throws -> Plan? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM move_out WHERE addresseeNumber = ?",
            arguments: [addresseeNumber]
        ).flatMap(read)
    }

    /// The movers of one 転出届.
    static func plans(draftNumber: String, _ database: Database) throws -> [Plan] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM move_out WHERE draftNumber = ? ORDER BY addresseeNumber LIMIT 50",
            arguments: [draftNumber]
        ).compactMap(read)
    }

    /// Whose day has come, at most `limit`; not while a peer is asked to give the certificate back.
    static func due(_ now: Instant, limit: Int, _ database: Database) throws -> [Plan] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM move_out WHERE removeAt <= ? AND certificate <> 'withdrawing'
                ORDER BY removeAt LIMIT ?
                """,
            arguments: [now.nanosecondsSince1970, limit]
        ).compactMap(read)
    }

    private static func read(_ row: Row) throws -> Plan? {
        guard let certificate = Certificate(rawValue: row["certificate"]),
            let reason = Reason(rawValue: row["reason"])
        else { return nil }
        return Plan(
            addresseeNumber: row["addresseeNumber"], draftNumber: row["draftNumber"],
            receptionNumber: row["receptionNumber"], caseNumber: row["caseNumber"],
            groupID: row["groupId"], groupSize: row["groupSize"], destination: row["destination"],
            plannedDate: try CivilDate(iso: row["plannedDate"]), hasCard: row["hasCard"],
            isSpecial: row["isSpecial"], certificate: certificate, reason: reason,
            drafter: try OperatorID(row["drafter"]), approver: try OperatorID(row["approver"]))
    }

    static func note(_ state: Certificate, of addresseeNumber: String, _ database: Database) throws
    {
        try database.execute(
            sql: "UPDATE move_out SET certificate = ? WHERE addresseeNumber = ?",
            arguments: [state.rawValue, addresseeNumber])
    }

    /// The person is gone, or stays: nothing is due any more.
    static func settle(_ addresseeNumber: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE move_out SET removeAt = NULL WHERE addresseeNumber = ?",
            arguments: [addresseeNumber])
    }

    // MARK: 転入通知

    /// Keeps a notice as it came; false when the very same one is kept already.
    static func keep(
        _ notice: MoveInNotice, content: [UInt8], of addresseeNumber: String, state: String,
        at: Instant, _ database: Database
    ) throws -> Bool {
        let text = String(decoding: content, as: UTF8.self)
        let known = try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM move_in_notice WHERE addresseeNumber = ? AND content = ?",
            arguments: [addresseeNumber, text])
        guard known == nil else { return false }
        try database.execute(
            sql: "INSERT INTO move_in_notice VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            arguments: [
                addresseeNumber, notice.currentMunicipalityCode,
                notice.becameResidentDate.date?.iso, text, state, at.rfc3339,
            ])
        return true
    }

    /// The newest notice a person has to decide about.
    static func undecided(_ addresseeNumber: String, _ database: Database) throws -> MoveInNotice? {
        try String.fetchOne(
            database,
            sql: """
                SELECT content FROM move_in_notice WHERE addresseeNumber = ? AND state = 'manual'
                ORDER BY number DESC LIMIT 1
                """, arguments: [addresseeNumber]
        ).map { try PayloadCoding.decode(MoveInNotice.self, from: Array($0.utf8)) }
    }

    static func decided(_ addresseeNumber: String, _ state: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE move_in_notice SET state = ? WHERE addresseeNumber = ? AND state = 'manual'
                """, arguments: [state, addresseeNumber])
    }
}
