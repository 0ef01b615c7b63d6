import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know about the register (試験用の状態): no number, name or address of anybody.
///
/// * `state`: none, draft, current, plannedMoveOut, removed, archived (of the subject; without one, of the only
///   resident if there is one)
/// * `previousMunicipalityCode`: six digits of the 前住所自治体, or ""
/// * `certificate`: none, held, inUse, consumed; a purged one leaves no trace of the person
/// * `version` (履歴番号), `historyRows`, `provisionalRows`: of the subject or of all
/// * `residents`, `heldCertificates` (held or in use), `purgedCertificates`: counts of all
/// * `answer.<step>`: waiting, accepted or refused, of the latest version (A1-03, A1-12, A1-13, A4-04)
/// * `moveReason`, `addressFixedDate`, `furiganaCertified`, `hasIndividualNumber`, `formerNumbers` (numbers the person had
///   before), `codeChanged`, `householdMembers`
/// * `removalReason`, `removalDate`, `removalCategory`, `plannedMunicipality`, `confirmedMunicipality`, `moveInNotices`,
///   `plannedDate`, `moveOutCertificate` (none, sent, withdrawing, withdrawn, answered)
/// * `numberRequest`: none, outstanding, assigned, refused; `freeCodes`: of the pool; `mailing`: state of the newest 送付先
/// * `verifications`: changes with a B2 or B5 result (R-048); `reasons`: 異動事由 of the history, joined by `>`
/// * `manualCases` (open), `pendingCancellations`, `archived`, `receptions`: counts of all
/// * `processingNumbersStored`, `integratedNumbersStored`: cells of the business tables that look like one (R-030)
enum RegisterFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        var facts: JSONFields = [
            "residents": .integer(try count("SELECT count(*) FROM resident", database)),
            "heldCertificates": .integer(
                try count(
                    "SELECT count(*) FROM held_certificate WHERE content IS NOT NULL", database)),
            "purgedCertificates": .integer(
                try count("SELECT value FROM counter WHERE name = 'purged'", database)),
            "processingNumbersStored": .integer(
                Int64(
                    try CellStore.count(database) {
                        $0.contains("processingNumber") || $0.hasPrefix("PN-")
                    })),
            "integratedNumbersStored": .integer(
                Int64(
                    try CellStore.count(database) {
                        $0.utf8.count == 15 && $0.utf8.allSatisfy { $0 &- 48 < 10 }
                    })),
        ]
        let person = try person(subject, database)
        let codes: StatementArguments = [
            person?.record.text(.juminhyoCode) ?? subject?.juminhyoCode
        ]
        let all = subject == nil
        facts["provisionalRows"] = .integer(
            try count(
                "SELECT count(*) FROM draft_member" + (all ? "" : " WHERE juminhyoCode IS ?"),
                database, all ? [] : codes))
        facts["historyRows"] = .integer(
            try count(
                "SELECT count(*) FROM resident_history"
                    + (all ? "" : " WHERE addresseeNumber IS ?"),
                database, all ? [] : [person?.record.text(.addresseeNumber)]))
        let drafted = facts["provisionalRows"]?.integer ?? 0 > 0
        let archived = try count(
            "SELECT count(*) FROM resident_archive WHERE juminhyoCode IS ?", database, codes)
        facts["state"] = .text(
            person?.state.rawValue ?? (drafted ? "draft" : archived > 0 ? "archived" : "none"))
        facts["previousMunicipalityCode"] = .text(
            person?.record.text(.previousMunicipalityCode) ?? "")
        facts["version"] = .integer(person?.version ?? 0)
        facts["certificate"] = .text(try certificate(all, codes, database))
        try answers(person, into: &facts, database)
        try PersonFacts.add(person, to: &facts, database)
        try InterfaceFactsStore.add(to: &facts, about: person, database)
        return facts
    }

    private static func person(
        _ subject: LabState.Subject?, _ database: Database
    ) throws -> RegisterStore.Current? {
        if let code = subject?.juminhyoCode {
            return try RegisterStore.current(juminhyoCode: code, database)
        }
        if let number = subject?.addresseeNumber {
            return try RegisterStore.current(addresseeNumber: number, database)
        }
        let codes = try String.fetchAll(database, sql: "SELECT juminhyoCode FROM resident LIMIT 2")
        guard subject == nil, codes.count == 1 else { return nil }
        return try RegisterStore.current(juminhyoCode: codes[0], database)
    }

    private static func certificate(
        _ all: Bool, _ codes: StatementArguments, _ database: Database
    ) throws -> String {
        let state = try String.fetchAll(
            database,
            sql: "SELECT state FROM held_certificate"
                + (all ? " LIMIT 2" : " WHERE juminhyoCode IS ?"),
            arguments: all ? [] : codes)
        return state.count == 1 ? state[0] : "none"
    }

    private static func answers(
        _ person: RegisterStore.Current?, into facts: inout JSONFields, _ database: Database
    ) throws {
        guard let number = person?.record.text(.addresseeNumber) else { return }
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT step, result FROM fan_out WHERE addresseeNumber = ? AND version = ?",
            arguments: [number, person?.version])
        for row in rows {
            let step: String = row[0]
            facts["answer.\(step.filter { $0 != "-" })"] = .text(row[1])
        }
    }

    static func count(
        _ sql: String, _ database: Database, _ arguments: StatementArguments = []
    ) throws -> Int64 {
        try Int64.fetchOne(database, sql: sql, arguments: arguments) ?? 0
    }
}
