import GRDB
import ParticipantStore

/// What a test observer may know about the CS (試験用の状態): no number, name or address of anybody.
///
/// Of the subject:
/// * `identity`: none, current, removed; `sequence` (F2-29), `versions` (current and history rows), `history` (rows of 履歴)
/// * `prefecture`: none, waiting, accepted, refused: how the prefecture took the current row
/// * `planned` (F2-32), `forbidden` (F2-31), `numbered` (whether F2-13 is set), `formerCode` (whether F2-24 is set)
/// * `certificate`: none or held; `pairWaiting`: whether one half of B3-05 waits for the other
/// * `numberRequest`: none, outstanding, delivered, assigned, refused, quarantined
/// * `mailingState`: none, extracted, heldMismatch, sent, acked, refused
/// * `openMismatchesOfPerson`, `closedMismatchesOfPerson`
///
/// Of all: `identities`, `historyRows`, `removed`, `heldCertificates`, `certificateRequests`, `pairsWaiting`, `relaysOpen`,
/// `verifications`, `verificationsMatched`, `searches`, `inquiries`, `inquiriesMatched`, `unflagged` and `flagged` (log rows
/// with and without an application), `outstandingNumbers`, `quarantined`, `mailings`, `mailingAddresses` (F3 persons),
/// `mailingHeld`, `checks`, `checkState` (of the last run), `openMismatches`, `closedMismatches`, `corrections`,
/// `correctionsOpen`, `correctionLog`, `exports`, `manualCases`, `manualCase.codeInCamelCase`, `operations`;
/// `processingNumbersStored`: cells of the business tables that look like a 処理通番
enum CSFactsStore {
    private static let counts: [(String, String)] = [
        ("identities", "identity"), ("historyRows", "identity_history"),
        ("removed", "identity WHERE recordStatusFlag = 'removed'"),
        ("heldCertificates", "held_certificate"), ("certificateRequests", "certificate_request"),
        ("pairsWaiting", "simultaneous"), ("relaysOpen", "relay"),
        ("operations", "operation_log"),
        ("verifications", "operation_log WHERE operation = 'identity.verify'"),
        (
            "verificationsMatched",
            "operation_log WHERE operation = 'identity.verify' AND outcome = 'matched'"
        ),
        ("searches", "operation_log WHERE operation = 'identity.search'"),
        ("inquiries", "operation_log WHERE operation = 'identity.inquiry'"),
        (
            "inquiriesMatched",
            "operation_log WHERE operation = 'identity.inquiry' AND outcome = 'matched'"
        ),
        ("flagged", "operation_log WHERE flagged = 1"),
        ("unflagged", "operation_log WHERE flagged = 0"),
        ("outstandingNumbers", "number_request WHERE state = 'outstanding'"),
        (
            "quarantined",
            "manual_case WHERE code = 'number-quarantined' AND state = 'open'"
        ),
        ("mailings", "mailing"), ("mailingAddresses", "mailing_person"),
        ("mailingHeld", "mailing WHERE state = 'heldMismatch'"), ("checks", "consistency_run"),
        ("openMismatches", "consistency_mismatch WHERE closedBy IS NULL"),
        ("closedMismatches", "consistency_mismatch WHERE closedBy IS NOT NULL"),
        ("corrections", "correction WHERE state = 'applied'"),
        ("correctionsOpen", "correction WHERE state IN ('entered', 'permitted')"),
        ("correctionLog", "correction_log"), ("exports", "export_ledger"),
        ("manualCases", "manual_case WHERE state = 'open'"),
    ]

    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        var facts: JSONFields = [:]
        for (name, source) in counts {
            facts[name] = .integer(
                try Int64.fetchOne(database, sql: "SELECT count(*) FROM \(source)") ?? 0)
        }
        facts["checkState"] = .text(
            try String.fetchOne(
                database, sql: "SELECT state FROM consistency_run ORDER BY number DESC LIMIT 1")
                ?? "none")
        facts["processingNumbersStored"] = .integer(
            Int64(
                try CellStore.count(database) {
                    $0.contains("processingNumber") || $0.hasPrefix("PN-")
                }))
        let codes = try Row.fetchAll(
            database,
            sql: "SELECT code, count(*) FROM manual_case WHERE state = 'open' GROUP BY code")
        for row in codes { facts["manualCase.\(camelCase(row[0]))"] = .integer(row[1]) }
        guard let code = subject?.juminhyoCode else { return facts }
        try add(code, to: &facts, database)
        return facts
    }

    /// `sequence-gap` as `sequenceGap`: a fact's name has no hyphen.
    private static func camelCase(_ code: String) -> String {
        let words = code.split(separator: "-")
        return words.prefix(1).joined()
            + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func add(
        _ code: String, to facts: inout JSONFields, _ database: Database
    ) throws {
        func one<V: DatabaseValueConvertible>(_ sql: String) throws -> V? {
            try V.fetchOne(database, sql: sql, arguments: [code])
        }
        func count(_ source: String) throws -> Int64 {
            try one("SELECT count(*) FROM \(source) AND juminhyoCode = ?") ?? 0
        }
        let row = try IdentityStore.row(code, database)
        let history = try count("identity_history WHERE 1")
        facts["identity"] = .text(row?["recordStatusFlag"] ?? "none")
        facts["sequence"] = .integer(row?["updateSequence"] ?? 0)
        facts["prefecture"] = .text(row?["prefecture"] ?? "none")
        facts["versions"] = .integer(history + (row == nil ? 0 : 1))
        facts["history"] = .integer(history)
        facts["planned"] = .flag((row?["plannedPersonFlag"] as String?) == "1")
        facts["forbidden"] = .flag((row?["updateForbiddenFlag"] as String?) == "1")
        facts["numbered"] = .flag((row?["individualNumber"] as String?) != nil)
        facts["formerCode"] = .flag((row?["formerJuminhyoCode"] as String?) != nil)
        facts["certificate"] = .text(
            try count("held_certificate WHERE 1") == 0 ? "none" : "held")
        facts["pairWaiting"] = .flag(try count("simultaneous WHERE 1") > 0)
        facts["numberRequest"] = .text(
            try one("SELECT state FROM number_request WHERE juminhyoCode = ?") ?? "none")
        facts["mailingState"] = .text(
            try one(
                """
                SELECT m.state FROM mailing m JOIN mailing_person p USING (mailingControlNumber)
                WHERE p.juminhyoCode = ? ORDER BY m.rowid DESC LIMIT 1
                """) ?? "none")
        facts["openMismatchesOfPerson"] = .integer(
            try count("consistency_mismatch WHERE closedBy IS NULL"))
        facts["closedMismatchesOfPerson"] = .integer(
            try count("consistency_mismatch WHERE closedBy IS NOT NULL"))
    }
}
