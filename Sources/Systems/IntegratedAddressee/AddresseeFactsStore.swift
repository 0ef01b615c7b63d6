import GRDB
import ParticipantStore

/// What a test observer may know about 団体内統合宛名 (試験用の状態): no number of anybody.
///
/// * `pair`: none, active, inactive; `version`: of the subject's record; `removal`: none, movedOut, deceased …;
///   `removedOn`: the day of an exact 消除年月日, else none
/// * `replica`: none, pending, accepted, refused; `linkCode`: none, requested, acquiring, bound, refused, failed;
///   `linkCodeAttempts`: how often A5 was begun again
/// * `pairs`, `activePairs`, `relaysOpen`: of all
/// * `lookups`, `lookupsRefused`, `numbersShown`, `replicasForwarded`: rows of the log, and 個人番号 shown
/// * `processingNumbersStored`: cells of the business tables that look like a 処理通番
enum AddresseeFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        func count(_ sql: String) throws -> JSONValue {
            .integer(try Int64.fetchOne(database, sql: sql) ?? 0)
        }
        var facts: JSONFields = [
            "pairs": try count("SELECT count(*) FROM pair"),
            "activePairs": try count("SELECT count(*) FROM pair WHERE state = 'active'"),
            "relaysOpen": try count("SELECT count(*) FROM relay"),
            "lookups": try count("SELECT count(*) FROM inquiry_log WHERE operation = 'lookup'"),
            "lookupsRefused": try count(
                "SELECT count(*) FROM inquiry_log WHERE operation = 'lookup' AND result <> 'accepted'"
            ),
            "numbersShown": try count("SELECT coalesce(sum(numbersShown), 0) FROM inquiry_log"),
            "replicasForwarded": try count(
                "SELECT count(*) FROM inquiry_log WHERE operation = 'replica'"),
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
                SELECT state, version, replica, linkCode, removalCategory, linkCodeAttempts,
                    json_extract(removalMoveDate, '$.date') AS removedOn FROM pair
                WHERE addresseeNumber = ? OR integratedNumber = ?
                """, arguments: [subject.addresseeNumber, subject.integratedAddresseeNumber])
        facts["pair"] = .text(row?["state"] ?? "none")
        facts["version"] = .integer(row?["version"] ?? 0)
        facts["replica"] = .text(row?["replica"] ?? "none")
        facts["linkCode"] = .text(row?["linkCode"] ?? "none")
        facts["removal"] = .text(row?["removalCategory"] ?? "none")
        facts["removedOn"] = .text(row?["removedOn"] ?? "none")
        facts["linkCodeAttempts"] = .integer(row?["linkCodeAttempts"] ?? 0)
        return facts
    }
}
