import GRDB
import Messaging
import Participant
import ParticipantStore

/// 個人番号カード管理システム: カードの継続利用 (B3-06) and the state of cards (B8-01), relayed both ways.
extension CSHandler {
    private static let cardManagement = "cardManagement"

    func receiveCard(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "card.continued-use.request": try continueUse(message, transaction)
        case "card.continued-use.ack":
            try cardAnswer(message, to: "card.continued-use.request", "B3-06", transaction)
        case "card.status.link": try linkStatus(message, transaction)
        case "card.status.ack":
            try cardAnswer(message, to: "card.status.link", "B8-01", transaction)
        default: return false
        }
        return true
    }

    private func continueUse(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CardMessage.self, from: message.payload)
        let standing = try IdentityStore.standing(request.juminhyoCode, transaction.database)
        guard let standing, !standing.isRemoved else {
            return try refuseCard(
                message, request, "card.continued-use.ack/v1", "move-in-not-complete", transaction)
        }
        try relayCard(message, request, "B3-06", transaction)
    }

    /// 交付, 廃止, 回収, 一時停止解除, 返還; also of those who died or left (消除).
    private func linkStatus(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CardMessage.self, from: message.payload)
        _ = try OperationLogStore.record(
            "card.status.link", message, purpose: request.status,
            applicationReference: request.applicationReference, keys: "juminhyoCode",
            now: transaction.now, transaction.database)
        let isKnown =
            try IdentityStore.standing(request.juminhyoCode, transaction.database) != nil
        guard isKnown else {
            return try refuseCard(
                message, request, "card.status.ack/v1", "match-failed", transaction)
        }
        try relayCard(message, request, "B8-01", transaction)
    }

    private func relayCard(
        _ message: ReceivedMessage, _ request: CardMessage, _ step: String,
        _ transaction: Transaction
    ) throws {
        try relays.remember(
            message, detail: request.cardManagementNumber,
            until: transaction.now + .seconds(86_400), transaction)
        try forward(
            message, to: Self.cardManagement, step: step, orderedBy: request.juminhyoCode,
            transaction)
    }

    private func refuseCard(
        _ message: ReceivedMessage, _ request: CardMessage, _ topic: String, _ code: String,
        _ transaction: Transaction
    ) throws {
        let fields: JSONFields = [
            "juminhyoCode": .text(request.juminhyoCode),
            "cardManagementNumber": .text(request.cardManagementNumber),
        ]
        try answer(
            message, topic, fields, refusal: code, orderedBy: request.juminhyoCode, transaction)
    }

    private func cardAnswer(
        _ message: ReceivedMessage, to request: String, _ step: String,
        _ transaction: Transaction
    ) throws {
        let ack = try PayloadCoding.decode(CardMessage.self, from: message.payload)
        let relayed = try relays.take(
            request, answeredBy: message, detail: ack.cardManagementNumber, transaction)
        guard let relayed else { return }
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing(step).ordered(by: order(ack.juminhyoCode))
        try dispatch.send(
            draft, to: relayed.asker, for: Cause(message).answering(relayed.request), transaction)
    }
}
