public import GRDB

/// A look into every cell of the business tables (格納内容の点検): proof that something is not kept.
public enum CellStore {
    /// How many cells hold a text that `matches`; the bus tables, whose bodies are sealed, are left out.
    public static func count(_ database: Database, where matches: (String) -> Bool) throws -> Int {
        let tables = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'bus\\_%' ESCAPE '\\'
                    AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'grdb\\_%' ESCAPE '\\'
                """)
        var count = 0
        for table in tables {
            let rows = try Row.fetchCursor(database, sql: "SELECT * FROM \"\(table)\"")
            while let row = try rows.next() {
                for (_, value) in row {
                    switch value.storage {
                    case .string(let text): if matches(text) { count += 1 }
                    case .int64(let number): if matches(String(number)) { count += 1 }
                    case .blob(let bytes):
                        if matches(String(decoding: bytes, as: UTF8.self)) { count += 1 }
                    case .null, .double: break
                    }
                }
            }
        }
        return count
    }
}
