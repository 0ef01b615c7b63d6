import GRDB
import Messaging

/// 届出 that were accepted (受付): reception number, kind, dates and case; no person number.
enum ReceptionStore {
    struct Reception {
        let number: String
        let type: String
        let moveDate: CivilDate
        let notifiedDate: CivilDate
        let caseNumber: Int64
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
    }

    static func accept(
        _ notification: NotificationAccepted, caseNumber: Int64, at: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO reception VALUES (?, ?, ?, ?, 'accepted', ?, ?)",
            arguments: [
                notification.receptionNumber, notification.notificationType,
                notification.moveDate.iso, notification.notifiedDate.iso, caseNumber, at.rfc3339,
            ])
    }

    static func reception(_ number: String, _ database: Database) throws -> Reception? {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM reception WHERE receptionNumber = ?", arguments: [number])
        return try row.map {
            Reception(
                number: number, type: $0["type"], moveDate: try CivilDate(iso: $0["moveDate"]),
                notifiedDate: try CivilDate(iso: $0["notifiedDate"]), caseNumber: $0["caseNumber"])
        }
    }

    static func advance(_ number: String, to state: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE reception SET state = ? WHERE receptionNumber = ?",
            arguments: [state, number])
    }
}
