import GRDB
import Messaging

/// 除票 after five years (保存; R-096, AMB-14): out of the main store into the archive, never deleted.
enum ArchiveStore {
    /// A removal starts the clock; a corrected date starts it anew.
    static func schedule(
        _ addresseeNumber: String, removedOn day: CivilDate, years: Int, _ database: Database
    ) throws {
        let due =
            CivilDate(year: day.year + years, month: day.month, day: day.day)
            ?? CivilDate(year: day.year + years, month: 3, day: 1) ?? day
        try database.execute(
            sql: "INSERT OR REPLACE INTO removal VALUES (?, ?, ?)",
            arguments: [addresseeNumber, day.iso, due.startInstant.nanosecondsSince1970])
    }

    static func unschedule(_ addresseeNumber: String, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM removal WHERE addresseeNumber = ?", arguments: [addresseeNumber])
    }

    /// Moves what is due with its whole history, at most `limit` people; returns how many.
    static func archive(_ now: Instant, limit: Int, _ database: Database) throws -> Int {
        let due = try String.fetchAll(
            database,
            sql: "SELECT addresseeNumber FROM removal WHERE archiveAt <= ? LIMIT ?",
            arguments: [now.nanosecondsSince1970, limit])
        let items = ResidentRecord.columns.map { "\"\($0)\"" }.joined(separator: ", ")
        for number in due {
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO resident_archive SELECT \(items), version, state, certificateSubjectId, ?
                    FROM resident WHERE addresseeNumber = ? AND state = 'removed'
                    """, arguments: [now.rfc3339, number])
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO resident_history_archive
                    SELECT \(items), version, drafter, approver, committedAt, state
                    FROM resident_history WHERE addresseeNumber = ?
                    """, arguments: [number])
            for table in ["resident", "resident_history", "removal", "move_out", "move_in_notice"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE addresseeNumber = ?", arguments: [number])
            }
        }
        return due.count
    }
}
