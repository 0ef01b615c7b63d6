import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報ファイル (F2): one current or 消除 row per 住民票コード, and the rows before it (履歴; R-056).
enum IdentityStore {
    /// The 40 items and the 公証 of the 振り仮名.
    static let columns = F2Item.columns + ["furiganaCertified"]

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("identity 1") { database in
            let items = F2Item.allCases.map {
                "\"\($0.rawValue)\" \($0.isCount ? "INTEGER" : "TEXT")"
            }
            let list = items.joined(separator: ", ") + ", furiganaCertified INTEGER"
            try database.execute(
                sql: """
                    CREATE TABLE identity(\(list), prefecture TEXT NOT NULL, PRIMARY KEY(juminhyoCode));
                    CREATE INDEX identity_number ON identity(individualNumber);
                    CREATE TABLE identity_history(\(list), PRIMARY KEY(juminhyoCode, updateSequence));
                    """)
        }
        migrator.registerMigration("identity 2") { database in
            // registerSequence: F2-29 as the register gave it; F2-29 itself also rises with what the CS does (SC-09).
            // purgeAt: 令34条②, nanoseconds; of a current row none.
            try database.execute(
                sql: """
                    ALTER TABLE identity ADD COLUMN registerSequence INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE identity ADD COLUMN purgeAt INTEGER;
                    ALTER TABLE identity_history ADD COLUMN purgeAt INTEGER;
                    UPDATE identity SET registerSequence = updateSequence;
                    CREATE INDEX identity_due ON identity(purgeAt) WHERE purgeAt IS NOT NULL;
                    CREATE INDEX identity_history_due ON identity_history(purgeAt) WHERE purgeAt IS NOT NULL;
                    CREATE INDEX identity_name ON identity(\(nameKey));
                    CREATE INDEX identity_birth ON identity(birthDate);
                    """)
        }
    }

    /// A name as it is searched for: without spaces; what is stored stays as it came.
    static let nameKey = #"replace(replace("nameKanji", '　', ''), ' ', '')"#

    /// What decides about an update.
    struct Standing {
        /// F2-29 as it stands here.
        let sequence: Int64
        /// The register's last (R-053).
        let registerSequence: Int64
        let isForbidden: Bool
        let isRemoved: Bool
    }

    static func standing(_ code: String, _ database: Database) throws -> Standing? {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT updateSequence, registerSequence, updateForbiddenFlag, recordStatusFlag
                FROM identity WHERE juminhyoCode = ?
                """,
            arguments: [code])
        return row.map {
            Standing(
                sequence: $0[0], registerSequence: $0[1], isForbidden: $0[2] == "1",
                isRemoved: $0[3] == "removed")
        }
    }

    /// Whether a 個人番号 belongs to another 住民票コード (V-11).
    static func isOthers(individualNumber: String, than codes: [String], _ database: Database)
        throws -> Bool
    {
        try String.fetchAll(
            database, sql: "SELECT juminhyoCode FROM identity WHERE individualNumber = ?",
            arguments: [individualNumber]
        ).contains { !codes.contains($0) }
    }

    /// The whole current or 消除 row.
    static func row(_ code: String, _ database: Database) throws -> Row? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM identity WHERE juminhyoCode = ?", arguments: [code])
    }

    /// Makes the update the current row; the row before becomes 履歴情報.
    static func update(
        _ request: IdentityUpdateRequest, from message: ReceivedMessage, now: Instant,
        _ database: Database
    ) throws {
        let before = try standing(request.juminhyoCode, database)
        try supersede(request.juminhyoCode, now: now, database)
        if let former = request.replacedCode {
            // SC-17: the old code's row becomes 履歴情報 of the old code; F2-24 of the new one names it.
            try supersede(former, now: now, database)
            try database.execute(
                sql: "DELETE FROM identity WHERE juminhyoCode = ?", arguments: [former])
        }
        let sequence = max(request.updateSequence, (before?.sequence ?? 0) + 1)
        let values = values(of: request, sequence: sequence, from: message, now: now)
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let marks = (columns + ["", "", ""]).map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO identity(\(names), prefecture, registerSequence, purgeAt)
                VALUES (\(marks))
                """)
        let purgeAt =
            request.isRemoved(on: now.day)
            ? LegalRetention.end(ofNotice: now).nanosecondsSince1970 : nil
        try statement.execute(
            arguments: StatementArguments(values + ["none", request.updateSequence, purgeAt]))
    }

    /// F2-1 to F2-25 and 旧氏 from the register, F2-26 to F2-36 from the envelope and the CS itself.
    private static func values(
        of request: IdentityUpdateRequest, sequence: Int64, from message: ReceivedMessage,
        now: Instant
    ) -> [(any DatabaseValueConvertible)?] {
        var fields = request.fields
        let furigana = fields["nameFurigana"]
        if case .object(let parts)? = furigana { fields["nameFurigana"] = parts["value"] }
        fields["operatorId"] = message.envelope.operatorID.map { .text($0.rawValue) }
        fields["terminalId"] = message.envelope.terminal.map { .text($0.rawValue) }
        fields["updateSequence"] = .integer(sequence)
        fields["moveReasonUpdateSequence"] = .integer(request.updateSequence)
        fields["updateForbiddenFlag"] = .text("0")
        let isPlanned = request.isPlannedRemoval(on: now.day)
        fields["plannedPersonFlag"] = .text(isPlanned ? "1" : "0")
        fields["exclusiveLockFlag"] = .text("0")
        fields["gaijiFlag"] = .text(hasGaiji(fields) ? "1" : "0")
        fields["recordStatusFlag"] = .text(request.isRemoved(on: now.day) ? "removed" : "current")
        fields["timestamp"] = .text(now.rfc3339)
        let certified = furigana?["certified"] == .flag(true)
        return F2Item.allCases.map { item -> (any DatabaseValueConvertible)? in
            fields[item.rawValue]?.text ?? fields[item.rawValue]?.integer
        } + [certified]
    }

    /// F2-34 (V-9).
    private static func hasGaiji(_ fields: JSONFields) -> Bool {
        [
            "nameGaijiCount", "addressGaijiCount", "previousAddressGaijiCount",
            "formerSurnameGaijiCount",
        ]
        .contains { (fields[$0]?.integer ?? 0) > 0 }
    }

    /// The items a prefecture is told (II(2)5③) and that 整合性確認 compares (B6), in their order.
    static let noticeItems: [F2Item] = [
        .juminhyoCode, .nameKanji, .birthDate, .sex, .address, .individualNumber, .moveReason,
        .moveDate,
    ]

    /// The eight items of a person's row; throws `match-failed` when there is none.
    static func noticeFields(_ code: String, _ database: Database) throws -> JSONFields {
        guard let row = try row(code, database) else { throw Refuse("match-failed") }
        var fields: JSONFields = [:]
        for item in noticeItems {
            fields[item.rawValue] = (row[item.rawValue] as String?).map { .text($0) } ?? .null
        }
        return fields
    }

    /// How the prefecture took the current row: none, waiting, accepted, refused.
    static func notePrefecture(_ state: String, of code: String, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE identity SET prefecture = ? WHERE juminhyoCode = ?",
            arguments: [state, code])
    }
}
