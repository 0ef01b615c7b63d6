import Crypto
import FoundationEssentials
import GRDB
import Messaging
import Participant
import ParticipantStore

/// 送付先情報ファイル (F3): a header per mailing and a row per person, from the extraction until its 消去 (R-092).
///
/// Never in a backup (R-093), never changed after it was sent (R-094).
enum MailingStore {
    static let tables = ["mailing", "mailing_person"]

    /// extracted → matched | heldMismatch → sent → acked (the clock runs) | refused.
    enum State: String {
        case extracted, heldMismatch, sent, acked, refused
    }

    /// What the CS needs to know of a mailing beside its items.
    struct Mailing {
        let number: String
        let state: State
        let major: Int
        let correlation: CorrelationID
        let asker: ParticipantID
        let request: MessageID
        let zone: ZoneID
    }

    static func register(in migrator: inout DatabaseMigrator) {
        let header = columnList(F3Item.header)
        let person = columnList(F3Item.person)
        migrator.registerMigration("mailing 1") { database in
            // A trigger keeps what has been sent as it was sent (R-094).
            let frozen = F3Item.header.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            let frozenPerson = F3Item.person.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            try database.execute(
                sql: """
                    CREATE TABLE mailing(\(header), state TEXT NOT NULL, major INTEGER NOT NULL,
                        correlation TEXT NOT NULL, asker TEXT NOT NULL, request TEXT NOT NULL, zone TEXT NOT NULL,
                        purgeAt INTEGER, PRIMARY KEY(mailingControlNumber));
                    CREATE INDEX mailing_due ON mailing(purgeAt) WHERE purgeAt IS NOT NULL;
                    CREATE TABLE mailing_person(\(person), mailingControlNumber TEXT NOT NULL,
                        position INTEGER NOT NULL, matched INTEGER NOT NULL DEFAULT 0, askAt INTEGER,
                        PRIMARY KEY(mailingControlNumber, position));
                    CREATE INDEX mailing_person_code ON mailing_person(juminhyoCode);
                    CREATE INDEX mailing_person_ask ON mailing_person(askAt) WHERE askAt IS NOT NULL;
                    CREATE TRIGGER mailing_frozen BEFORE UPDATE OF \(frozen) ON mailing
                        WHEN OLD.state IN ('sent', 'acked', 'refused')
                        BEGIN SELECT RAISE(ABORT, 'sent 送付先情報 is not changed (R-094)'); END;
                    CREATE TRIGGER mailing_person_frozen BEFORE UPDATE OF \(frozenPerson) ON mailing_person
                        WHEN (SELECT state FROM mailing WHERE mailingControlNumber = OLD.mailingControlNumber)
                            IN ('sent', 'acked', 'refused')
                        BEGIN SELECT RAISE(ABORT, 'sent 送付先情報 is not changed (R-094)'); END;
                    """)
        }
    }

    private static func columnList(_ items: [F3Item]) -> String {
        items.map { "\"\($0.rawValue)\" \($0.isCount ? "INTEGER" : "TEXT")" }
            .joined(separator: ", ")
    }

    // MARK: Writing and reading the items

    /// Stores header and persons; what was there under the number and was not sent goes.
    static func store(
        _ fields: JSONFields, _ persons: [JSONFields], from message: ReceivedMessage,
        _ database: Database
    ) throws {
        let number = fields["mailingControlNumber"]?.text ?? ""
        try delete(number, database)
        let names = F3Item.header.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let marks = F3Item.header.map { _ in "?" }.joined(separator: ", ")
        try database.execute(
            sql: """
                INSERT INTO mailing(\(names), state, major, correlation, asker, request, zone)
                VALUES (\(marks), 'extracted', ?, ?, ?, ?, ?)
                """,
            arguments: StatementArguments(
                try F3Item.header.map { try value(of: $0, in: fields) } + [
                    message.envelope.topic.major, message.envelope.correlation.rawValue,
                    message.envelope.source.rawValue, message.envelope.id.rawValue,
                    message.zone.rawValue,
                ]))
        let personNames = F3Item.person.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let personMarks = F3Item.person.map { _ in "?" }.joined(separator: ", ")
        for (position, person) in persons.enumerated() {
            try database.execute(
                sql: """
                    INSERT INTO mailing_person(\(personNames), mailingControlNumber, position, askAt)
                    VALUES (\(personMarks), ?, ?, 0)
                    """,
                arguments: StatementArguments(
                    try F3Item.person.map { try value(of: $0, in: person) } + [number, position]))
        }
    }

    private static func value(
        of item: F3Item, in fields: JSONFields
    ) throws -> (any DatabaseValueConvertible)? {
        switch fields[item.rawValue] {
        case .text(let text): text
        case .integer(let number): number
        case .array(let list): String(decoding: try PayloadCoding.encode(list), as: UTF8.self)
        case .flag, .object, .null, nil: nil
        }
    }

    /// The message that tells 個人番号カード管理システム: the items as they came.
    static func fields(_ mailing: Mailing, _ database: Database) throws -> JSONFields {
        guard let header = try row(mailing.number, database) else {
            throw Refuse("mailing-unknown")
        }
        var fields = try items(F3Item.header, of: header)
        let persons = try people(mailing.number, database)
        fields["targetPersons"] = .array(
            try persons.map { person in
                // v1 has 61 items and no field for the rest (令和2年5月29日).
                let known = mailing.major == 1 ? Array(F3Item.person.prefix(24)) : F3Item.person
                return .object(try items(known, of: person))
            })
        return fields
    }

    private static func items(_ items: [F3Item], of row: Row) throws -> JSONFields {
        var fields: JSONFields = [:]
        for item in items {
            let value: DatabaseValue = row[item.rawValue]
            switch value.storage {
            case .string(let text) where item.isList:
                fields[item.rawValue] = try PayloadCoding.decode(
                    JSONValue.self, from: Array(text.utf8))
            case .string(let text): fields[item.rawValue] = .text(text)
            case .int64(let number): fields[item.rawValue] = .integer(number)
            case .null, .double, .blob: fields[item.rawValue] = .null
            }
        }
        return fields
    }

    static func row(_ number: String, _ database: Database) throws -> Row? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM mailing WHERE mailingControlNumber = ?",
            arguments: [number])
    }

    static func people(_ number: String, _ database: Database) throws -> [Row] {
        try Row.fetchAll(
            database,
            sql: "SELECT * FROM mailing_person WHERE mailingControlNumber = ? ORDER BY position",
            arguments: [number])
    }

    static func find(_ number: String, _ database: Database) throws -> Mailing? {
        guard let row = try row(number, database) else { return nil }
        return Mailing(
            number: number, state: State(rawValue: row["state"]) ?? .extracted,
            major: row["major"], correlation: try CorrelationID(row["correlation"]),
            asker: try ParticipantID(row["asker"]), request: try MessageID(row["request"]),
            zone: try ZoneID(row["zone"]))
    }

    static func set(
        _ state: State, _ number: String, purgeAt: Instant? = nil, _ database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE mailing SET state = ?, purgeAt = ? WHERE mailingControlNumber = ?",
            arguments: [state.rawValue, purgeAt?.nanosecondsSince1970, number])
    }

    // MARK: Removing

    /// Every row of one mailing, at once; how many people.
    @discardableResult
    static func delete(_ number: String, _ database: Database) throws -> Int {
        try database.execute(
            sql: "DELETE FROM mailing_person WHERE mailingControlNumber = ?", arguments: [number])
        let count = database.changesCount
        try database.execute(
            sql: "DELETE FROM mailing WHERE mailingControlNumber = ?", arguments: [number])
        return count
    }

    /// The rows of a person who died (R-100): mailings nobody is left in go; of others F3-33 follows while not sent.
    static func deletePerson(_ code: String, _ database: Database) throws -> [String] {
        let numbers = try String.fetchAll(
            database,
            sql: "SELECT DISTINCT mailingControlNumber FROM mailing_person WHERE juminhyoCode = ?",
            arguments: [code])
        try database.execute(
            sql: "DELETE FROM mailing_person WHERE juminhyoCode = ?", arguments: [code])
        for number in numbers {
            let left = try people(number, database).count
            if left == 0 {
                try delete(number, database)
            } else {
                try database.execute(
                    sql: """
                        UPDATE mailing SET targetPersonCount = ?
                        WHERE mailingControlNumber = ? AND state IN ('extracted', 'heldMismatch')
                        """, arguments: [left, number])
            }
        }
        return numbers
    }

    /// What one batch of the clock took (保管期間の経過した特定個人情報を一括して削除).
    struct Purged {
        let people: Int
        /// Over the 送付先管理番号 of the batch: it tells batches apart and says nothing about anybody.
        let digest: String
    }

    /// All mailings whose time is over, in one operation (R-092); nil when none is.
    static func purge(_ now: Instant, _ database: Database) throws -> Purged? {
        let due = "SELECT mailingControlNumber FROM mailing WHERE purgeAt <= ?"
        let numbers = try String.fetchAll(
            database, sql: due + " ORDER BY mailingControlNumber",
            arguments: [now.nanosecondsSince1970])
        guard !numbers.isEmpty else { return nil }
        var hash = SHA256()
        for number in numbers { hash.update(data: Array(number.utf8) + [0x1E]) }
        try database.execute(
            sql: "DELETE FROM mailing_person WHERE mailingControlNumber IN (\(due))",
            arguments: [now.nanosecondsSince1970])
        let people = database.changesCount
        try database.execute(
            sql: "DELETE FROM mailing WHERE purgeAt <= ?", arguments: [now.nanosecondsSince1970])
        return Purged(people: people, digest: Hexadecimal.text(Array(hash.finalize())))
    }
}
