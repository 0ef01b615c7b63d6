import GRDB
import Messaging

/// Which 送付先 were extracted (送付先情報の抽出記録): number, whom, and what the CS said; no item of F3.
enum MailingStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("mailing 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE mailing(controlNumber TEXT NOT NULL, addresseeNumber TEXT NOT NULL,
                        state TEXT NOT NULL, PRIMARY KEY(controlNumber, addresseeNumber)) WITHOUT ROWID;
                    CREATE INDEX mailing_person ON mailing(addresseeNumber);
                    """)
        }
    }

    static func add(_ number: String, for people: [ResidentRecord], _ database: Database) throws {
        for person in people {
            try database.execute(
                sql: "INSERT INTO mailing VALUES (?, ?, 'sent')",
                arguments: [number, person.text(.addresseeNumber)])
        }
    }

    static func note(_ number: String, state: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE mailing SET state = ? WHERE controlNumber = ?",
            arguments: [state, number])
    }
}
