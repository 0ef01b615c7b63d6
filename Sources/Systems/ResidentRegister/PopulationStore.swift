import GRDB

/// What the interfaces beside the 異動 look the register up by (索引), and the counters an 初期登録 keeps in step.
enum PopulationStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("interfaces 1") { database in
            try database.execute(
                sql: """
                    CREATE INDEX resident_card ON resident(residenceCardNumber)
                        WHERE residenceCardNumber IS NOT NULL;
                    CREATE INDEX resident_name ON resident(nameKanji);
                    CREATE INDEX held_certificate_group ON held_certificate(groupId);
                    """)
        }
    }

    /// A counter never gives again what came from outside.
    static func raise(_ counter: String, to value: Int64, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO counter(name, value) VALUES (?, ?)
                ON CONFLICT(name) DO UPDATE SET value = max(value, excluded.value)
                """, arguments: [counter, value])
    }

    static func value(_ counter: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database, sql: "SELECT value FROM counter WHERE name = ?", arguments: [counter])
    }

    /// Residents whose 在留カード等番号 is this one; two are enough to know that it is not one.
    static func residents(
        residenceCardNumber: String, _ database: Database
    ) throws -> [RegisterStore.Current] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM resident WHERE residenceCardNumber = ? LIMIT 2",
            arguments: [residenceCardNumber]
        ).map(RegisterStore.current(from:))
    }

    /// Residents of this name, at most fifty.
    static func residents(name: String, _ database: Database) throws -> [RegisterStore.Current] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM resident WHERE nameKanji = ? AND state <> 'removed' LIMIT 50",
            arguments: [name]
        ).map(RegisterStore.current(from:))
    }

    /// The resident with this 個人番号.
    static func resident(
        individualNumber: String, _ database: Database
    ) throws -> RegisterStore.Current? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM resident WHERE individualNumber = ?",
            arguments: [individualNumber]
        ).map(RegisterStore.current(from:))
    }

    /// The next residents above a 住民票コード, in its order.
    static func residents(
        afterCode code: String, limit: Int, _ database: Database
    ) throws -> [RegisterStore.Current] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM resident WHERE juminhyoCode > ? ORDER BY juminhyoCode LIMIT ?",
            arguments: [code, limit]
        ).map(RegisterStore.current(from:))
    }

    /// The next residents above a 宛名番号, in its order.
    static func residents(
        afterAddressee number: String, limit: Int, _ database: Database
    ) throws -> [RegisterStore.Current] {
        try Row.fetchAll(
            database,
            sql:
                "SELECT * FROM resident WHERE addresseeNumber > ? ORDER BY addresseeNumber LIMIT ?",
            arguments: [number, limit]
        ).map(RegisterStore.current(from:))
    }

    /// Whether somebody of a 転出証明書 group that one of these people came with is still on the way in.
    static func hasIncompleteGroup(juminhyoCodes: [String], _ database: Database) throws -> Bool {
        for code in juminhyoCodes {
            let open = try Int.fetchOne(
                database,
                sql: """
                    SELECT 1 FROM held_certificate WHERE state = 'inUse' AND groupId =
                        (SELECT groupId FROM held_certificate WHERE juminhyoCode = ?) LIMIT 1
                    """, arguments: [code])
            if open != nil { return true }
        }
        return false
    }

    /// A draft of a change about this person waits for its approval.
    static func openDraft(juminhyoCode: String, _ database: Database) throws -> String? {
        try String.fetchOne(
            database, sql: "SELECT draftNumber FROM draft_member WHERE juminhyoCode = ? LIMIT 1",
            arguments: [juminhyoCode])
    }

    /// People who came by 初期登録.
    static func imported(_ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM committed_change WHERE draftNumber >= 'I' AND draftNumber < 'J'
                """) ?? 0
    }

    /// Columns of the register's own table that are neither an item of F1 nor what is kept beside them.
    static func foreignColumns(_ database: Database) throws -> [String] {
        let beside: Set = ["furiganaCertified", "version", "state", "certificateSubjectId"]
        return try database.columns(in: "resident").map(\.name).filter {
            F1Item(rawValue: $0) == nil && !beside.contains($0)
        }
    }
}
