import GRDB
import Messaging
import Participant
import ParticipantStore

/// What the 中間サーバー does with its messages (中間サーバーの業務処理).
final class IntermediateHandler: MessageHandler {
    /// Records of 情報提供 are swept once an hour of the clock.
    private static let sweepSeconds: Int64 = 3_600

    private let dispatch: Dispatch
    private let organisation: OrganisationCode
    private let policy: ServerPolicy
    private let provision: Provision
    private let desk: TerminalDesk
    /// Randomness for 処理通番.
    private let token: () -> UInt64
    private var nextSweep: Instant?

    init(
        dispatch: Dispatch, organisation: OrganisationCode, policy: ServerPolicy,
        token: @escaping () -> UInt64
    ) {
        self.dispatch = dispatch
        self.organisation = organisation
        self.policy = policy
        provision = Provision(dispatch: dispatch)
        desk = TerminalDesk(dispatch: dispatch, policy: policy, provision: provision)
        self.token = token
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        ReplicaStore.register(in: &migrator)
        LinkCodeStore.register(in: &migrator, organisation)
        PermissionListStore.register(in: &migrator)
        ProvisionStore.register(in: &migrator)
        StaffStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "addressee-pair.register.request": try registerPair(message, transaction)
        case "link-code.issued": try bind(message, transaction)
        case "replica.update.request": try updateReplica(message, transaction)
        case "info-provision.request": try provision.receive(message, transaction)
        case "access-permission-list.updated": try updateList(message, transaction)
        case "info-provision.manual-decision": try desk.decide(message, transaction)
        case "staff.session.opened": try desk.open(message, transaction)
        case "staff.session.closed": try desk.close(message, transaction)
        case "replica.flag.request": try desk.flag(message, transaction)
        case "replica.export.request": try desk.export(message, transaction)
        case "replica.purge.request": try desk.purge(message, transaction)
        case LabState.requestType:
            let facts = try IntermediateFactsStore.facts(
                LabState(message).subject, on: transaction.now.day, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws {
        for overdue in try LinkCodeStore.expire(transaction.now, transaction.database)
        where overdue.organisation == organisation.rawValue {
            try restart(overdue.number, transaction)
        }
        if let nextSweep, transaction.now < nextSweep { return }
        nextSweep = transaction.now + .seconds(Self.sweepSeconds)
        try StaffStore.expire(
            openedBefore: transaction.now - .seconds(policy.sessionHours * 3_600),
            now: transaction.now, transaction.database)
        let erased = try ProvisionStore.erase(
            before: transaction.now.day.adding(days: -policy.provisionRecordDays),
            transaction.database)
        guard erased > 0 else { return }
        let evidence = Evidence(
            "retention.purged", result: "done", step: "C8", reference: "info-provision-records",
            count: erased)
        try dispatch.record(evidence, in: nil, for: own("retention", transaction), transaction)
    }

    /// A case of this system's own.
    private func own(_ name: String, _ transaction: Transaction) -> Cause {
        let text = "intermediate-\(name)-\(transaction.now.nanosecondsSince1970)"
        return Cause(
            zone: nil, causation: nil, operatorID: nil, terminal: nil,
            correlation: { _ in try CorrelationID(text) })
    }

    // MARK: 符号 (A5)

    /// A5-01, A5-02: a 処理通番 is issued, and with the reply the request for a 符号 starts on its way, in one transaction.
    /// The 個人番号 passes through the outbox alone.
    private func registerPair(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let pair = try PayloadCoding.decode(PairRegistration.self, from: message.payload)
        let organisation = message.envelope.organisation
        let number = pair.integratedAddresseeNumber
        var reply: JSONFields = ["integratedAddresseeNumber": .text(number)]
        let code = try refusal(of: pair, organisation, transaction.database)
        reply["result"] = .text(code == nil ? "accepted" : "refused")
        reply["code"] = code.map { .text($0) }
        guard code == nil else {
            return try answer(
                reply, to: message.envelope.source, for: Cause(message), transaction)
        }
        let processingNumber = "PN-" + Hexadecimal.text(token())
        try LinkCodeStore.await(
            processingNumber, for: number, organisation,
            until: transaction.now + .seconds(policy.processingNumberHours * 3_600),
            transaction.database)
        reply["processingNumber"] = .text(processingNumber)
        try answer(reply, to: message.envelope.source, for: Cause(message), transaction)
        let acquisition: JSONFields = [
            "processingNumber": .text(processingNumber),
            "individualNumber": .text(pair.individualNumber),
        ]
        let draft = try Draft("link-code.acquire.request/v1", acquisition)
            .performing("A5-02").forgotten()
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    private func refusal(
        of pair: PairRegistration, _ organisation: OrganisationCode, _ database: Database
    ) throws -> String? {
        guard IndividualNumber.isValid(pair.individualNumber) else {
            return "individual-number-invalid"
        }
        if pair.renew == true { return nil }
        return try LinkCodeStore.isBound(pair.integratedAddresseeNumber, organisation, database)
            ? "link-code-bound" : nil
    }

    private func answer(
        _ reply: JSONFields, to recipient: ParticipantID, for cause: Cause,
        _ transaction: Transaction
    ) throws {
        let draft = try Draft("processing-number.issued/v1", reply)
            .performing("A5-01").forgotten()
        try dispatch.send(draft, to: recipient, for: cause, transaction)
    }

    /// The 処理通番 is gone, the 個人番号 was never here: only 団体内統合宛名 can begin again, at A5-01.
    private func restart(_ integratedNumber: String, _ transaction: Transaction) throws {
        let reply: JSONFields = [
            "integratedAddresseeNumber": .text(integratedNumber), "result": .text("refused"),
            "code": .text("processing-number-timed-out"),
        ]
        try answer(
            reply, to: ParticipantID("integratedAddressee"), for: own("a5", transaction),
            transaction)
    }

    /// A5-04: the 符号 is bound to the 団体内統合宛名番号, the 処理通番 discarded.
    private func bind(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let issued = try PayloadCoding.decode(LinkCodeIssued.self, from: message.payload)
        guard
            try LinkCodeStore.bind(issued, message.envelope.organisation, transaction.database)
        else { throw Refuse("processing-number-unknown") }
    }

    // MARK: 副本 (A1-12) and 照会許可照合リスト (C2)

    /// A1-12, hop 2: checked, replaced as a whole, version plus one; an older version changes nothing.
    private func updateReplica(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let update = try PayloadCoding.decode(ReplicaUpdate.self, from: message.payload)
        let organisation = message.envelope.organisation
        let database = transaction.database
        var reply: JSONFields = [
            "integratedAddresseeNumber": .text(update.integratedAddresseeNumber),
            "recordVersion": .integer(update.recordVersion),
        ]
        let known = try ReplicaStore.find(
            update.integratedAddresseeNumber, organisation, database)
        if let fault = ReplicaLayout.fault(in: update.items) {
            reply["result"] = .text("refused")
            reply["code"] = .text(fault.code)
            reply["field"] = .text(fault.field)
        } else if update.recordVersion <= known?.recordVersion ?? 0 {
            reply["result"] = .text("refused")
            reply["code"] = .text("stale-version")
        } else {
            let version = try ReplicaStore.replace(
                update, organisation, now: transaction.now, database)
            reply["result"] = .text("accepted")
            reply["replicaVersion"] = .integer(version)
        }
        let draft = try Draft("replica.update.reply/v1", reply).performing("A1-12")
            .ordered(by: "integratedAddresseeNumber:\(update.integratedAddresseeNumber)")
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// C2: the list comes from the 情報提供ネットワークシステム and from nobody else.
    private func updateList(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        guard message.envelope.source.family == "infoNetwork" else {
            throw Refuse("source-not-permitted")
        }
        let list = try PayloadCoding.decode(PermissionListUpdate.self, from: message.payload)
        try PermissionListStore.store(list, transaction.database)
        let evidence = Evidence(
            "access-permission-list.stored", result: "done", step: "C2", reference: list.version,
            count: list.entries.count)
        try dispatch.record(evidence, in: nil, for: Cause(message), transaction)
    }
}
