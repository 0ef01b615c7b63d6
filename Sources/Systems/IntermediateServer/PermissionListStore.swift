import GRDB
import Messaging
import ParticipantStore

/// 照会許可照合リスト (C2): whole lists side by side; the one in force on the day of a request decides.
enum PermissionListStore {
    /// The list in force (適用中のリスト).
    struct List {
        let version: String
        let permitPublicKey: String
    }

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("permission list 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE permission_list(version TEXT PRIMARY KEY, effectiveFrom TEXT NOT NULL UNIQUE,
                        permitPublicKey TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE permission_entry(version TEXT NOT NULL, requestingBody TEXT NOT NULL,
                        lawItem TEXT NOT NULL, itemSet TEXT NOT NULL,
                        PRIMARY KEY(version, requestingBody, lawItem, itemSet)) WITHOUT ROWID;
                    """)
        }
    }

    /// Stores a list. A version never changes: the same again is nothing, another content under its name is refused.
    static func store(_ list: PermissionListUpdate, _ database: Database) throws {
        let content = String(decoding: try PayloadCoding.encode(list), as: UTF8.self)
        let known = try String.fetchOne(
            database, sql: "SELECT content FROM permission_list WHERE version = ?",
            arguments: [list.version])
        if let known {
            guard known == content else { throw Refuse("list-version-reused") }
            return
        }
        let rival = try String.fetchOne(
            database, sql: "SELECT version FROM permission_list WHERE effectiveFrom = ?",
            arguments: [list.effectiveFrom.iso])
        guard rival == nil else { throw Refuse("list-date-taken") }
        for entry in list.entries where !entry.itemSet.allSatisfy(ReplicaLayout.isItem) {
            throw Refuse("list-item-unknown")
        }
        try database.execute(
            sql: "INSERT INTO permission_list VALUES (?, ?, ?, ?)",
            arguments: [list.version, list.effectiveFrom.iso, list.permitPublicKey, content])
        for entry in list.entries {
            try database.execute(
                sql: "INSERT OR IGNORE INTO permission_entry VALUES (?, ?, ?, ?)",
                arguments: [
                    list.version, entry.requestingBodyId, entry.lawItemNo, key(entry.itemSet),
                ])
        }
    }

    static func inForce(on day: CivilDate, _ database: Database) throws -> List? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT version, permitPublicKey FROM permission_list WHERE effectiveFrom <= ?
                ORDER BY effectiveFrom DESC LIMIT 1
                """, arguments: [day.iso]
        ).map { List(version: $0[0], permitPublicKey: $0[1]) }
    }

    /// Whether exactly this tuple stands on the list; an item number alone means nothing (5.1).
    static func permits(
        _ request: ProvisionRequest, by list: List, _ database: Database
    ) throws -> Bool {
        guard request.listVersion == list.version else { return false }
        return try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM permission_entry
                    WHERE version = ? AND requestingBody = ? AND lawItem = ? AND itemSet = ?)
                """,
            arguments: [
                list.version, request.requestingBodyId, request.lawItemNo, key(request.itemSet),
            ]) ?? false
    }

    /// A set has no order.
    private static func key(_ itemSet: [String]) -> String {
        Set(itemSet).sorted().joined(separator: ",")
    }
}
