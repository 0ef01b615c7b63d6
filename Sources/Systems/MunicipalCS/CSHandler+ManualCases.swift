import Messaging
import Participant
import ParticipantStore

/// 要確認 at the 統合端末: what only a person can resolve.
extension CSHandler {
    func listManualCases(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let wanted = try PayloadCoding.decode(CaseQuery.self, from: message.payload).code
        let cases = try ManualCaseStore.open(transaction.database)
            .filter { wanted == nil || $0.code == wanted }
        let fields: JSONFields = [
            "open": .integer(Int64(cases.count)),
            "cases": .array(
                cases.map { waiting in
                    .object([
                        "id": .text(waiting.id), "code": .text(waiting.code),
                        "reference": .text(waiting.reference),
                        "openedAt": .text(waiting.openedAt), "details": .object(waiting.details),
                    ])
                }),
        ]
        var draft = try Draft("manual-case.list.result/v1", fields).forgotten()
        draft.expiry = message.envelope.expiry
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// `discard` ends every case; `resend` is for 送付先情報. A decision that does not fit is refused and the case stays open.
    func decideManualCase(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let decision = try PayloadCoding.decode(CaseDecision.self, from: message.payload)
        guard let name = message.envelope.operatorID else { throw Refuse("operator-missing") }
        let refusal = try refusal(of: decision, transaction)
        if refusal == nil {
            _ = try ManualCaseStore.decide(
                decision.id, decision.decision, by: name, reason: decision.reason, transaction)
            try dispatch.record(
                Evidence("manual-case.decide", result: "done", reference: decision.id),
                in: message.zone, for: Cause(message), transaction)
        }
        try answer(
            message, "manual-case.reply/v1", ["id": .text(decision.id)], refusal: refusal,
            transaction)
    }

    private func refusal(
        of decision: CaseDecision, _ transaction: Transaction
    ) throws -> String? {
        guard let waiting = try ManualCaseStore.find(decision.id, transaction.database) else {
            return "case-unknown"
        }
        guard waiting.state == "open" else { return "case-closed" }
        switch waiting.code {
        case "mailing-mismatch", "mailing-refused":
            return try decideMailing(waiting.reference, decision.decision, transaction)
        default: return decision.decision == "discard" ? nil : "decision-unknown"
        }
    }
}

/// 要確認一覧の照会.
private struct CaseQuery: Decodable {
    let code: String?
}

/// 要確認の判断.
private struct CaseDecision: Decodable {
    let id: String
    let decision: String
    let reason: String
}
