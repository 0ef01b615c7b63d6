import GRDB
import Messaging
import ParticipantStore

/// What a test observer may know about the 中間サーバー (試験用の状態): no number, no 符号.
///
/// * `replicas`, `boundLinkCodes`, `pendingLinkCodes`: counts of all
/// * `replicaVersion`: of the subject, or the highest of all; `linkCodeState`: none, pending, bound, timedOut, mixed
/// * `individualNumbersStored`: cells of the business tables that hold a valid 個人番号
/// * `processingNumbersStored`: 処理通番 still kept
enum IntermediateFactsStore {
    static func facts(_ subject: LabState.Subject?, _ database: Database) throws -> JSONFields {
        func count(_ sql: String) throws -> JSONValue {
            .integer(try Int64.fetchOne(database, sql: sql) ?? 0)
        }
        let number = subject?.integratedAddresseeNumber
        let version = try Int64.fetchOne(
            database,
            sql: "SELECT max(version) FROM replica WHERE ? IS NULL OR integratedNumber = ?",
            arguments: [number, number])
        let states = try String.fetchAll(
            database,
            sql: "SELECT DISTINCT state FROM link_code WHERE ? IS NULL OR integratedNumber = ?",
            arguments: [number, number])
        return [
            "replicas": try count("SELECT count(*) FROM replica"),
            "boundLinkCodes": try count("SELECT count(*) FROM link_code WHERE state = 'bound'"),
            "pendingLinkCodes": try count("SELECT count(*) FROM link_code WHERE state = 'pending'"),
            "processingNumbersStored": try count(
                "SELECT count(*) FROM link_code WHERE processingNumber IS NOT NULL"),
            "individualNumbersStored": .integer(
                Int64(try CellStore.count(database) { holdsIndividualNumber($0) })),
            "replicaVersion": .integer(version ?? 0),
            "linkCodeState": .text(states.count > 1 ? "mixed" : states.first ?? "none"),
        ]
    }

    /// A run of exactly twelve digits that passes V-1.
    private static func holdsIndividualNumber(_ text: String) -> Bool {
        text.split { !$0.isASCII || !$0.isNumber }.contains {
            $0.utf8.count == 12 && IndividualNumber.isValid(String($0))
        }
    }
}
