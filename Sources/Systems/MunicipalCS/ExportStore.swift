import Crypto
import FoundationEssentials
import GRDB
import Messaging
import ParticipantStore

/// Copies of 本人確認情報: the 管理簿 of who, onto which medium, approved by whom; and the copy, encrypted.
enum ExportStore {
    /// Rows of one part of a copy: what is in memory at once.
    private static let partSize = 500

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("export 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE export_ledger(number INTEGER PRIMARY KEY, at TEXT NOT NULL, operator TEXT NOT NULL,
                        terminal TEXT, purpose TEXT NOT NULL, mediumId TEXT NOT NULL, approver TEXT NOT NULL,
                        approvalReference TEXT NOT NULL, ledgerEntry TEXT NOT NULL UNIQUE, recordCount INTEGER NOT NULL)
                    """)
        }
    }

    static func isKnown(ledgerEntry: String, _ database: Database) throws -> Bool {
        try Int.fetchOne(
            database, sql: "SELECT 1 FROM export_ledger WHERE ledgerEntry = ?",
            arguments: [ledgerEntry]) != nil
    }

    /// Writes every current and 消除 row into `directory`/`number`, part by part; how many rows.
    ///
    /// Each part is JSON Lines sealed with AES-256-GCM, bound to the copy's number and its place; a copy begun again
    /// replaces what an interrupted one left.
    static func write(
        _ number: String, to directory: String, key: [UInt8], _ database: Database
    ) throws -> Int {
        let place = "\(directory)/\(number)"
        let files = FileManager.default
        if files.fileExists(atPath: place) { try files.removeItem(atPath: place) }
        try files.createDirectory(atPath: place, withIntermediateDirectories: false)
        let sealingKey = SymmetricKey(data: key)
        var count = 0
        var part = 1
        var last = ""
        while true {
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM identity WHERE juminhyoCode > ? ORDER BY juminhyoCode LIMIT ?",
                arguments: [last, partSize])
            guard let end = rows.last else { return count }
            last = end["juminhyoCode"]
            count += rows.count
            var lines: [UInt8] = []
            for row in rows { lines += try PayloadCoding.encode(fields(of: row)) + [0x0A] }
            let sealed = try AES.GCM.seal(
                lines, using: sealingKey, authenticating: Array("\(number) \(part)".utf8))
            guard let bytes = sealed.combined else {
                throw StoreError("sealing-key", "sealing a copy with a standard nonce")
            }
            try bytes.write(
                to: URL(filePath: "\(place)/\(part).sealed"), options: [.atomic])
            part += 1
        }
    }

    private static func fields(of row: Row) -> JSONFields {
        var fields: JSONFields = [:]
        for item in F2Item.allCases {
            let value: DatabaseValue = row[item.rawValue]
            fields[item.rawValue] =
                String.fromDatabaseValue(value).map { .text($0) }
                ?? Int64.fromDatabaseValue(value).map { .integer($0) } ?? .null
        }
        return fields
    }
}
