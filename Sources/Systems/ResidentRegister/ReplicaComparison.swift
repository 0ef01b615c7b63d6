import GRDB
import Messaging
import Participant
import ParticipantStore

/// 副本と原本の照合 (C3, R-052): exported rows by 宛名番号 against what the register would send now; item names, no values.
struct ReplicaComparison: Decodable {
    let compareId: String
    let rows: [JSONFields]

    /// Not content of the 副本: who it is, and which change brought it.
    private static let skipped: Set<String> = [
        "addresseeNumber", "recordVersion", "moveReason", "moveDate",
    ]

    /// Names of the items that differ; an absent item equals an empty one.
    static func differences(of row: JSONFields, from original: JSONFields) -> [String] {
        Set(row.keys).union(original.keys).subtracting(skipped).filter {
            (row[$0] ?? .null) != (original[$0] ?? .null)
        }.sorted()
    }
}

extension RegisterHandler {
    func compareReplicas(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let comparison = try PayloadCoding.decode(ReplicaComparison.self, from: message.payload)
        var differences: [JSONValue] = []
        for row in comparison.rows {
            let number = row["addresseeNumber"]?.text ?? ""
            guard
                let current = try RegisterStore.current(
                    addresseeNumber: number, transaction.database)
            else {
                differences.append(
                    .object(["addresseeNumber": .text(number), "kind": .text("unknown")]))
                continue
            }
            let items = ReplicaComparison.differences(of: row, from: try replica(of: current))
            guard !items.isEmpty else { continue }
            differences.append(
                .object([
                    "addresseeNumber": .text(number), "kind": .text("different"),
                    "items": .array(items.prefix(40).map { .text($0) }),
                ]))
        }
        let reply: JSONFields = [
            "compareId": .text(comparison.compareId), "result": .text("accepted"),
            "compared": .integer(Int64(comparison.rows.count)),
            "matched": .integer(Int64(comparison.rows.count - differences.count)),
            "differences": .array(differences),
        ]
        try PopulationStore.raise(
            "replica-differences", to: Int64(differences.count), transaction.database)
        try dispatch.send(
            try Draft("replica.compare.result/v1", reply).performing("C3"),
            to: message.envelope.source, for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "replica.compare", result: "accepted", step: "C3",
                reference: comparison.compareId, count: differences.count),
            in: message.zone, for: Cause(message), transaction)
    }

    /// The 副本 as A1-12 would carry it.
    private func replica(of current: RegisterStore.Current) throws -> JSONFields {
        for (_, _, draft) in try announcement(of: current)
        where draft.topic.hasPrefix("replica.update.request/") {
            return try PayloadCoding.decode(JSONFields.self, from: draft.payload)
        }
        return [:]
    }
}
