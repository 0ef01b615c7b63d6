import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報ファイル (F2): one current row per 住民票コード, and the rows before it (履歴; R-056).
enum IdentityStore {
    private static let columns = F2Item.columns + ["furiganaCertified"]

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
    }

    /// What decides about an update.
    struct Standing {
        let sequence: Int64
        let isForbidden: Bool
        let isRemoved: Bool
    }

    static func standing(_ code: String, _ database: Database) throws -> Standing? {
        let row = try Row.fetchOne(
            database,
            sql:
                "SELECT updateSequence, updateForbiddenFlag, recordStatusFlag FROM identity WHERE juminhyoCode = ?",
            arguments: [code])
        return row.map {
            Standing(
                sequence: $0[0], isForbidden: $0[1] == "1", isRemoved: $0[2] == "removed")
        }
    }

    /// Whether a 個人番号 belongs to another 住民票コード (V-11).
    static func isOthers(individualNumber: String, than code: String, _ database: Database) throws
        -> Bool
    {
        try Int.fetchOne(
            database,
            sql: "SELECT 1 FROM identity WHERE individualNumber = ? AND juminhyoCode <> ?",
            arguments: [individualNumber, code]) != nil
    }

    /// Makes the update the current row; the row before becomes 履歴情報.
    static func update(
        _ request: IdentityUpdateRequest, from message: ReceivedMessage, now: Instant,
        _ database: Database
    ) throws {
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        try database.execute(
            sql:
                "INSERT INTO identity_history(\(names)) SELECT \(names) FROM identity WHERE juminhyoCode = ?",
            arguments: [request.juminhyoCode])
        try database.execute(
            sql: "UPDATE identity_history SET recordStatusFlag = 'history' WHERE juminhyoCode = ?",
            arguments: [request.juminhyoCode])
        let values = values(of: request, from: message, now: now)
        let marks = (columns + ["prefecture"]).map { _ in "?" }.joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO identity(\(names), prefecture) VALUES (\(marks))")
        try statement.execute(arguments: StatementArguments(values + ["none"]))
    }

    /// F2-1 to F2-25 and 旧氏 from the register, F2-26 to F2-36 from the envelope and the CS itself.
    private static func values(
        of request: IdentityUpdateRequest, from message: ReceivedMessage, now: Instant
    ) -> [(any DatabaseValueConvertible)?] {
        var fields = request.fields
        let furigana = fields["nameFurigana"]
        if case .object(let parts)? = furigana { fields["nameFurigana"] = parts["value"] }
        let gaiji = [
            "nameGaijiCount", "addressGaijiCount", "previousAddressGaijiCount",
            "formerSurnameGaijiCount",
        ]
        .contains { (fields[$0]?.integer ?? 0) > 0 }
        fields["operatorId"] = message.envelope.operatorID.map { .text($0.rawValue) }
        fields["terminalId"] = message.envelope.terminal.map { .text($0.rawValue) }
        fields["moveReasonUpdateSequence"] = .integer(request.updateSequence)
        fields["updateForbiddenFlag"] = .text("0")
        fields["plannedPersonFlag"] = .text("0")
        fields["exclusiveLockFlag"] = .text("0")
        fields["gaijiFlag"] = .text(gaiji ? "1" : "0")
        fields["recordStatusFlag"] = .text(request.isRemoval ? "removed" : "current")
        fields["timestamp"] = .text(now.rfc3339)
        let certified = furigana?["certified"] == .flag(true)
        return F2Item.allCases.map { item -> (any DatabaseValueConvertible)? in
            fields[item.rawValue]?.text ?? fields[item.rawValue]?.integer
        } + [certified]
    }

    /// The eight items a prefecture is told (II(2)5③), of the current row.
    static func noticeFields(_ code: String, _ database: Database) throws -> JSONFields {
        let items: [F2Item] = [
            .juminhyoCode, .nameKanji, .birthDate, .sex, .address, .individualNumber, .moveReason,
            .moveDate,
        ]
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM identity WHERE juminhyoCode = ?", arguments: [code])
        guard let row else { throw Refuse("match-failed") }
        var fields: JSONFields = [:]
        for item in items {
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
