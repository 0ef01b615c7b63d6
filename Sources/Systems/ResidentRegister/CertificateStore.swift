import FoundationEssentials
import GRDB
import Messaging
import ParticipantStore

/// 転出証明書情報 held for people who have not come yet (転入予定者), one row a mover.
///
/// `held` → `inUse(受付番号)` when the 届出 is accepted, which stops the thirty-day clock → `consumed` at 本更新 (corrections 7).
/// What nobody claims is purged at D+31 00:00 Asia/Tokyo.
enum CertificateStore {
    enum State: String { case held, inUse, consumed }

    struct Held {
        let mover: MoveOutCertificate.Mover
        let origin: String
        let groupID: String
        let plannedDate: CivilDate
        let state: State
        let receptionNumber: String?
        let caseNumber: Int64
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("certificate 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE held_certificate(juminhyoCode TEXT PRIMARY KEY, groupId TEXT NOT NULL,
                        groupSize INTEGER NOT NULL, origin TEXT NOT NULL, plannedDate TEXT NOT NULL,
                        purgeAt INTEGER NOT NULL, state TEXT NOT NULL, receptionNumber TEXT,
                        nameKanji TEXT, birthDate TEXT, content TEXT, caseNumber INTEGER NOT NULL);
                    CREATE INDEX held_certificate_due ON held_certificate(purgeAt) WHERE state = 'held';
                    """)
        }
    }

    /// Holds a mover's certificate; one in use or of a person already here stays as it is.
    static func hold(
        _ mover: MoveOutCertificate.Mover, of certificate: MoveOutCertificate, groupID: String,
        planned: CivilDate, clockFrom: CivilDate, caseNumber: Int64, _ database: Database
    ) throws {
        let known = try held(mover.juminhyoCode, database)
        guard known == nil || known?.state == .held else { return }
        try database.execute(
            sql:
                "INSERT OR REPLACE INTO held_certificate VALUES (?, ?, ?, ?, ?, ?, 'held', NULL, ?, ?, ?, ?)",
            arguments: [
                mover.juminhyoCode, groupID, certificate.groupSize ?? certificate.movers.count,
                certificate.originMunicipalityCode, planned.iso,
                ThirtyDayRule(plannedDate: clockFrom).purgeInstant.nanosecondsSince1970,
                mover.nameKanji, mover.birthDate.date?.iso,
                String(decoding: try PayloadCoding.encode(mover), as: UTF8.self), caseNumber,
            ])
    }

    static func held(_ juminhyoCode: String, _ database: Database) throws -> Held? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM held_certificate WHERE juminhyoCode = ? AND content IS NOT NULL",
            arguments: [juminhyoCode])
        return try row.flatMap(held(from:))
    }

    private static func held(from row: Row) throws -> Held? {
        let content: String = row["content"]
        guard let state = State(rawValue: row["state"]) else { return nil }
        return Held(
            mover: try PayloadCoding.decode(
                MoveOutCertificate.Mover.self, from: Array(content.utf8)),
            origin: row["origin"], groupID: row["groupId"],
            plannedDate: try CivilDate(iso: row["plannedDate"]), state: state,
            receptionNumber: row["receptionNumber"], caseNumber: row["caseNumber"])
    }

    /// The certificates that fit a person who came to the counter: name, birth date and 転出地.
    static func matching(
        name: String, birthDate: CivilDate?, origin: String?, _ database: Database
    ) throws -> [Held] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM held_certificate WHERE state = 'held' AND nameKanji = ?
                    AND birthDate IS ? AND (? IS NULL OR origin = ?)
                """, arguments: [name, birthDate?.iso, origin, origin])
        return try rows.compactMap { try held(from: $0) }
    }

    /// Whether every mover of a group has come (corrections 13): a certificate may arrive person by person.
    static func isWhole(_ groupID: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: """
                SELECT 1 FROM held_certificate WHERE groupId = ?
                GROUP BY groupId HAVING count(*) >= max(groupSize)
                """, arguments: [groupID]) != nil
    }

    /// The 届出 is dropped: its certificates go back to held and their clock runs on (corrections 7).
    static func release(_ receptionNumber: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE held_certificate SET state = 'held', receptionNumber = NULL
                WHERE receptionNumber = ? AND state = 'inUse'
                """, arguments: [receptionNumber])
    }

    /// The 転出地 takes a certificate back (SC-11 from the other side); the code of the refusal, nil when it is gone.
    static func withdraw(_ juminhyoCode: String, _ database: Database) throws -> String? {
        let state = try String.fetchOne(
            database, sql: "SELECT state FROM held_certificate WHERE juminhyoCode = ?",
            arguments: [juminhyoCode])
        switch state.flatMap(State.init(rawValue:)) {
        case nil: return "certificate-unknown"
        case .inUse: return "certificate-in-use"
        case .consumed: return "certificate-consumed"
        case .held:
            try database.execute(
                sql: "DELETE FROM held_certificate WHERE juminhyoCode = ?",
                arguments: [juminhyoCode])
            return nil
        }
    }

    /// Binds a certificate to a 届出; its clock stops.
    static func use(_ juminhyoCode: String, for receptionNumber: String, _ database: Database)
        throws
    {
        try database.execute(
            sql: """
                UPDATE held_certificate SET state = 'inUse', receptionNumber = ?
                WHERE juminhyoCode = ? AND state = 'held'
                """, arguments: [receptionNumber, juminhyoCode])
    }

    /// The person is recorded: the certificate has done its work and its content goes.
    static func consume(_ juminhyoCode: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE held_certificate
                SET state = 'consumed', content = NULL, nameKanji = NULL, birthDate = NULL
                WHERE juminhyoCode = ?
                """, arguments: [juminhyoCode])
    }

    /// What is due: groups with their cases and how many movers each loses.
    static func purge(
        _ now: Instant, _ database: Database
    ) throws -> [(groupID: String, caseNumber: Int64, movers: Int)] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT groupId, caseNumber, count(*) FROM held_certificate
                WHERE state = 'held' AND purgeAt <= ? GROUP BY groupId, caseNumber
                """, arguments: [now.nanosecondsSince1970])
        guard !rows.isEmpty else { return [] }
        try database.execute(
            sql: "DELETE FROM held_certificate WHERE state = 'held' AND purgeAt <= ?",
            arguments: [now.nanosecondsSince1970])
        try database.execute(
            sql: """
                INSERT INTO counter(name, value) VALUES ('purged', ?)
                ON CONFLICT(name) DO UPDATE SET value = value + excluded.value
                """, arguments: [rows.reduce(0) { $0 + ($1[2] as Int) }])
        return rows.map { ($0[0], $0[1], $0[2]) }
    }
}
