import GRDB
import ParticipantStore

/// What a test observer may know about the CS (試験用の状態): no number, name or address of anybody.
///
/// * `identity`: none, current, removed; `sequence` (F2-29), `versions` (current and history rows), of the subject
/// * `prefecture`: none, waiting, accepted, refused: how the prefecture took the current row
/// * `certificate`: none or held; `pairWaiting`: whether one half of B3-05 waits for the other
/// * `mailingAddresses` (F3 rows), `identities`, `heldCertificates`, `pairsWaiting`, `relaysOpen`: of all
/// * `verifications`, `verificationsMatched`: rows of the operation log
/// * `processingNumbersStored`: cells of the business tables that look like a 処理通番
enum CSFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        func count(_ sql: String, _ arguments: StatementArguments = []) throws -> JSONValue {
            .integer(try Int64.fetchOne(database, sql: sql, arguments: arguments) ?? 0)
        }
        var facts: JSONFields = [
            // F3 comes with B7; until then there is no table for it and no row.
            "mailingAddresses": .integer(0),
            "identities": try count("SELECT count(*) FROM identity"),
            "heldCertificates": try count("SELECT count(*) FROM held_certificate"),
            "pairsWaiting": try count("SELECT count(*) FROM simultaneous"),
            "relaysOpen": try count("SELECT count(*) FROM relay"),
            "verifications": try count("SELECT count(*) FROM operation_log"),
            "verificationsMatched": try count(
                "SELECT count(*) FROM operation_log WHERE outcome = 'matched'"),
            "processingNumbersStored": .integer(
                Int64(
                    try CellStore.count(database) {
                        $0.contains("processingNumber") || $0.hasPrefix("PN-")
                    })),
        ]
        guard let code = subject?.juminhyoCode else { return facts }
        let row = try Row.fetchOne(
            database,
            sql:
                "SELECT recordStatusFlag, updateSequence, prefecture FROM identity WHERE juminhyoCode = ?",
            arguments: [code])
        let held = try Int.fetchOne(
            database, sql: "SELECT 1 FROM held_certificate WHERE juminhyoCode = ?",
            arguments: [code])
        let waiting = try Int.fetchOne(
            database, sql: "SELECT 1 FROM simultaneous WHERE juminhyoCode = ?", arguments: [code])
        let history = try Int64.fetchOne(
            database, sql: "SELECT count(*) FROM identity_history WHERE juminhyoCode = ?",
            arguments: [code])
        facts["identity"] = .text(row?[0] ?? "none")
        facts["sequence"] = .integer(row?[1] ?? 0)
        facts["prefecture"] = .text(row?[2] ?? "none")
        facts["versions"] = .integer((history ?? 0) + (row == nil ? 0 : 1))
        facts["certificate"] = .text(held == nil ? "none" : "held")
        facts["pairWaiting"] = .flag(waiting != nil)
        return facts
    }
}
