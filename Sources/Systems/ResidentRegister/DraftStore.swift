import GRDB
import Messaging

/// Provisional rows (仮更新): apart from the register, invisible outside, one draft with one row a person.
enum DraftStore {
    /// One person's row of a draft.
    struct Member {
        let record: ResidentRecord
        /// The version the draft was made on; 0 for somebody new.
        let baseVersion: Int64
        let hasCard: Bool
    }

    /// A draft as it waits for its approval.
    struct Provisional {
        let draftNumber: String
        let receptionNumber: String
        let reason: Reason
        let drafter: OperatorID
        let terminal: TerminalID?
        var verificationReference: String?
        /// a B2 or B5 result must be named before 本更新.
        let needsVerification: Bool
        let plannedDate: CivilDate?
        let wholeHousehold: Bool
        /// The committed change this one takes back.
        let cancels: String?
        let members: [Member]
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("draft 1") { database in
            let items = ResidentRecord.columns.map { "\"\($0)\"" }.joined(separator: ", ")
            try database.execute(
                sql: """
                    CREATE TABLE change_draft(draftNumber TEXT PRIMARY KEY, receptionNumber TEXT NOT NULL,
                        reason TEXT NOT NULL, drafter TEXT NOT NULL, terminal TEXT,
                        verificationReference TEXT, needsVerification INTEGER NOT NULL, plannedDate TEXT,
                        wholeHousehold INTEGER NOT NULL, cancels TEXT,
                        draftedAt TEXT NOT NULL);
                    CREATE INDEX change_draft_reception ON change_draft(receptionNumber);
                    CREATE TABLE draft_member(draftNumber TEXT NOT NULL, position INTEGER NOT NULL, \(items),
                        baseVersion INTEGER NOT NULL, hasCard INTEGER NOT NULL,
                        PRIMARY KEY(draftNumber, position));
                    CREATE INDEX draft_member_code ON draft_member(juminhyoCode);
                    INSERT INTO change_draft SELECT draftNumber, receptionNumber, moveReason, drafter, terminal,
                        verificationReference, 0, NULL, 0, NULL, draftedAt FROM resident_draft;
                    INSERT INTO draft_member SELECT draftNumber, 0, \(items), 0, 1 FROM resident_draft;
                    DROP TABLE resident_draft;
                    """)
        }
    }

    static func add(_ draft: Provisional, at: Instant, _ database: Database) throws {
        try RegisterStore.insert(
            into: "change_draft",
            [
                "draftNumber", "receptionNumber", "reason", "drafter", "terminal",
                "verificationReference", "needsVerification", "plannedDate", "wholeHousehold",
                "cancels", "draftedAt",
            ],
            [
                draft.draftNumber, draft.receptionNumber, draft.reason.rawValue,
                draft.drafter.rawValue, draft.terminal?.rawValue, draft.verificationReference,
                draft.needsVerification, draft.plannedDate?.iso, draft.wholeHousehold,
                draft.cancels, at.rfc3339,
            ], database)
        for (position, member) in draft.members.enumerated() {
            try RegisterStore.insert(
                into: "draft_member",
                ["draftNumber", "position"] + ResidentRecord.columns + ["baseVersion", "hasCard"],
                [draft.draftNumber, position] + member.record.arguments()
                    + [member.baseVersion, member.hasCard], database)
        }
    }

    static func draft(_ number: String, _ database: Database) throws -> Provisional? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM change_draft WHERE draftNumber = ?", arguments: [number])
        guard let row, let reason = Reason(rawValue: row["reason"]) else { return nil }
        let members = try Row.fetchAll(
            database, sql: "SELECT * FROM draft_member WHERE draftNumber = ? ORDER BY position",
            arguments: [number]
        ).map {
            Member(
                record: try ResidentRecord(row: $0), baseVersion: $0["baseVersion"],
                hasCard: $0["hasCard"])
        }
        return Provisional(
            draftNumber: number, receptionNumber: row["receptionNumber"], reason: reason,
            drafter: try OperatorID(row["drafter"]),
            terminal: try (row["terminal"] as String?).map { try TerminalID($0) },
            verificationReference: row["verificationReference"],
            needsVerification: row["needsVerification"],
            plannedDate: try (row["plannedDate"] as String?).map { try CivilDate(iso: $0) },
            wholeHousehold: row["wholeHousehold"], cancels: row["cancels"], members: members)
    }

    static func remove(_ number: String, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM change_draft WHERE draftNumber = ?", arguments: [number])
        try database.execute(
            sql: "DELETE FROM draft_member WHERE draftNumber = ?", arguments: [number])
    }

    /// The drafts of a 届出.
    static func drafts(receptionNumber: String, _ database: Database) throws -> [String] {
        try String.fetchAll(
            database,
            sql: "SELECT draftNumber FROM change_draft WHERE receptionNumber = ? LIMIT 100",
            arguments: [receptionNumber])
    }

    /// Whether the 取消し of a committed change is drafted already.
    static func takesBack(_ committed: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database, sql: "SELECT 1 FROM change_draft WHERE cancels = ? LIMIT 1",
            arguments: [committed]) != nil
    }

    /// Whether a 届出 already has a draft about this person.
    static func has(receptionNumber: String, juminhyoCode: String, _ database: Database) throws
        -> Bool
    {
        try Int.fetchOne(
            database,
            sql: """
                SELECT 1 FROM change_draft JOIN draft_member USING(draftNumber)
                WHERE receptionNumber = ? AND juminhyoCode = ?
                """, arguments: [receptionNumber, juminhyoCode]) != nil
    }
}
