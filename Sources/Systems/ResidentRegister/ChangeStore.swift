import GRDB
import Messaging

/// The changes that were committed (本更新の記録): which draft made which version of whom.
enum ChangeStore {
    /// The versions a change made.
    static func versions(
        of draftNumber: String, _ database: Database
    ) throws -> [(addresseeNumber: String, version: Int64)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT addresseeNumber, version FROM committed_change
                WHERE draftNumber = ? ORDER BY addresseeNumber LIMIT 100
                """, arguments: [draftNumber]
        ).map { ($0[0], $0[1]) }
    }

    /// The change a 届出 led to; nil when none was committed.
    static func committed(receptionNumber: String, _ database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT draftNumber FROM committed_change
                WHERE receptionNumber = ? ORDER BY committedAt LIMIT 1
                """, arguments: [receptionNumber])
    }

    /// The B2 or B5 result ids stored with a person's changes.
    static func verifications(of addresseeNumber: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: """
                SELECT count(*) FROM committed_change
                WHERE addresseeNumber = ? AND verificationReference IS NOT NULL
                """, arguments: [addresseeNumber]) ?? 0
    }
}
