import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know about 庁内連携 (試験用の状態): no number, name or address of anybody.
///
/// * `present`, `version`, `restricted`, `holdsIndividualNumber`, `lastChange`: of the subject
/// * `residents`, `transfersSent`, `transfersAcknowledged`: counts; transfers of the subject or of all
/// * `profiles`, `resync`, `snapshots`, `recipientName.<移転先No>`: of the system
enum LinkageFactsStore {
    static func facts(
        _ subject: LabState.Subject?, _ profiles: TransferProfiles, on day: CivilDate,
        _ database: Database
    ) throws -> JSONFields {
        let number = subject?.addresseeNumber
        func count(_ sql: String) throws -> JSONValue {
            .integer(try Int64.fetchOne(database, sql: sql, arguments: [number, number]) ?? 0)
        }
        let mine = "(? IS NULL OR addresseeNumber = ?)"
        var facts: JSONFields = [
            "residents": .integer(
                try Int64.fetchOne(database, sql: "SELECT count(*) FROM resident") ?? 0),
            "transfersSent": try count("SELECT count(*) FROM transfer WHERE \(mine)"),
            "transfersAcknowledged": try count(
                "SELECT count(*) FROM transfer WHERE result = 'accepted' AND \(mine)"),
        ]
        guard let number else {
            let valid = profiles.valid(on: day)
            facts["profiles"] = .integer(Int64(valid.count))
            for profile in valid {
                facts["recipientName.\(profile.transferNumber)"] =
                    profile.name(on: day).map { .text($0) }
            }
            facts["resync"] = .text(
                try String.fetchOne(database, sql: "SELECT state FROM resync") ?? "none")
            facts["snapshots"] = .integer(
                try Int64.fetchOne(
                    database, sql: "SELECT count(*) FROM snapshot WHERE state = 'completed'") ?? 0)
            return facts
        }
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT version, removalCategory, restricted, payload FROM resident
                WHERE addresseeNumber = ?
                """, arguments: [number])
        facts["present"] = .flag(row != nil && row?[1] == "none")
        facts["version"] = .integer(row?[0] ?? 0)
        facts["restricted"] = .flag(row?[2] ?? false)
        let payload: String = row?[3] ?? ""
        facts["holdsIndividualNumber"] = .flag(payload.contains("\"individualNumber\""))
        facts["lastChange"] = .text(
            try String.fetchOne(
                database,
                sql: """
                    SELECT change FROM transfer WHERE addresseeNumber = ? ORDER BY number DESC LIMIT 1
                    """, arguments: [number]) ?? "none")
        return facts
    }
}
