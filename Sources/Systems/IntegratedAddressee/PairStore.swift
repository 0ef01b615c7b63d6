import GRDB
import Messaging
import ParticipantStore

/// The pairs 個人番号 ⇔ 団体内統合宛名番号 (宛名の紐付け), one a person, with the 宛名番号 the register knows the person by.
enum PairStore {
    struct Pair {
        let integratedNumber: String
        let addresseeNumber: String
        let individualNumber: String?
        let version: Int64
        let state: String
        let nameKanji: String
        let sexCode: String
        let birthDate: JSONValue
        let address: String
        let removalCategory: String
        let removalMoveDate: JSONValue?
        let linkCodeAttempts: Int64
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("pair 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE pair(serial INTEGER PRIMARY KEY, integratedNumber TEXT NOT NULL UNIQUE,
                        addresseeNumber TEXT NOT NULL UNIQUE, individualNumber TEXT UNIQUE,
                        state TEXT NOT NULL, version INTEGER NOT NULL,
                        nameKanji TEXT NOT NULL, sexCode TEXT NOT NULL, birthDate TEXT NOT NULL, address TEXT NOT NULL,
                        linkCode TEXT NOT NULL, replica TEXT NOT NULL);
                    """)
        }
        // 消除 with 事由 and 年月日 (corrections 8); how often A5 was begun again.
        migrator.registerMigration("pair 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE pair ADD COLUMN removalCategory TEXT NOT NULL DEFAULT 'none';
                    ALTER TABLE pair ADD COLUMN removalMoveDate TEXT;
                    ALTER TABLE pair ADD COLUMN linkCodeAttempts INTEGER NOT NULL DEFAULT 0;
                    UPDATE pair SET removalCategory = 'other' WHERE state = 'inactive';
                    CREATE INDEX pair_person ON pair(nameKanji, birthDate);
                    """)
        }
    }

    static func pair(addresseeNumber: String, _ database: Database) throws -> Pair? {
        try pairs("addresseeNumber = ?", [addresseeNumber], limit: 1, database).first
    }

    static func pair(integratedNumber: String, _ database: Database) throws -> Pair? {
        try pairs("integratedNumber = ?", [integratedNumber], limit: 1, database).first
    }

    static func pair(individualNumber: String, _ database: Database) throws -> Pair? {
        try pairs("individualNumber = ?", [individualNumber], limit: 1, database).first
    }

    /// Everybody of that name and birth date, code point for code point.
    static func pairs(
        nameKanji: String, birthDate: JSONValue, limit: Int, _ database: Database
    ) throws -> [Pair] {
        try pairs(
            "nameKanji = ? AND birthDate = ?", [nameKanji, text(birthDate)], limit: limit, database)
    }

    private static func pairs(
        _ condition: String, _ arguments: StatementArguments, limit: Int, _ database: Database
    ) throws -> [Pair] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM pair WHERE \(condition) ORDER BY serial LIMIT ?",
            arguments: arguments + [limit]
        ).map { row in
            let birthDate: String = row["birthDate"]
            let removal: String? = row["removalMoveDate"]
            return Pair(
                integratedNumber: row["integratedNumber"], addresseeNumber: row["addresseeNumber"],
                individualNumber: row["individualNumber"], version: row["version"],
                state: row["state"], nameKanji: row["nameKanji"], sexCode: row["sexCode"],
                birthDate: try value(birthDate), address: row["address"],
                removalCategory: row["removalCategory"],
                removalMoveDate: try removal.map(value),
                linkCodeAttempts: row["linkCodeAttempts"])
        }
    }

    private static func text(_ value: JSONValue) throws -> String {
        String(decoding: try PayloadCoding.encode(value), as: UTF8.self)
    }

    private static func value(_ text: String) throws -> JSONValue {
        try PayloadCoding.decode(JSONValue.self, from: Array(text.utf8))
    }

    /// Gives a person the next 団体内統合宛名番号: fifteen digits, not derived from any other number.
    static func assign(_ sync: ResidentSync, _ database: Database) throws -> String {
        let serial =
            try Int64.fetchOne(database, sql: "SELECT coalesce(max(serial), 0) + 1 FROM pair") ?? 1
        let digits = String(serial)
        let number = "1" + String(repeating: "0", count: max(0, 14 - digits.count)) + digits
        try database.execute(
            sql: """
                INSERT INTO pair(serial, integratedNumber, addresseeNumber, individualNumber, state, version,
                    nameKanji, sexCode, birthDate, address, linkCode, replica, removalCategory, removalMoveDate)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'none', 'none', ?, ?)
                """,
            arguments: [
                serial, number, sync.addresseeNumber, sync.individualNumber, state(of: sync),
                sync.recordVersion, sync.nameKanji, sync.sexCode, text(sync.birthDate),
                sync.currentAddress, sync.removalCategory, sync.removalMoveDate.map(text),
            ])
        return number
    }

    /// Takes over a newer version; the number of a person may change, the 団体内統合宛名番号 never does.
    static func update(_ sync: ResidentSync, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE pair SET individualNumber = coalesce(?, individualNumber), state = ?, version = ?,
                    nameKanji = ?, sexCode = ?, birthDate = ?, address = ?, removalCategory = ?, removalMoveDate = ?
                WHERE addresseeNumber = ?
                """,
            arguments: [
                sync.individualNumber, state(of: sync), sync.recordVersion, sync.nameKanji,
                sync.sexCode, text(sync.birthDate), sync.currentAddress, sync.removalCategory,
                sync.removalMoveDate.map(text), sync.addresseeNumber,
            ])
    }

    /// Movers-out stay resolvable (corrections 8); they are only marked.
    private static func state(of sync: ResidentSync) -> String {
        sync.removalCategory == "none" ? "active" : "inactive"
    }

    /// How far the 符号 has come: none, requested, acquiring, bound, refused, failed. No 処理通番 stands here.
    static func noteLinkCode(_ state: String, of integratedNumber: String, _ database: Database)
        throws
    {
        try database.execute(
            sql: "UPDATE pair SET linkCode = ? WHERE integratedNumber = ?",
            arguments: [state, integratedNumber])
    }

    static func countAttempt(of integratedNumber: String, _ database: Database) throws {
        try database.execute(
            sql:
                "UPDATE pair SET linkCodeAttempts = linkCodeAttempts + 1 WHERE integratedNumber = ?",
            arguments: [integratedNumber])
    }

    /// How the 副本 stands: none, pending, accepted, refused.
    static func noteReplica(_ state: String, of addresseeNumber: String, _ database: Database)
        throws
    {
        try database.execute(
            sql: "UPDATE pair SET replica = ? WHERE addresseeNumber = ?",
            arguments: [state, addresseeNumber])
    }
}
