import Messaging
import Participant
import ParticipantStore

/// An operator's order to restrict disclosure, or to end that (支援措置の設定・解除) [INF].
struct RestrictionRequest: Decodable {
    enum Action: String, Decodable { case set, release }

    let addresseeNumber: String
    let action: Action
    let category: String?
    let from: CivilDate?
    let until: CivilDate?
    let reason: String?
}

extension RegisterHandler {
    /// Takes effect at once: certificates, コンビニ交付 and transfers stop, or go on; nothing is released by a date alone.
    func restrict(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(RestrictionRequest.self, from: message.payload)
        let refusal = try attempt(transaction) { try apply(request, message, transaction) }
        var reply: JSONFields = [
            "addresseeNumber": .text(request.addresseeNumber),
            "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        reply["code"] = refusal.map { .text($0) }
        if refusal == nil { reply["restricted"] = .flag(request.action == .set) }
        try dispatch.send(
            try Draft("resident.restriction.reply/v1", reply), to: message.envelope.source,
            for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "resident.restriction.\(request.action.rawValue)",
                result: refusal == nil ? "accepted" : "refused", code: refusal),
            in: message.zone, for: Cause(message), transaction)
    }

    private func apply(
        _ request: RestrictionRequest, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let operatorID = message.envelope.operatorID else {
            throw Declined("operator-missing")
        }
        guard
            let current = try RegisterStore.current(
                addresseeNumber: request.addresseeNumber, database)
        else { throw Declined("subject-unknown") }
        let stands = try RestrictionStore.isRestricted(request.addresseeNumber, database)
        switch request.action {
        case .set:
            guard !stands else { throw Declined("already-restricted") }
            try RestrictionStore.set(request, by: operatorID, at: transaction.now, database)
        case .release:
            guard stands else { throw Declined("not-restricted") }
            try RestrictionStore.release(
                request.addresseeNumber, by: operatorID, reason: request.reason,
                at: transaction.now, database)
        }
        try announce(
            current, steps: ["A1-11", "A1-13"], for: crossing(message, transaction), transaction)
    }
}
