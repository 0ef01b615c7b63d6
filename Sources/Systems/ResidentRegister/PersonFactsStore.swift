import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know about one person's 住民票, and what waits in the register (試験用の状態).
enum PersonFacts {
    static func add(
        _ person: RegisterStore.Current?, to facts: inout JSONFields, _ database: Database
    ) throws {
        let counts = [
            "manualCases": "SELECT count(*) FROM manual_case WHERE state = 'open'",
            "pendingCancellations": "SELECT count(*) FROM cancellation",
            "archived": "SELECT count(*) FROM resident_archive",
            "receptions": "SELECT count(*) FROM reception",
            "freeCodes": "SELECT count(*) FROM code_pool WHERE isUsed = 0",
        ]
        for (name, sql) in counts {
            facts[name] = .integer(try RegisterFactsStore.count(sql, database))
        }
        let record = person?.record
        let texts: [(String, F1Item)] = [
            ("moveReason", .moveReason), ("removalReason", .removalMoveReason),
            ("removalCategory", .removalCategory),
            ("plannedMunicipality", .plannedMoveOutMunicipalityCode),
            ("confirmedMunicipality", .confirmedMoveOutMunicipalityCode),
        ]
        for (name, item) in texts { facts[name] = .text(record?.text(item) ?? "") }
        facts["addressFixedDate"] = .text(record?.date(.addressFixedDate)?.date?.iso ?? "")
        facts["removalDate"] = .text(
            person?.state == .removed ? record?.date(.removalMoveDate)?.date?.iso ?? "" : "")
        facts["furiganaCertified"] = .flag(record?.furiganaCertified ?? false)
        facts["hasIndividualNumber"] = .flag(record?[.individualNumber] != nil)
        try addStored(person, to: &facts, database)
    }

    /// What stands in other tables than the person's row.
    private static func addStored(
        _ person: RegisterStore.Current?, to facts: inout JSONFields, _ database: Database
    ) throws {
        let number = person?.record.text(.addresseeNumber)
        let arguments: StatementArguments = [number]
        facts["formerNumbers"] = .integer(
            try RegisterFactsStore.count(
                """
                SELECT count(DISTINCT individualNumber) FROM resident_history
                WHERE addresseeNumber IS ? AND individualNumber IS NOT (
                    SELECT individualNumber FROM resident WHERE addresseeNumber IS ?)
                """, database, [number, number]))
        facts["codeChanged"] = .flag(
            try RegisterFactsStore.count(
                "SELECT count(*) FROM code_change WHERE addresseeNumber IS ?", database, arguments)
                > 0)
        facts["householdMembers"] = .integer(
            try RegisterFactsStore.count(
                """
                SELECT count(*) FROM resident WHERE state <> 'removed' AND householdNumber IS (
                    SELECT householdNumber FROM resident WHERE addresseeNumber IS ?)
                """, database, arguments))
        facts["moveInNotices"] = .integer(
            try RegisterFactsStore.count(
                "SELECT count(*) FROM move_in_notice WHERE addresseeNumber IS ?", database,
                arguments))
        let plan = try number.flatMap { try MoveOutStore.plan(of: $0, database) }
        facts["plannedDate"] = .text(plan?.plannedDate.iso ?? "")
        facts["moveOutCertificate"] = .text(plan?.certificate.rawValue ?? "none")
        facts["numberRequest"] = .text(
            try String.fetchOne(
                database, sql: "SELECT state FROM number_request WHERE addresseeNumber IS ?",
                arguments: arguments) ?? "none")
        facts["mailing"] = .text(
            try String.fetchOne(
                database,
                sql: """
                    SELECT state FROM mailing WHERE addresseeNumber IS ?
                    ORDER BY controlNumber DESC LIMIT 1
                    """, arguments: arguments) ?? "none")
        facts["verifications"] = .integer(
            Int64(try number.map { try ChangeStore.verifications(of: $0, database) } ?? 0))
        let reasons = try String.fetchAll(
            database,
            sql: """
                SELECT moveReason FROM resident_history WHERE addresseeNumber IS ?
                ORDER BY version LIMIT 50
                """, arguments: arguments)
        facts["reasons"] = .text(reasons.joined(separator: ">"))
    }
}
