import GRDB
import Messaging
import Participant
import ParticipantStore

/// 要確認: what only a person can resolve, listed and decided at the terminal.
extension RegisterHandler {
    func listCases(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ManualCaseRequest.self, from: message.payload)
        let cases = try ManualCaseStore.open(transaction.database)
            .filter { request.code == nil || $0.code == request.code }
        let rows = cases.map { item in
            JSONValue.object([
                "id": .text(item.id), "code": .text(item.code),
                "reference": .text(item.reference), "openedAt": .text(item.openedAt),
                "details": .object(item.details),
            ])
        }
        let reply: JSONFields = ["open": .integer(Int64(cases.count)), "cases": .array(rows)]
        try dispatch.send(
            Draft("manual-case.list.result/v1", reply), to: message.envelope.source,
            for: Cause(message), transaction)
    }

    /// The decision is carried out in the transaction that records it.
    func decideCase(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ManualCaseRequest.self, from: message.payload)
        let id = request.id ?? ""
        let refusal = try attempt(transaction) {
            guard let operatorID = message.envelope.operatorID else {
                throw Declined("operator-missing")
            }
            guard let item = try ManualCaseStore.find(id, transaction.database) else {
                throw Declined("case-unknown")
            }
            guard item.state == "open" else { throw Declined("case-closed") }
            let decision = request.decision ?? ""
            guard Self.decisions.contains(decision) else {
                throw Declined("decision-unknown")
            }
            if Self.needsSupervisor.contains(item.code),
                !settings.supervisors.contains(operatorID.rawValue)
            {
                throw Declined("supervisor-required")
            }
            _ = try ManualCaseStore.decide(
                id, decision, by: operatorID, reason: request.reason ?? "", transaction)
            try carryOut(decision, item, transaction)
        }
        var fields: JSONFields = [
            "id": .text(id), "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["code"] = refusal.map { .text($0) }
        try dispatch.send(
            Draft("manual-case.reply/v1", fields), to: message.envelope.source,
            for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "manual-case.decide", result: refusal == nil ? "accepted" : "refused",
                code: refusal, reference: id),
            in: message.zone, for: Cause(message), transaction)
    }

    /// What a 所属長 decides, not a clerk.
    private static let needsSupervisor: Set<String> = [
        DeadlineFlag.code, withdrawalRefused, withdrawalUnanswered,
    ]

    private static let decisions: Set<String> = ["proceed", "discard"]

    private func carryOut(
        _ decision: String, _ item: ManualCaseStore.Case, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        switch item.code {
        case DeadlineFlag.code:
            guard decision == "discard",
                let draft = try DraftStore.draft(item.reference, database)
            else { return }
            try drop(draft, database)
        case Self.withdrawalRefused, Self.withdrawalUnanswered:
            guard
                let pending = try CancellationStore.pending(
                    draftNumber: item.reference, database)
            else { return }
            if decision == "proceed" {
                // Refused ones were answered when the peer refused.
                return try finish(
                    pending, answering: item.code == Self.withdrawalUnanswered, transaction)
            }
            try abandon(pending, answering: item.code == Self.withdrawalUnanswered, transaction)
        default: break
        }
    }
}
