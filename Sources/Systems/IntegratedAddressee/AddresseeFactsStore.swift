import GRDB
import ParticipantStore

/// What a test observer may know about 団体内統合宛名 (試験用の状態): no number of anybody.
///
/// * `pair`: none, active, inactive; `version`: of the subject's record
/// * `replica`: none, pending, accepted, refused; `linkCode`: none, requested, acquiring, refused
/// * `pairs`, `relaysOpen`: of all
/// * `processingNumbersStored`: cells of the business tables that look like a 処理通番
enum AddresseeFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        var facts: JSONFields = [
            "pairs": .integer(try Int64.fetchOne(database, sql: "SELECT count(*) FROM pair") ?? 0),
            "relaysOpen": .integer(
                try Int64.fetchOne(database, sql: "SELECT count(*) FROM relay") ?? 0),
            "processingNumbersStored": .integer(
                Int64(
                    try CellStore.count(database) {
                        $0.contains("processingNumber") || $0.hasPrefix("PN-")
                    })),
        ]
        guard let subject else { return facts }
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT state, version, replica, linkCode FROM pair
                WHERE addresseeNumber = ? OR integratedNumber = ?
                """, arguments: [subject.addresseeNumber, subject.integratedAddresseeNumber])
        facts["pair"] = .text(row?[0] ?? "none")
        facts["version"] = .integer(row?[1] ?? 0)
        facts["replica"] = .text(row?[2] ?? "none")
        facts["linkCode"] = .text(row?[3] ?? "none")
        return facts
    }
}
