import GRDB
import ParticipantStore

/// What a test observer may know about 庁内連携 (試験用の状態): no number, name or address of anybody.
///
/// * `present`, `version`, `holdsIndividualNumber`: of the subject
/// * `residents`, `transfersSent`: counts; transfers of the subject or of all
enum LinkageFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        let number = subject?.addresseeNumber
        let transfers = try Int64.fetchOne(
            database, sql: "SELECT count(*) FROM transfer WHERE ? IS NULL OR addresseeNumber = ?",
            arguments: [number, number])
        var facts: JSONFields = [
            "residents": .integer(
                try Int64.fetchOne(database, sql: "SELECT count(*) FROM resident") ?? 0),
            "transfersSent": .integer(transfers ?? 0),
        ]
        guard let number else { return facts }
        let row = try Row.fetchOne(
            database,
            sql: "SELECT version, removalCategory, items FROM resident WHERE addresseeNumber = ?",
            arguments: [number])
        facts["present"] = .flag(row != nil && row?[1] == "none")
        facts["version"] = .integer(row?[0] ?? 0)
        let items: String = row?[2] ?? ""
        facts["holdsIndividualNumber"] = .flag(items.contains("individualNumber"))
        return facts
    }
}
