import GRDB
import Messaging

/// 届出 that were accepted (受付): reception number, kind, dates and case; no person number but 宛名番号 of residents.
enum ReceptionStore {
    struct Reception {
        let number: String
        let type: String
        let moveDate: CivilDate
        let notifiedDate: CivilDate
        let caseNumber: Int64
        /// accepted, drafted, committed, withdrawn.
        let state: String
        /// the card was shown, or a 通知カード with another legal document (corrections 6).
        let isVerified: Bool
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("reception 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE reception(receptionNumber TEXT PRIMARY KEY, type TEXT NOT NULL,
                        moveDate TEXT NOT NULL, notifiedDate TEXT NOT NULL, state TEXT NOT NULL,
                        caseNumber INTEGER NOT NULL, acceptedAt TEXT NOT NULL) WITHOUT ROWID
                    """)
        }
        migrator.registerMigration("reception 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE reception ADD COLUMN isVerified INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE reception ADD COLUMN acceptedDay INTEGER NOT NULL DEFAULT 0;
                    CREATE TABLE reception_card(receptionNumber TEXT NOT NULL, addresseeNumber TEXT NOT NULL,
                        PRIMARY KEY(receptionNumber, addresseeNumber)) WITHOUT ROWID;
                    """)
        }
    }

    static func accept(
        _ notification: NotificationAccepted, caseNumber: Int64, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT OR IGNORE INTO reception(receptionNumber, type, moveDate, notifiedDate, state,
                    caseNumber, acceptedAt, isVerified, acceptedDay)
                VALUES (?, ?, ?, ?, 'accepted', ?, ?, ?, ?)
                """,
            arguments: [
                notification.receptionNumber, notification.notificationType,
                notification.moveDate.iso, notification.notifiedDate.iso, caseNumber, at.rfc3339,
                notification.provesIdentity, at.day.daysSince1970,
            ])
        for subject in notification.subjects where subject.hasIndividualNumberCard {
            guard let number = subject.addresseeNumber else { continue }
            try database.execute(
                sql: "INSERT OR IGNORE INTO reception_card VALUES (?, ?)",
                arguments: [notification.receptionNumber, number])
        }
    }

    static func reception(_ number: String, _ database: Database) throws -> Reception? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM reception WHERE receptionNumber = ?", arguments: [number])
        return try row.map {
            Reception(
                number: number, type: $0["type"], moveDate: try CivilDate(iso: $0["moveDate"]),
                notifiedDate: try CivilDate(iso: $0["notifiedDate"]), caseNumber: $0["caseNumber"],
                state: $0["state"], isVerified: $0["isVerified"])
        }
    }

    /// Whether the 届出 says that a resident holds a 個人番号カード.
    static func hasCard(_ addresseeNumber: String, in number: String, _ database: Database) throws
        -> Bool
    {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM reception_card WHERE receptionNumber = ? AND addresseeNumber = ?",
            arguments: [number, addresseeNumber]) != nil
    }

    static func advance(_ number: String, to state: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE reception SET state = ? WHERE receptionNumber = ?",
            arguments: [state, number])
    }

    /// R-101 (令34条④, not in the seed): 届出 older than so many days go; returns how many.
    static func purge(acceptedBefore day: CivilDate, _ database: Database) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM reception_card WHERE receptionNumber IN (SELECT receptionNumber FROM reception
                    WHERE acceptedDay < ? AND state <> 'accepted' AND state <> 'drafted')
                """, arguments: [day.daysSince1970])
        try database.execute(
            sql: """
                DELETE FROM reception WHERE acceptedDay < ? AND state <> 'accepted' AND state <> 'drafted'
                """, arguments: [day.daysSince1970])
        return database.changesCount
    }
}
