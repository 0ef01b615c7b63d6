import GRDB
import Messaging

/// Which correlations of the zones belong to one case (事案の対応表): only the register knows, for it alone crosses.
enum CaseStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("case 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE case_pairing(zone TEXT NOT NULL, correlation TEXT NOT NULL,
                        caseNumber INTEGER NOT NULL, PRIMARY KEY(zone, correlation)) WITHOUT ROWID;
                    CREATE INDEX case_pairing_case ON case_pairing(caseNumber);
                    """)
        }
    }

    /// The case a correlation belongs to; a new one when nobody has seen it.
    static func number(
        of correlation: CorrelationID, in zone: ZoneID, _ database: Database
    ) throws -> Int64 {
        let known = try Int64.fetchOne(
            database, sql: "SELECT caseNumber FROM case_pairing WHERE zone = ? AND correlation = ?",
            arguments: [zone.rawValue, correlation.rawValue])
        if let known { return known }
        let number = Int64(try RegisterStore.next("case", database))
        try add(correlation, in: zone, to: number, database)
        return number
    }

    /// Finds out that two cases are one (B3-02 and B3-04 of the same person).
    static func join(_ other: Int64, into number: Int64, _ database: Database) throws {
        guard other != number else { return }
        try database.execute(
            sql: "UPDATE case_pairing SET caseNumber = ? WHERE caseNumber = ?",
            arguments: [number, other])
        try database.execute(
            sql: "UPDATE held_certificate SET caseNumber = ? WHERE caseNumber = ?",
            arguments: [number, other])
    }

    /// The case's correlation in a zone; at the first crossing it gets a new one from `token`.
    static func correlation(
        of number: Int64, in zone: ZoneID, token: () -> UInt64, _ database: Database
    ) throws -> CorrelationID {
        let known = try String.fetchOne(
            database,
            sql: "SELECT correlation FROM case_pairing WHERE caseNumber = ? AND zone = ? LIMIT 1",
            arguments: [number, zone.rawValue])
        if let known { return try CorrelationID(known) }
        let fresh = try CorrelationID("c-\(Hexadecimal.text(token()))")
        try add(fresh, in: zone, to: number, database)
        return fresh
    }

    /// Every correlation of the case that has this one.
    static func pairs(
        of correlation: String, in zone: String?, _ database: Database
    ) throws -> [(zone: String, correlation: String)] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT zone, correlation FROM case_pairing WHERE caseNumber IN (
                    SELECT caseNumber FROM case_pairing WHERE correlation = ? AND (? IS NULL OR zone = ?))
                ORDER BY zone, correlation LIMIT 100
                """, arguments: [correlation, zone, zone])
        return rows.map { ($0[0], $0[1]) }
    }

    private static func add(
        _ correlation: CorrelationID, in zone: ZoneID, to number: Int64, _ database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO case_pairing(zone, correlation, caseNumber) VALUES (?, ?, ?)",
            arguments: [zone.rawValue, correlation.rawValue, number])
    }
}
