import GRDB
import Messaging

/// The log of certificates (証明書の発行記録, R-070): who issued what of whom, where and when; no content.
enum IssueStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("issue 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE certificate_issue(number INTEGER PRIMARY KEY, issueNumber TEXT UNIQUE,
                        addresseeNumber TEXT NOT NULL, type TEXT NOT NULL, scope TEXT NOT NULL,
                        applicant TEXT NOT NULL, items TEXT NOT NULL, code TEXT, numberPrinted INTEGER NOT NULL,
                        version INTEGER, operator TEXT NOT NULL, terminal TEXT, at TEXT NOT NULL);
                    CREATE INDEX certificate_issue_addressee ON certificate_issue(addresseeNumber);
                    """)
        }
    }

    struct Entry {
        let issueNumber: String?
        let request: CertificateIssue.Request
        let code: String?
        let numberPrinted: Bool
        let version: Int64?
        let operatorID: OperatorID
        let terminal: TerminalID?
        let at: Instant
    }

    static func add(_ entry: Entry, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO certificate_issue(issueNumber, addresseeNumber, type, scope, applicant, items,
                    code, numberPrinted, version, operator, terminal, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.issueNumber, entry.request.addresseeNumber,
                entry.request.certificateType.rawValue, entry.request.scope.rawValue,
                entry.request.applicant.kind, entry.request.include.joined(separator: ","),
                entry.code, entry.numberPrinted, entry.version, entry.operatorID.rawValue,
                entry.terminal?.rawValue, entry.at.rfc3339,
            ])
    }

    /// Issued and refused, of one person or of all.
    static func counts(
        _ addresseeNumber: String?, _ database: Database
    ) throws -> (issued: Int, refused: Int, withNumber: Int) {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT count(issueNumber), count(code), coalesce(sum(numberPrinted), 0) FROM certificate_issue
                WHERE ?1 IS NULL OR addresseeNumber = ?1
                """, arguments: [addresseeNumber])
        return row.map { ($0[0], $0[1], $0[2]) } ?? (0, 0, 0)
    }
}
