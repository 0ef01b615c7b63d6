import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know about the 中間サーバー (試験用の状態): no number, no 符号.
///
/// * `replicas`, `replicasRemoved`, `replicasDeceased`, `flags`, `boundLinkCodes`, `pendingLinkCodes`: counts of all
/// * `replicaVersion`: of the subject, or the highest of all; `linkCodeState`: none, pending, bound, timedOut, mixed
/// * `removal`: of the subject, or of the only 副本: none, movedOut, deceased …, absent, mixed; `removedOn`: its day
/// * `listVersion`: in force today, none; `lists`: how many stand side by side
/// * `provisionRecords`, and by state `provision.answered`, `.refused`, `.held`, `.released`, `.rejected`, and by
///   reason `refused.notPermitted` …: 情報提供等記録
/// * `openSessions`, `logins`, `logouts`, `operations`, `operationsRefused`, `exports`, `purges`: R-065
/// * `individualNumbersStored`: cells of the business tables that hold a valid 個人番号
/// * `processingNumbersStored`: 処理通番 still kept
enum IntermediateFactsStore {
    static func facts(
        _ subject: LabState.Subject?, on day: CivilDate, _ database: Database
    ) throws -> JSONFields {
        func count(_ sql: String) throws -> JSONValue {
            .integer(try Int64.fetchOne(database, sql: sql) ?? 0)
        }
        func one(_ states: [String], _ none: String) -> JSONValue {
            .text(states.count > 1 ? "mixed" : states.first ?? none)
        }
        let number = subject?.integratedAddresseeNumber
        let about: StatementArguments = [number, number]
        let version = try Int64.fetchOne(
            database,
            sql: "SELECT max(version) FROM replica WHERE ? IS NULL OR integratedNumber = ?",
            arguments: about)
        let states = try String.fetchAll(
            database,
            sql: "SELECT DISTINCT state FROM link_code WHERE ? IS NULL OR integratedNumber = ?",
            arguments: about)
        let removals = try String.fetchAll(
            database,
            sql:
                "SELECT DISTINCT removalCategory FROM replica WHERE ? IS NULL OR integratedNumber = ?",
            arguments: about)
        let removedOn = try String.fetchAll(
            database,
            sql: """
                SELECT DISTINCT removedOn FROM replica
                WHERE removedOn IS NOT NULL AND (? IS NULL OR integratedNumber = ?)
                """, arguments: about)
        let list = try PermissionListStore.inForce(on: day, database)
        var facts: JSONFields = [
            "replicas": try count("SELECT count(*) FROM replica"),
            "replicasRemoved": try count(
                "SELECT count(*) FROM replica WHERE removedOn IS NOT NULL"),
            "replicasDeceased": try count(
                "SELECT count(*) FROM replica WHERE removalCategory = 'deceased'"),
            "flags": try count("SELECT count(*) FROM replica_flag"),
            "boundLinkCodes": try count("SELECT count(*) FROM link_code WHERE state = 'bound'"),
            "pendingLinkCodes": try count("SELECT count(*) FROM link_code WHERE state = 'pending'"),
            "processingNumbersStored": try count(
                "SELECT count(*) FROM link_code WHERE processingNumber IS NOT NULL"),
            "individualNumbersStored": .integer(
                Int64(try CellStore.count(database) { holdsIndividualNumber($0) })),
            "replicaVersion": .integer(version ?? 0),
            "linkCodeState": one(states, "none"), "removal": one(removals, "absent"),
            "removedOn": one(removedOn, "none"),
            "listVersion": .text(list?.version ?? "none"),
            "lists": try count("SELECT count(*) FROM permission_list"),
            "openSessions": try count(
                "SELECT count(*) FROM staff_session WHERE closedAt IS NULL"),
            "logins": try count(operations("session.opened")),
            "logouts": try count(operations("session.closed")),
            "exports": try count(operations("replica.exported")),
            "purges": try count(operations("replica.purged")),
            "operations": try count("SELECT count(*) FROM staff_operation"),
            "operationsRefused": try count(
                "SELECT count(*) FROM staff_operation WHERE result <> 'accepted'"),
            "provisionRecords": try count("SELECT count(*) FROM provision"),
        ]
        for state in ["answered", "refused", "held", "released", "rejected"] {
            facts["provision.\(state)"] = try count(
                "SELECT count(*) FROM provision WHERE state = '\(state)'")
        }
        for reason in [
            "notPermitted", "permitMissingOrInvalid", "noReplica", "linkCodeUnknown",
            "heldManualRejected",
        ] {
            facts["refused.\(reason)"] = try count(
                "SELECT count(*) FROM provision WHERE reason = '\(reason)'")
        }
        return facts
    }

    private static func operations(_ name: String) -> String {
        "SELECT count(*) FROM staff_operation WHERE operation = '\(name)' AND result = 'accepted'"
    }

    /// A run of exactly twelve digits that passes V-1.
    private static func holdsIndividualNumber(_ text: String) -> Bool {
        text.split { !$0.isASCII || !$0.isNumber }.contains {
            $0.utf8.count == 12 && IndividualNumber.isValid(String($0))
        }
    }
}
