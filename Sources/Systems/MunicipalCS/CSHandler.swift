import GRDB
import Messaging
import Participant
import ParticipantStore

/// What the 市町村CS does with its messages (市町村CSの業務処理), for 特例転入.
final class CSHandler: MessageHandler {
    private let dispatch: Dispatch
    private let organisation: OrganisationCode
    private let relays = RelayStore()

    init(dispatch: Dispatch, organisation: OrganisationCode) {
        self.dispatch = dispatch
        self.organisation = organisation
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        IdentityStore.register(in: &migrator)
        HoldingStore.register(in: &migrator)
        SimultaneousStore.register(in: &migrator)
        OperationLogStore.register(in: &migrator)
        relays.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "move-out-certificate.deliver": try holdCertificate(message, transaction)
        case "identity.update.request": try update(message, transaction)
        case "identity.update.ack": try notePrefecture(message, transaction)
        case "move-in-notice.deliver": try moveInNotice(message, transaction)
        case "family-register-supplement.deliver": try supplement(message, transaction)
        case "identity.verify.request": try verify(message, transaction)
        case "identity.verify.result": try verified(message, transaction)
        case "card.continued-use.request": try continueUse(message, transaction)
        case "card.continued-use.ack": try usedFurther(message, transaction)
        case "link-code.acquire.request": try acquireLinkCode(message, transaction)
        case LabState.requestType:
            let facts = try CSFactsStore.facts(LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    /// the CS purges what nobody claimed on its own clock, with evidence and without content.
    func tick(_ transaction: Transaction) throws {
        try relays.tick(transaction)
        for due in try HoldingStore.purge(transaction.now, transaction.database) {
            let cause = Cause(zone: nil, causation: nil, operatorID: nil, terminal: nil) { _ in
                due.correlation
            }
            let evidence = Evidence(
                "retention.purged", result: "done", step: "B3-03", reference: due.groupID,
                count: due.movers)
            try dispatch.record(evidence, in: nil, for: cause, transaction)
        }
    }

    // MARK: 転出証明書情報 (B3-01, B3-02)

    private func holdCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let certificate = try PayloadCoding.decode(MoveOutCertificate.self, from: message.payload)
        guard
            try MunicipalityCode(certificate.destinationMunicipalityCode).six
                == organisation.rawValue
        else { throw Refuse("destination-mismatch") }
        for mover in certificate.movers {
            try HoldingStore.hold(
                mover.juminhyoCode, groupID: certificate.groupId ?? message.envelope.id.rawValue,
                planned: certificate.plannedMoveOutDate ?? transaction.now.day,
                correlation: message.envelope.correlation, transaction.database)
        }
        let order = certificate.movers.count == 1 ? certificate.movers.first : nil
        try forward(
            message, to: "residentRegister", step: "B3-02",
            orderedBy: order?.juminhyoCode, transaction)
    }

    // MARK: 本人確認情報の更新 (A1-03, A1-04, B3-05)

    private func update(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        // the hub refuses others by link; the CS does not rely on that alone.
        guard message.envelope.source.family == "residentRegister" else {
            throw Refuse("source-not-permitted")
        }
        let request = try PayloadCoding.decode(IdentityUpdateRequest.self, from: message.payload)
        let refusal = try refusal(of: request, transaction.database)
        if refusal == nil { try apply(request, message, transaction) }
        var reply: JSONFields = [
            "juminhyoCode": .text(request.juminhyoCode),
            "updateSequence": .integer(request.updateSequence),
            "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        reply["requestControlNumber"] = request.requestControlNumber.map { .text($0) }
        reply["code"] = refusal.map { .text($0) }
        var draft = try Draft("identity.update.reply/v1", reply)
            .ordered(by: order(request.juminhyoCode))
        draft.step = message.envelope.step
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// 突合 on 住民票コード and the order of updates; nil when the update is good.
    private func refusal(of request: IdentityUpdateRequest, _ database: Database) throws -> String?
    {
        guard JuminhyoCode.isValid(request.juminhyoCode) else { return "juminhyo-code-invalid" }
        if let number = request.individualNumber {
            guard IndividualNumber.isValid(number) else { return "individual-number-invalid" }
            if try IdentityStore.isOthers(
                individualNumber: number, than: request.juminhyoCode, database)
            {
                return "individual-number-in-use"
            }
        }
        guard let standing = try IdentityStore.standing(request.juminhyoCode, database) else {
            return request.isEntry ? nil : "match-failed"
        }
        if request.updateSequence <= standing.sequence { return "stale-sequence" }
        return standing.isForbidden ? "update-forbidden" : nil
    }

    /// The notice to the prefecture leaves at once, but that of a 転入 from another municipality together with the 転入通知.
    private func apply(
        _ request: IdentityUpdateRequest, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try IdentityStore.update(request, from: message, now: transaction.now, database)
        let held =
            request.isEntry ? try HoldingStore.consume(request.juminhyoCode, database) : false
        let comesFromElsewhere =
            request.moveReason == "moveIn"
            && request.previousMunicipalityCode != nil
        guard comesFromElsewhere else {
            try notifyPrefecture(request.juminhyoCode, step: "A1-04", for: message, transaction)
            return
        }
        try SimultaneousStore.updateCame(for: request.juminhyoCode, isSpecial: held, database)
        try sendTogether(request.juminhyoCode, for: message, transaction)
    }

    private func moveInNotice(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: message.payload)
        guard message.envelope.source.family == "residentRegister" else {
            return try forward(
                message, to: "residentRegister", step: "C6", orderedBy: notice.juminhyoCode,
                transaction)
        }
        try SimultaneousStore.noticeCame(
            message.payload, for: notice.juminhyoCode, transaction.database)
        try sendTogether(notice.juminhyoCode, for: message, transaction)
    }

    /// B3-05 「同時に」: both are queued in this transaction, or neither.
    private func sendTogether(
        _ code: String, for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        guard let pair = try SimultaneousStore.take(code, transaction.database) else { return }
        let payload = Array(pair.notice.utf8)
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: payload)
        guard let previous = notice.previousMunicipalityCode else { throw Refuse("no-destination") }
        let draft = try Draft("move-in-notice.deliver/v1", relaying: payload)
            .performing(pair.isSpecial ? "B3-05" : "A1-10").ordered(by: order(code))
        try dispatch.send(draft, to: peer(previous), for: Cause(message), transaction)
        try notifyPrefecture(
            code, step: pair.isSpecial ? "B3-05" : "A1-04", for: message, transaction)
    }

    private func notifyPrefecture(
        _ code: String, step: String, for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let fields = try IdentityStore.noticeFields(code, transaction.database)
        let draft = try Draft("identity.update.notice/v3", fields)
            .performing(step).ordered(by: order(code))
        try dispatch.send(
            draft, to: ParticipantID("prefecturalServer"), for: Cause(message), transaction)
        try IdentityStore.notePrefecture("waiting", of: code, transaction.database)
    }

    private func notePrefecture(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let ack = try PayloadCoding.decode(NoticeAck.self, from: message.payload)
        try IdentityStore.notePrefecture(ack.result, of: ack.juminhyoCode, transaction.database)
    }

    // MARK: 戸籍の附票 (A4-02, A4-03)

    private func supplement(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: message.payload)
        guard message.envelope.source.family == "residentRegister" else {
            return try forward(
                message, to: "residentRegister", step: "A4-03", orderedBy: notice.juminhyoCode,
                transaction)
        }
        guard let domicile = notice.registeredDomicileMunicipalityCode else {
            throw Refuse("no-destination")
        }
        try forward(
            message, to: peer(domicile).rawValue, step: "A4-02", orderedBy: notice.juminhyoCode,
            transaction)
    }

    // MARK: 本人確認 (B2-02 to B2-04)

    /// The question passes on and is not stored; the log keeps who asked, and for which application.
    private func verify(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(VerificationRequest.self, from: message.payload)
        let entry = try OperationLogStore.record(
            request, message, now: transaction.now, transaction.database)
        try relays.remember(
            message, detail: request.applicationReference,
            until: message.envelope.expiry ?? transaction.now + .seconds(300), transaction)
        var draft = Draft(message.envelope.topic.rawValue, relaying: message.payload).forgotten()
        draft.step = message.envelope.step
        draft.expiry = message.envelope.expiry
        try dispatch.send(
            draft, to: ParticipantID("nationalServer"), for: Cause(message), transaction)
        let evidence = Evidence(
            "identity.verify", result: "accepted", step: message.envelope.step?.rawValue,
            reference: "L\(entry)")
        try dispatch.record(evidence, in: message.zone, for: Cause(message), transaction)
    }

    /// B2-04: shown once at the terminal that asked. An answer nobody waits for any more goes no further.
    private func verified(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(VerificationResult.self, from: message.payload)
        try OperationLogStore.note(result, transaction.database)
        let relayed = try relays.take(
            "identity.verify.request", answeredBy: message, detail: result.applicationReference,
            transaction)
        guard let relayed else { return }
        var draft = Draft(message.envelope.topic.rawValue, relaying: message.payload).forgotten()
        draft.step = message.envelope.step
        draft.expiry = message.envelope.expiry
        try dispatch.send(
            draft, to: relayed.asker, for: Cause(message).answering(relayed.request), transaction)
    }

    // MARK: カードの継続利用 (B3-06)

    private func continueUse(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ContinuedUse.self, from: message.payload)
        let standing = try IdentityStore.standing(request.juminhyoCode, transaction.database)
        guard let standing, !standing.isRemoved else {
            let reply: JSONFields = [
                "juminhyoCode": .text(request.juminhyoCode),
                "cardManagementNumber": .text(request.cardManagementNumber),
                "result": .text("refused"), "code": .text("move-in-not-complete"),
            ]
            let draft = try Draft("card.continued-use.ack/v1", reply)
                .performing("B3-06").ordered(by: order(request.juminhyoCode))
            return try dispatch.send(
                draft, to: message.envelope.source, for: Cause(message), transaction)
        }
        try relays.remember(
            message, detail: request.cardManagementNumber,
            until: transaction.now + .seconds(86_400), transaction)
        try forward(
            message, to: "cardManagement", step: "B3-06", orderedBy: request.juminhyoCode,
            transaction)
    }

    private func usedFurther(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let ack = try PayloadCoding.decode(ContinuedUse.self, from: message.payload)
        let relayed = try relays.take(
            "card.continued-use.request", answeredBy: message, detail: ack.cardManagementNumber,
            transaction)
        guard let relayed else { return }
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("B3-06").ordered(by: order(ack.juminhyoCode))
        try dispatch.send(
            draft, to: relayed.asker, for: Cause(message).answering(relayed.request), transaction)
    }

    // MARK: 符号の取得 (A5-03)

    /// Passes on and leaves nothing here.
    private func acquireLinkCode(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("A5-03").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("nationalServer"), for: Cause(message), transaction)
    }

    // MARK: Passing on

    private func forward(
        _ message: ReceivedMessage, to recipient: String, step: String, orderedBy code: String?,
        _ transaction: Transaction
    ) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing(step).ordered(by: code.map(order))
        try dispatch.send(
            draft, to: ParticipantID(recipient), for: Cause(message), transaction)
    }

    private func order(_ code: String) -> String { "juminhyoCode:\(code)" }

    /// The CS of another municipality, by its five digits.
    private func peer(_ municipality: String) throws -> ParticipantID {
        try ParticipantID("peerMunicipalCS/\(MunicipalityCode(municipality).five)")
    }
}
