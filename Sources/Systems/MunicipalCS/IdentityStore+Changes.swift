import GRDB
import Messaging
import ParticipantStore

/// What the CS itself does to its rows: 履歴, 予定者, 訂正, 再送, 消去.
extension IdentityStore {
    /// Copies the row to 履歴情報; its 150 years begin with the notice that replaced it (令34条②).
    static func supersede(_ code: String, now: Instant, _ database: Database) throws {
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let sources = columns.map { $0 == "recordStatusFlag" ? "'history'" : "\"\($0)\"" }
            .joined(separator: ", ")
        try database.execute(
            sql: """
                INSERT INTO identity_history(\(names), purgeAt)
                SELECT \(sources), ? FROM identity WHERE juminhyoCode = ?
                """,
            arguments: [LegalRetention.end(ofNotice: now).nanosecondsSince1970, code])
    }

    /// F2-32: 転出予定者, from A1-08 until the 消除 or the 取消.
    static func setPlanned(_ isPlanned: Bool, _ code: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE identity SET plannedPersonFlag = ?
                WHERE juminhyoCode = ? AND recordStatusFlag = 'current'
                """, arguments: [isPlanned ? "1" : "0", code])
    }

    /// F2-29 rises though no item changes: the notice goes out again (SC-09). The new number.
    static func renumber(_ code: String, now: Instant, _ database: Database) throws -> Int64 {
        try database.execute(
            sql: """
                UPDATE identity SET updateSequence = updateSequence + 1, timestamp = ?
                WHERE juminhyoCode = ?
                """, arguments: [now.rfc3339, code])
        return try standing(code, database)?.sequence ?? 0
    }

    /// Applies a confirmed 訂正 (R-042, R-043): the row before becomes 履歴情報. The new F2-29.
    static func correct(
        _ code: String, _ items: JSONFields, remove: Bool, now: Instant, _ database: Database
    ) throws -> Int64 {
        try supersede(code, now: now, database)
        var changed = items
        changed["timestamp"] = .text(now.rfc3339)
        if remove {
            changed["recordStatusFlag"] = .text("removed")
            changed["moveReason"] = .text("exOfficioRemoval")
            changed["moveDate"] = .text(now.day.date8)
        }
        let known = F2Item.allCases.filter { changed[$0.rawValue] != nil }
        let assignments = known.map { "\"\($0.rawValue)\" = ?" }.joined(separator: ", ")
        let values = known.map { item -> (any DatabaseValueConvertible)? in
            changed[item.rawValue]?.text ?? changed[item.rawValue]?.integer
        }
        let purgeAt = remove ? LegalRetention.end(ofNotice: now).nanosecondsSince1970 : nil
        try database.execute(
            sql: """
                UPDATE identity SET \(assignments), updateSequence = updateSequence + 1,
                    purgeAt = coalesce(?, purgeAt), gaijiFlag = CASE WHEN nameGaijiCount > 0 OR addressGaijiCount > 0
                        OR previousAddressGaijiCount > 0 OR formerSurnameGaijiCount > 0 THEN '1' ELSE '0' END
                WHERE juminhyoCode = ?
                """, arguments: StatementArguments(values + [purgeAt, code]))
        return try standing(code, database)?.sequence ?? 0
    }

    /// Deletes what has been kept for 150 years (R-095); how many rows.
    static func purge(_ now: Instant, _ database: Database) throws -> Int {
        var count = 0
        for table in ["identity_history", "identity"] {
            try database.execute(
                sql: "DELETE FROM \(table) WHERE purgeAt <= ?",
                arguments: [now.nanosecondsSince1970])
            count += database.changesCount
        }
        return count
    }

    /// The current rows that answer a search of the own city (B4), at most `limit`.
    static func search(_ key: SearchKey, limit: Int, _ database: Database) throws -> [Row] {
        var conditions: [String] = []
        var values: [(any DatabaseValueConvertible)?] = []
        func add(_ column: String, _ text: String) {
            let pattern = SearchKey.pattern(text)
            conditions.append(
                pattern == nil ? "\(column) = ?" : "\(column) LIKE ? ESCAPE '\\'")
            values.append(pattern ?? text)
        }
        switch key {
        case .juminhyoCode(let code): add("juminhyoCode", code)
        case .individualNumber(let number): add("individualNumber", number)
        case .fourItems(let items):
            if let name = items.name { add(nameKey, SearchKey.unspaced(name)) }
            if let address = items.address { add("address", address) }
            if let birth = items.birthDate { add("birthDate", birth) }
            if let sex = items.sex { add("sex", sex) }
        }
        return try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM identity WHERE recordStatusFlag = 'current'
                    AND \(conditions.joined(separator: " AND ")) ORDER BY juminhyoCode LIMIT ?
                """, arguments: StatementArguments(values + [limit]))
    }
}

/// How long F2 keeps what is no longer current (住民基本台帳法施行令第34条第2項; R-095).
enum LegalRetention {
    static let years = 150

    /// The first moment after 150 years from a notice: 履歴 counts from the notice that followed, 消除 from its own.
    static func end(ofNotice notice: Instant) -> Instant {
        let first = notice.day.adding(days: 1)
        let end =
            CivilDate(year: first.year + years, month: first.month, day: first.day)
            ?? CivilDate(year: first.year + years, month: 3, day: 1)
        return (end ?? first).startInstant
    }
}
