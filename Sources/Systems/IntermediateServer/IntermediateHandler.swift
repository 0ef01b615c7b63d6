import GRDB
import Messaging
import Participant
import ParticipantStore

/// What the 中間サーバー does with its messages (中間サーバーの業務処理), for 特例転入.
final class IntermediateHandler: MessageHandler {
    /// How long a 処理通番 is kept without its 符号 coming: a week [INF].
    static let processingNumberSeconds: Int64 = 7 * 86_400

    private let dispatch: Dispatch
    /// Randomness for 処理通番.
    private let token: () -> UInt64

    init(dispatch: Dispatch, token: @escaping () -> UInt64) {
        self.dispatch = dispatch
        self.token = token
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        ReplicaStore.register(in: &migrator)
        LinkCodeStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "addressee-pair.register.request": try registerPair(message, transaction)
        case "link-code.issued": try bind(message, transaction)
        case "replica.update.request": try updateReplica(message, transaction)
        case LabState.requestType:
            let facts = try IntermediateFactsStore.facts(
                LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws {
        try LinkCodeStore.expire(transaction.now, transaction.database)
    }

    /// A5-01, A5-02: a 処理通番 is issued, and with the reply the request for a 符号 starts on its way, in one transaction.
    /// The 個人番号 passes through the outbox alone.
    private func registerPair(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let pair = try PayloadCoding.decode(PairRegistration.self, from: message.payload)
        let number = pair.integratedAddresseeNumber
        var reply: JSONFields = ["integratedAddresseeNumber": .text(number)]
        let code = try refusal(of: pair, transaction.database)
        reply["result"] = .text(code == nil ? "accepted" : "refused")
        reply["code"] = code.map { .text($0) }
        guard code == nil else { return try answer(reply, message, transaction) }
        let processingNumber = "PN-" + Hexadecimal.text(token())
        try LinkCodeStore.await(
            processingNumber, for: number,
            until: transaction.now + .seconds(Self.processingNumberSeconds), transaction.database)
        reply["processingNumber"] = .text(processingNumber)
        try answer(reply, message, transaction)
        let acquisition: JSONFields = [
            "processingNumber": .text(processingNumber),
            "individualNumber": .text(pair.individualNumber),
        ]
        let draft = try Draft("link-code.acquire.request/v1", acquisition)
            .performing("A5-02").forgotten()
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    private func refusal(of pair: PairRegistration, _ database: Database) throws -> String? {
        guard IndividualNumber.isValid(pair.individualNumber) else {
            return "individual-number-invalid"
        }
        return try LinkCodeStore.isBound(pair.integratedAddresseeNumber, database)
            ? "link-code-bound" : nil
    }

    private func answer(
        _ reply: JSONFields, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let draft = try Draft("processing-number.issued/v1", reply)
            .performing("A5-01").forgotten()
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// A5-04: the 符号 is bound to the 団体内統合宛名番号, the 処理通番 discarded.
    private func bind(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let issued = try PayloadCoding.decode(LinkCodeIssued.self, from: message.payload)
        guard try LinkCodeStore.bind(issued, transaction.database) else {
            throw Refuse("processing-number-unknown")
        }
    }

    /// A1-12, hop 2: checked, replaced as a whole, version plus one; an older version changes nothing.
    private func updateReplica(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let update = try PayloadCoding.decode(ReplicaUpdate.self, from: message.payload)
        let organisation = message.envelope.organisation
        let database = transaction.database
        var reply: JSONFields = [
            "integratedAddresseeNumber": .text(update.integratedAddresseeNumber),
            "recordVersion": .integer(update.recordVersion),
        ]
        let known = try ReplicaStore.recordVersion(
            of: update.integratedAddresseeNumber, organisation, database)
        if ReplicaLayout.stranger(in: update.items) != nil {
            reply["result"] = .text("refused")
            reply["code"] = .text("item-not-permitted")
        } else if update.recordVersion <= known ?? 0 {
            reply["result"] = .text("refused")
            reply["code"] = .text("stale-version")
        } else {
            let items = String(decoding: try PayloadCoding.encode(update.items), as: UTF8.self)
            let version = try ReplicaStore.replace(
                update, items: items, organisation, now: transaction.now, database)
            reply["result"] = .text("accepted")
            reply["replicaVersion"] = .integer(version)
        }
        let draft = try Draft("replica.update.reply/v1", reply).performing("A1-12")
            .ordered(by: "integratedAddresseeNumber:\(update.integratedAddresseeNumber)")
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }
}
