import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 団体内統合宛名 does with its messages (宛名管理システムの業務処理).
final class AddresseeHandler: MessageHandler {
    private static let sweepSeconds: Int64 = 3_600

    private let dispatch: Dispatch
    private let policy: AddresseePolicy
    private let lookup: Lookup
    private let relays = RelayStore()
    private var nextSweep: Instant?

    init(dispatch: Dispatch, policy: AddresseePolicy) {
        self.dispatch = dispatch
        self.policy = policy
        lookup = Lookup(dispatch: dispatch, policy: policy)
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        PairStore.register(in: &migrator)
        relays.register(in: &migrator)
        InquiryLogStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "resident.sync": try sync(message, transaction)
        case "replica.update.request": try updateReplica(message, transaction)
        case "replica.update.reply": try replicaUpdated(message, transaction)
        case "processing-number.issued": try processingNumberIssued(message, transaction)
        case "link-code.acquire.request": try relayLinkCode(message, transaction)
        case "addressee.lookup.request": try lookup.answer(message, transaction)
        case LabState.requestType:
            let facts = try AddresseeFactsStore.facts(
                LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws {
        try relays.tick(transaction)
        if let nextSweep, transaction.now < nextSweep { return }
        nextSweep = transaction.now + .seconds(Self.sweepSeconds)
        try InquiryLogStore.erase(
            before: transaction.now.day.adding(days: -policy.logDays), transaction.database)
    }

    // MARK: The pair (A1-11, A5-01)

    /// A1-11: the pair follows the register; a new pair with a 個人番号 starts the acquisition of a 符号 (A5-01).
    ///
    /// It is not begun again for a changed 個人番号 while the 住民票コード stays: the 符号 derives from that (SC-07).
    private func sync(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let sync = try PayloadCoding.decode(ResidentSync.self, from: message.payload)
        let database = transaction.database
        if let number = sync.individualNumber,
            let holder = try PairStore.pair(individualNumber: number, database),
            holder.addresseeNumber != sync.addresseeNumber
        {
            throw Refuse("individual-number-of-another")
        }
        guard let pair = try PairStore.pair(addresseeNumber: sync.addresseeNumber, database) else {
            let number = try PairStore.assign(sync, database)
            return try registerPair(
                sync.individualNumber, number, renews: false, for: message, transaction)
        }
        guard sync.recordVersion > pair.version else { return }
        try PairStore.update(sync, database)
        // A birth's number comes with a later version (A1-07): only then is there a pair to send.
        if pair.individualNumber == nil {
            try registerPair(
                sync.individualNumber, pair.integratedNumber, renews: false, for: message,
                transaction)
        } else if sync.renewsLinkCode {
            try registerPair(
                sync.individualNumber ?? pair.individualNumber, pair.integratedNumber, renews: true,
                for: message, transaction)
        }
    }

    private func registerPair(
        _ individualNumber: String?, _ integratedNumber: String, renews: Bool,
        for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        guard let individualNumber else { return }
        var fields: JSONFields = [
            "individualNumber": .text(individualNumber),
            "integratedAddresseeNumber": .text(integratedNumber),
        ]
        if renews { fields["renew"] = .flag(true) }
        let draft = try Draft("addressee-pair.register.request/v1", fields)
            .performing("A5-01").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("intermediateServer"), for: Cause(message), transaction)
        try PairStore.noteLinkCode("requested", of: integratedNumber, transaction.database)
    }

    /// What the 中間サーバー says to a pair; when its 処理通番 was never answered, A5 begins again at A5-①.
    private func processingNumberIssued(
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let reply = try PayloadCoding.decode(ProcessingNumberIssued.self, from: message.payload)
        let number = reply.integratedAddresseeNumber
        let database = transaction.database
        let state: String
        switch (reply.result, reply.code) {
        case ("accepted", _): state = "acquiring"
        case (_, "link-code-bound"): state = "bound"
        case (_, "processing-number-timed-out"):
            guard let pair = try PairStore.pair(integratedNumber: number, database) else {
                throw Refuse("pair-unknown")
            }
            guard pair.linkCodeAttempts < policy.linkCodeAttempts else {
                state = "failed"
                break
            }
            try PairStore.countAttempt(of: number, database)
            return try registerPair(
                pair.individualNumber, number, renews: false, for: message, transaction)
        default: state = "refused"
        }
        try PairStore.noteLinkCode(state, of: number, database)
    }

    /// A5-02: the only legal way to the CS leads over the register; nothing is kept.
    private func relayLinkCode(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("A5-02").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("residentRegister"), for: Cause(message), transaction)
    }

    // MARK: 副本 (A1-12)

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
        // 情報提供: what goes to the 中間サーバー, by whom and when.
        try InquiryLogStore.append(
            "replica", department: message.envelope.source.rawValue,
            reference: message.envelope.id.rawValue, keys: 1, found: 1, numbersShown: 0,
            result: "accepted", for: message, now: transaction.now, database)
    }

    /// Answers hop 1 as hop 2 was answered, under the register's number.
    private func replicaUpdated(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let reply = try PayloadCoding.decode(ReplicaReply.self, from: message.payload)
        let database = transaction.database
        guard
            let number = try PairStore.pair(
                integratedNumber: reply.integratedAddresseeNumber, database)?.addresseeNumber
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
