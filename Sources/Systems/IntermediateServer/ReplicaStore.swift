import GRDB
import Messaging
import ParticipantStore

/// 副本 (住民票関係情報): what other bodies may ask for, by 団体 and 団体内統合宛名番号, never by 個人番号.
///
/// A 消除 is a mark in the row (事由・年月日); the row stays answerable until its owner erases it, a dead person's does not.
enum ReplicaStore {
    /// One 副本.
    struct Replica {
        let integratedNumber: String
        let version: Int64
        let recordVersion: Int64
        let removalCategory: String
        let items: JSONFields

        /// Corrections 8: movers-out stay answerable.
        var isAnswerable: Bool { removalCategory != "deceased" }
    }

    /// Which rows of one organisation are meant.
    enum Selection {
        case all, removed
        case removedBy(CivilDate)
        case listed([String])
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("replica 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE replica(organisation TEXT NOT NULL, integratedNumber TEXT NOT NULL,
                        version INTEGER NOT NULL, recordVersion INTEGER NOT NULL, removalCategory TEXT NOT NULL,
                        items TEXT NOT NULL, updatedAt TEXT NOT NULL,
                        PRIMARY KEY(organisation, integratedNumber)) WITHOUT ROWID
                    """)
        }
        migrator.registerMigration("replica 2") { database in
            try database.execute(
                sql: """
                    ALTER TABLE replica ADD COLUMN removedOn TEXT;
                    UPDATE replica SET removedOn = substr(updatedAt, 1, 10) WHERE removalCategory <> 'none';
                    CREATE INDEX replica_removed ON replica(organisation, removedOn) WHERE removedOn IS NOT NULL;
                    CREATE TABLE replica_flag(organisation TEXT NOT NULL, integratedNumber TEXT NOT NULL,
                        item TEXT NOT NULL, reason TEXT NOT NULL, operator TEXT NOT NULL, setAt TEXT NOT NULL,
                        PRIMARY KEY(organisation, integratedNumber, item)) WITHOUT ROWID;
                    """)
        }
    }

    static func find(
        _ number: String, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Replica? {
        try Row.fetchOne(
            database,
            sql: "SELECT * FROM replica WHERE organisation = ? AND integratedNumber = ?",
            arguments: [organisation.rawValue, number]
        ).map(read)
    }

    private static func read(_ row: Row) throws -> Replica {
        let items: String = row["items"]
        return Replica(
            integratedNumber: row["integratedNumber"], version: row["version"],
            recordVersion: row["recordVersion"], removalCategory: row["removalCategory"],
            items: try PayloadCoding.decode(JSONFields.self, from: Array(items.utf8)))
    }

    /// Replaces the 副本; its own version, which rises by one.
    static func replace(
        _ update: ReplicaUpdate, _ organisation: OrganisationCode, now: Instant,
        _ database: Database
    ) throws -> Int64 {
        let items = String(decoding: try PayloadCoding.encode(update.items), as: UTF8.self)
        let removedOn: String? =
            update.removalCategory == "none"
            ? nil : update.items["removalMoveDate"]?["date"]?.text ?? now.day.iso
        let version = try Int64.fetchOne(
            database,
            sql: """
                INSERT INTO replica(organisation, integratedNumber, version, recordVersion, removalCategory,
                    items, updatedAt, removedOn) VALUES (?, ?, 1, ?, ?, ?, ?, ?)
                ON CONFLICT(organisation, integratedNumber) DO UPDATE SET version = version + 1,
                    recordVersion = excluded.recordVersion, removalCategory = excluded.removalCategory,
                    items = excluded.items, updatedAt = excluded.updatedAt, removedOn = excluded.removedOn
                RETURNING version
                """,
            arguments: [
                organisation.rawValue, update.integratedAddresseeNumber, update.recordVersion,
                update.removalCategory, items, now.rfc3339, removedOn,
            ])
        return version ?? 1
    }

    /// Rows in the order of their numbers, at most `limit`, after `after`.
    static func page(
        _ selection: Selection, after: String?, limit: Int, _ organisation: OrganisationCode,
        _ database: Database
    ) throws -> [Replica] {
        var (condition, arguments) = condition(selection, organisation)
        arguments += [after ?? "", limit]
        return try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM replica WHERE \(condition) AND integratedNumber > ?
                ORDER BY integratedNumber LIMIT ?
                """, arguments: arguments
        ).map(read)
    }

    static func isRemoved(
        _ number: String, by day: CivilDate, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM replica
                    WHERE organisation = ? AND integratedNumber = ? AND removedOn <= ?)
                """, arguments: [organisation.rawValue, number, day.iso]) ?? false
    }

    /// Erases rows and their flags; how many.
    static func erase(
        _ selection: Selection, _ organisation: OrganisationCode, _ database: Database
    ) throws -> Int {
        let (condition, arguments) = condition(selection, organisation)
        try database.execute(
            sql: """
                DELETE FROM replica_flag WHERE (organisation, integratedNumber) IN
                    (SELECT organisation, integratedNumber FROM replica WHERE \(condition))
                """, arguments: arguments)
        try database.execute(sql: "DELETE FROM replica WHERE \(condition)", arguments: arguments)
        return database.changesCount
    }

    private static func condition(
        _ selection: Selection, _ organisation: OrganisationCode
    ) -> (String, StatementArguments) {
        let own: StatementArguments = [organisation.rawValue]
        switch selection {
        case .all: return ("organisation = ?", own)
        case .removed: return ("organisation = ? AND removedOn IS NOT NULL", own)
        case .removedBy(let day):
            return ("organisation = ? AND removedOn <= ?", own + [day.iso])
        case .listed(let numbers):
            let marks = Array(repeating: "?", count: numbers.count).joined(separator: ", ")
            return (
                "organisation = ? AND integratedNumber IN (\(marks))",
                own + StatementArguments(numbers)
            )
        }
    }

    // MARK: 自動応答不可フラグ

    static func setFlag(
        _ request: FlagRequest, by operatorID: OperatorID, _ organisation: OrganisationCode,
        now: Instant, _ database: Database
    ) throws {
        let key: StatementArguments = [
            organisation.rawValue, request.integratedAddresseeNumber, request.item ?? "",
        ]
        if request.noAutomaticAnswer {
            try database.execute(
                sql: "INSERT OR REPLACE INTO replica_flag VALUES (?, ?, ?, ?, ?, ?)",
                arguments: key + [request.reason, operatorID.rawValue, now.rfc3339])
        } else {
            try database.execute(
                sql: """
                    DELETE FROM replica_flag WHERE organisation = ? AND integratedNumber = ? AND item = ?
                    """, arguments: key)
        }
    }

    /// Why these items of a subject are not answered automatically: `subject`, `item`, or nil.
    static func flag(
        on number: String, items: [String], _ organisation: OrganisationCode, _ database: Database
    ) throws -> String? {
        let flagged = try String.fetchSet(
            database,
            sql: "SELECT item FROM replica_flag WHERE organisation = ? AND integratedNumber = ?",
            arguments: [organisation.rawValue, number])
        if flagged.contains("") { return "subject" }
        return items.contains(where: flagged.contains) ? "item" : nil
    }
}
