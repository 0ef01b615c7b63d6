import GRDB
import Messaging

/// 符号 by 団体 and 団体内統合宛名番号 (符号管理機能): none → pending(処理通番) → bound, or timedOut; a 処理通番 goes with `pending`.
enum LinkCodeStore {
    static func register(in migrator: inout DatabaseMigrator, _ organisation: OrganisationCode) {
        migrator.registerMigration("link code 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE link_code(integratedNumber TEXT PRIMARY KEY, state TEXT NOT NULL,
                        processingNumber TEXT UNIQUE, linkCode TEXT UNIQUE, until INTEGER) WITHOUT ROWID
                    """)
        }
        // Until then there was one organisation only, that of the process.
        migrator.registerMigration("link code 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE link_code RENAME TO link_code_1;
                    CREATE TABLE link_code(organisation TEXT NOT NULL, integratedNumber TEXT NOT NULL,
                        state TEXT NOT NULL, processingNumber TEXT UNIQUE, linkCode TEXT, until INTEGER,
                        PRIMARY KEY(organisation, integratedNumber), UNIQUE(organisation, linkCode)) WITHOUT ROWID;
                    """)
            try database.execute(
                sql: """
                    INSERT INTO link_code SELECT ?, integratedNumber, state, processingNumber, linkCode, until
                    FROM link_code_1
                    """, arguments: [organisation.rawValue])
            try database.execute(sql: "DROP TABLE link_code_1")
        }
        migrator.registerMigration("link code 3") { database in
            try database.execute(
                sql: "CREATE INDEX link_code_pending ON link_code(until) WHERE state = 'pending'")
        }
    }

    static func isBound(
        _ number: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Bool {
        try String.fetchOne(
            database,
            sql: "SELECT state FROM link_code WHERE organisation = ? AND integratedNumber = ?",
            arguments: [organisation.rawValue, number]) == "bound"
    }

    /// Whose 符号 it is, within one organisation.
    static func subject(
        of linkCode: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT integratedNumber FROM link_code
                WHERE organisation = ? AND linkCode = ? AND state = 'bound'
                """, arguments: [organisation.rawValue, linkCode])
    }

    /// Remembers 処理通番 ⇔ 団体内統合宛名番号, and nothing of the 個人番号; an earlier 処理通番 or 符号 is gone.
    static func await(
        _ processingNumber: String, for number: String, _ organisation: OrganisationCode,
        until: Instant, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO link_code VALUES (?, ?, 'pending', ?, NULL, ?)",
            arguments: [
                organisation.rawValue, number, processingNumber, until.nanosecondsSince1970,
            ])
    }

    /// Binds the 符号 and discards the 処理通番; false when nobody of that organisation waits for it.
    static func bind(
        _ issued: LinkCodeIssued, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Bool {
        try database.execute(
            sql: """
                UPDATE link_code SET state = 'bound', linkCode = ?, processingNumber = NULL, until = NULL
                WHERE processingNumber = ? AND organisation = ?
                """,
            arguments: [issued.linkCode, issued.processingNumber, organisation.rawValue])
        return database.changesCount == 1
    }

    /// Discards 処理通番 that were never answered; whose they were, at most a thousand at a time.
    static func expire(
        _ now: Instant, _ database: Database
    ) throws -> [(organisation: String, number: String)] {
        let overdue = try Row.fetchAll(
            database,
            sql: """
                SELECT organisation, integratedNumber FROM link_code
                WHERE state = 'pending' AND until < ? ORDER BY until LIMIT 1000
                """, arguments: [now.nanosecondsSince1970]
        ).map { (organisation: $0[0] as String, number: $0[1] as String) }
        for one in overdue {
            try database.execute(
                sql: """
                    UPDATE link_code SET state = 'timedOut', processingNumber = NULL, until = NULL
                    WHERE organisation = ? AND integratedNumber = ?
                    """, arguments: [one.organisation, one.number])
        }
        return overdue
    }
}
