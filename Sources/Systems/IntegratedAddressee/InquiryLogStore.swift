import GRDB
import Messaging
import Participant

/// The log of 情報提供・情報照会: who, when, what, with what result; nobody's number, only how many.
enum InquiryLogStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("inquiry log 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE inquiry_log(number INTEGER PRIMARY KEY, at TEXT NOT NULL, operation TEXT NOT NULL,
                        asker TEXT NOT NULL, department TEXT NOT NULL, operator TEXT NOT NULL, terminal TEXT NOT NULL,
                        reference TEXT NOT NULL, keys INTEGER NOT NULL, found INTEGER NOT NULL,
                        numbersShown INTEGER NOT NULL, result TEXT NOT NULL);
                    CREATE INDEX inquiry_log_age ON inquiry_log(at);
                    """)
        }
    }

    static func append(
        _ operation: String, department: String, reference: String, keys: Int, found: Int,
        numbersShown: Int, result: String, for message: ReceivedMessage, now: Instant,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO inquiry_log(at, operation, asker, department, operator, terminal, reference,
                    keys, found, numbersShown, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now.rfc3339, operation, message.envelope.source.rawValue, department,
                message.envelope.operatorID?.rawValue ?? "",
                message.envelope.terminal?.rawValue ?? "", reference, keys, found, numbersShown,
                result,
            ])
    }

    static func erase(before day: CivilDate, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM inquiry_log WHERE at < ?", arguments: [day.iso])
    }
}
