import GRDB
import Messaging

/// The pairs 個人番号 ⇔ 団体内統合宛名番号 (宛名の紐付け), one a person, with the 宛名番号 the register knows the person by.
enum PairStore {
    struct Pair {
        let integratedNumber: String
        let individualNumber: String?
        let version: Int64
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
    }

    static func pair(addresseeNumber: String, _ database: Database) throws -> Pair? {
        let row = try Row.fetchOne(
            database,
            sql:
                "SELECT integratedNumber, individualNumber, version FROM pair WHERE addresseeNumber = ?",
            arguments: [addresseeNumber])
        return row.map { Pair(integratedNumber: $0[0], individualNumber: $0[1], version: $0[2]) }
    }

    static func addresseeNumber(of integratedNumber: String, _ database: Database) throws -> String?
    {
        try String.fetchOne(
            database, sql: "SELECT addresseeNumber FROM pair WHERE integratedNumber = ?",
            arguments: [integratedNumber])
    }

    /// Gives a person the next 団体内統合宛名番号: fifteen digits, not derived from any other number.
    static func assign(_ sync: ResidentSync, birthDate: String, _ database: Database) throws
        -> String
    {
        let serial =
            try Int64.fetchOne(database, sql: "SELECT coalesce(max(serial), 0) + 1 FROM pair") ?? 1
        let digits = String(serial)
        let number = "1" + String(repeating: "0", count: max(0, 14 - digits.count)) + digits
        try database.execute(
            sql: "INSERT INTO pair VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'none', 'none')",
            arguments: [
                serial, number, sync.addresseeNumber, sync.individualNumber, state(of: sync),
                sync.recordVersion, sync.nameKanji, sync.sexCode, birthDate, sync.currentAddress,
            ])
        return number
    }

    /// Takes over a newer version; the number of a person may change, the 団体内統合宛名番号 never does.
    static func update(_ sync: ResidentSync, birthDate: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE pair SET individualNumber = coalesce(?, individualNumber), state = ?, version = ?,
                    nameKanji = ?, sexCode = ?, birthDate = ?, address = ?
                WHERE addresseeNumber = ?
                """,
            arguments: [
                sync.individualNumber, state(of: sync), sync.recordVersion, sync.nameKanji,
                sync.sexCode, birthDate, sync.currentAddress, sync.addresseeNumber,
            ])
    }

    /// Movers-out stay resolvable (corrections 8); they are only marked.
    private static func state(of sync: ResidentSync) -> String {
        sync.removalCategory == "none" ? "active" : "inactive"
    }

    /// How far the 符号 has come: none, requested, refused. No 処理通番 stands here.
    static func noteLinkCode(_ state: String, of integratedNumber: String, _ database: Database)
        throws
    {
        try database.execute(
            sql: "UPDATE pair SET linkCode = ? WHERE integratedNumber = ?",
            arguments: [state, integratedNumber])
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
