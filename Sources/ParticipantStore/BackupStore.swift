import FoundationEssentials
import GRDB

/// A consistent copy of a participant's database, taken while its process runs (バックアップ; design §7).
///
/// An export of rows and not of pages: what may not be in a backup never reaches the file. Left out are the rows of tables
/// their owner never backs up and outgoing bodies whose retention class has `backup: false`; after a restore the
/// outbox is numbered anew, so that nothing misses them.
package enum BackupStore {
    /// What was copied.
    package struct Summary: Hashable, Sendable {
        package let tables: Int
        package let rows: Int
    }

    /// Writes the copy to `file`, which must not exist; it appears there only when it is whole.
    ///
    /// Throws `backup-exists`, `backup-no-database`, `backup-undeclared` and GRDB's errors.
    package static func copy(
        from source: String, to file: String, leavingOutTypes types: Set<String>
    ) throws -> Summary {
        let files = FileManager.default
        guard files.fileExists(atPath: source) else {
            throw StoreError("backup-no-database", "reading the database to be backed up")
        }
        guard !files.fileExists(atPath: file) else {
            throw StoreError("backup-exists", "writing a backup over a file")
        }
        let unfinished = file + ".unfinished"
        if files.fileExists(atPath: unfinished) { try files.removeItem(atPath: unfinished) }
        do {
            let summary = try write(from: source, to: unfinished, leavingOutTypes: types)
            try files.moveItem(atPath: unfinished, toPath: file)
            return summary
        } catch {
            try? files.removeItem(atPath: unfinished)
            throw error
        }
    }

    private static func write(
        from source: String, to file: String, leavingOutTypes types: Set<String>
    ) throws -> Summary {
        var configuration = Configuration()
        configuration.label = "backup"
        // A kept copy is one file: no log beside it.
        configuration.journalMode = .default
        let queue = try DatabaseQueue(path: file, configuration: configuration)
        defer { try? queue.close() }
        let summary = try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
            try database.execute(sql: "ATTACH DATABASE ? AS source", arguments: [source])
            var summary = Summary(tables: 0, rows: 0)
            // One transaction: every read sees the same state of the running process's database. Deferred, since an
            // immediate one would lock that database too and its process would end at the first write.
            try database.inTransaction(.deferred) {
                guard
                    let tables = try FormatStore.neverBackedUp(database, schema: "source")
                else {
                    throw StoreError(
                        "backup-undeclared", "backing up a database its process has not opened yet")
                }
                summary = try export(without: tables, leavingOutTypes: types, database)
                return .commit
            }
            try database.execute(sql: "DETACH DATABASE source")
            return summary
        }
        return summary
    }

    private static func export(
        without excluded: Set<String>, leavingOutTypes types: Set<String>, _ database: Database
    ) throws -> Summary {
        let objects = try Row.fetchAll(
            database,
            sql: """
                SELECT type, name, sql FROM source.sqlite_master
                WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                """)
        var rows = 0
        let tables = objects.filter { $0["type"] == "table" }
        for table in tables {
            let name: String = table["name"]
            try database.execute(sql: table["sql"])
            guard !excluded.contains(name) else { continue }
            let condition = name == "bus_outbox" ? keep(without: types) : ""
            try database.execute(
                sql: "INSERT INTO main.\"\(name)\" SELECT * FROM source.\"\(name)\" \(condition)")
            rows += database.changesCount
        }
        // Triggers last: they guard the owner's writing, not the copying.
        for kind in ["index", "view", "trigger"] {
            for object in objects where object["type"] == kind {
                try database.execute(sql: object["sql"])
            }
        }
        return Summary(tables: tables.count, rows: rows)
    }

    /// Topics are catalogue names: letters, digits, dots, hyphens and a slash.
    private static func keep(without types: Set<String>) -> String {
        guard !types.isEmpty else { return "" }
        let conditions = types.sorted().map { "topic NOT LIKE '\($0)/v%'" }
        return "WHERE " + conditions.joined(separator: " AND ")
    }
}
