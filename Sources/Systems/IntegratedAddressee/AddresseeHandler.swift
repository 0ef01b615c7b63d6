import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 団体内統合宛名 does with its messages (宛名管理システムの業務処理), for 特例転入.
final class AddresseeHandler: MessageHandler {
    private let dispatch: Dispatch
    private let relays = RelayStore()

    init(dispatch: Dispatch) { self.dispatch = dispatch }

    func migrations(_ migrator: inout DatabaseMigrator) {
        PairStore.register(in: &migrator)
        relays.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "resident.sync": try sync(message, transaction)
        case "replica.update.request": try updateReplica(message, transaction)
        case "replica.update.reply": try replicaUpdated(message, transaction)
        case "processing-number.issued": try processingNumberIssued(message, transaction)
        case "link-code.acquire.request": try relayLinkCode(message, transaction)
        case LabState.requestType:
            let facts = try AddresseeFactsStore.facts(
                LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws { try relays.tick(transaction) }

    /// A1-11: the pair follows the register; a new pair with a 個人番号 starts the acquisition of a 符号 (A5-01).
    private func sync(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let sync = try PayloadCoding.decode(ResidentSync.self, from: message.payload)
        let database = transaction.database
        let birthDate = String(decoding: try PayloadCoding.encode(sync.birthDate), as: UTF8.self)
        guard let pair = try PairStore.pair(addresseeNumber: sync.addresseeNumber, database) else {
            let number = try PairStore.assign(sync, birthDate: birthDate, database)
            return try registerPair(sync.individualNumber, number, for: message, transaction)
        }
        guard sync.recordVersion > pair.version else { return }
        try PairStore.update(sync, birthDate: birthDate, database)
        // A birth's number comes with a later version (A1-07): only then is there a pair to send.
        guard pair.individualNumber == nil else { return }
        try registerPair(sync.individualNumber, pair.integratedNumber, for: message, transaction)
    }

    private func registerPair(
        _ individualNumber: String?, _ integratedNumber: String, for message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        guard let individualNumber else { return }
        let fields: JSONFields = [
            "individualNumber": .text(individualNumber),
            "integratedAddresseeNumber": .text(integratedNumber),
        ]
        let draft = try Draft("addressee-pair.register.request/v1", fields)
            .performing("A5-01").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("intermediateServer"), for: Cause(message), transaction)
        try PairStore.noteLinkCode("requested", of: integratedNumber, transaction.database)
    }

    private func processingNumberIssued(
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let reply = try PayloadCoding.decode(ProcessingNumberIssued.self, from: message.payload)
        try PairStore.noteLinkCode(
            reply.result == "accepted" ? "acquiring" : "refused",
            of: reply.integratedAddresseeNumber, transaction.database)
    }

    /// A5-02: the only legal way to the CS leads over the register; nothing is kept.
    private func relayLinkCode(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("A5-02").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("residentRegister"), for: Cause(message), transaction)
    }

    /// A1-12, hop 2: the 宛名番号 becomes the 団体内統合宛名番号, and a 個人番号 goes no further.
    private func updateReplica(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ReplicaUpdate.self, from: message.payload)
        let database = transaction.database
        guard let pair = try PairStore.pair(addresseeNumber: request.addresseeNumber, database)
        else {
            throw RetryLater(after: .seconds(1), "pair-unknown")
        }
        var fields = request.fields
        fields["addresseeNumber"] = nil
        fields["individualNumber"] = nil
        fields["integratedAddresseeNumber"] = .text(pair.integratedNumber)
        try relays.remember(
            message, detail: "v\(request.recordVersion)",
            until: transaction.now + .seconds(7 * 86_400), transaction)
        let draft = try Draft(message.envelope.topic.rawValue, fields)
            .performing("A1-12").ordered(by: "integratedAddresseeNumber:\(pair.integratedNumber)")
        try dispatch.send(
            draft, to: ParticipantID("intermediateServer"), for: Cause(message), transaction)
        try PairStore.noteReplica("pending", of: request.addresseeNumber, database)
    }

    /// Answers hop 1 as hop 2 was answered, under the register's number.
    private func replicaUpdated(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let reply = try PayloadCoding.decode(ReplicaReply.self, from: message.payload)
        let database = transaction.database
        guard
            let number = try PairStore.addresseeNumber(
                of: reply.integratedAddresseeNumber, database)
        else { throw Refuse("pair-unknown") }
        try PairStore.noteReplica(reply.result, of: number, database)
        let relayed = try relays.take(
            "replica.update.request", answeredBy: message, detail: "v\(reply.recordVersion)",
            transaction)
        guard let relayed else { return }
        var fields = reply.fields
        fields["integratedAddresseeNumber"] = nil
        fields["addresseeNumber"] = .text(number)
        let draft = try Draft("replica.update.reply/v1", fields)
            .performing("A1-12").ordered(by: "addresseeNumber:\(number)")
        try dispatch.send(
            draft, to: relayed.asker, for: Cause(message).answering(relayed.request), transaction)
    }
}
