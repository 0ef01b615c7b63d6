import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 既存住基 does with its messages (既存住基システムの業務処理); each noun has a file of its own.
///
/// Business rules only: the hub has checked sender, link, layout and the ※特定個人情報を含まない marks.
final class RegisterHandler: MessageHandler {
    let dispatch: Dispatch
    let organisation: OrganisationCode
    /// Randomness for the case and certificate numbers that must not be guessable.
    let token: () -> UInt64
    let settings: RegisterSettings

    init(
        dispatch: Dispatch, organisation: OrganisationCode, settings: RegisterSettings,
        token: @escaping () -> UInt64
    ) {
        self.dispatch = dispatch
        self.organisation = organisation
        self.settings = settings
        self.token = token
    }

    var desk: ChangeDesk {
        ChangeDesk(
            dispatch: dispatch, ownMunicipality: organisation.rawValue, settings: settings,
            token: token)
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        RegisterStore.register(in: &migrator)
        CertificateStore.register(in: &migrator)
        CaseStore.register(in: &migrator)
        ReceptionStore.register(in: &migrator)
        AnswerStore.register(in: &migrator)
        DraftStore.register(in: &migrator)
        NumberStore.register(in: &migrator)
        MoveOutStore.register(in: &migrator)
        CancellationStore.register(in: &migrator)
        MailingStore.register(in: &migrator)
        ManualCaseStore.register(in: &migrator)
        Self.registerInterfaces(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "move-out-certificate.deliver": try holdCertificate(message, transaction)
        case "move-out-certificate.request": try certificateRequested(message, transaction)
        case "move-out-certificate.reply": try certificateReturned(message, transaction)
        case "move-out-certificate.withdraw": try withdrawHeld(message, transaction)
        case "move-out-certificate.withdraw.ack": try withdrawalAnswered(message, transaction)
        case "move-in-notice.deliver": try moveInNoticed(message, transaction)
        case "notification.accepted": try accept(message, transaction)
        case "notification.withdrawn": try withdrawNotification(message, transaction)
        case "register.change.draft.request": try draft(message, transaction)
        case "register.change.commit.request": try commit(message, transaction)
        case "register.change.cancel.request": try cancel(message, transaction)
        case "juminhyo-code.pool.replenished": try replenishCodes(message, transaction)
        case "individual-number.assigned": try registerNumber(message, transaction)
        case "mailing-address.extract.request": try extractAgain(message, transaction)
        case "mailing-address.result": try mailingResult(message, transaction)
        case "manual-case.list.request": try listCases(message, transaction)
        case "manual-case.decide.request": try decideCase(message, transaction)
        case "link-code.acquire.request": try relayLinkCode(message, transaction)
        case "family-register-supplement.deliver": try relaySupplement(message, transaction)
        case "identity.update.reply", "replica.update.reply", "certificate-data.ack",
            "family-register-supplement.ack":
            try noteAnswer(message, transaction)
        case "case.pairing.request": try answerPairing(message, transaction)
        case LabState.requestType: try reportState(message, transaction)
        default:
            guard try receiveInterface(message, transaction) else {
                throw Refuse("type-not-handled")
            }
        }
    }

    /// Archived in one tick.
    private static let archivedPerTick = 200

    func tick(_ transaction: Transaction) throws {
        try purgeCertificates(transaction)
        try removeDue(transaction)
        try remindOfWithdrawals(transaction)
        let archived = try ArchiveStore.archive(
            transaction.now, limit: Self.archivedPerTick, transaction.database)
        if archived > 0 { try record("removed-residents.archived", archived, transaction) }
        if let days = settings.notificationDays {
            let purged = try ReceptionStore.purge(
                acceptedBefore: transaction.now.day.adding(days: -days), transaction.database)
            if purged > 0 {
                transaction.erases()
                try record("retention.purged", purged, transaction)
            }
        }
        try tickInterfaces(transaction)
    }

    /// Evidence of what no message caused.
    private func record(_ operation: String, _ count: Int, _ transaction: Transaction) throws {
        let number = Int64(try RegisterStore.next("case", transaction.database))
        try dispatch.record(
            Evidence(operation, result: "done", step: "C8", count: count), in: nil,
            for: cause(caseNumber: number, of: nil, transaction), transaction)
    }

    // MARK: Relays

    /// A5-02: 処理通番 and 個人番号 pass through the outbox alone; no table of ours holds them.
    private func relayLinkCode(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing("A5-02").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("municipalCS"), for: crossing(message, transaction),
            transaction)
    }

    /// A4-03 → A4-04: 戸籍 is a 庁内 system, so what the CS received reaches it through the register.
    private func relaySupplement(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let supplement = try PayloadCoding.decode(Outcome.Subject.self, from: message.payload)
        let draft = try Draft("family-register-supplement.apply/v1", relaying: message.payload)
            .performing("A4-04").ordered(by: "juminhyoCode:\(supplement.juminhyoCode)")
        try dispatch.send(
            draft, to: ParticipantID("familyRegister"), for: crossing(message, transaction),
            transaction)
    }

    // MARK: Answers and questions

    private func noteAnswer(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let outcome = try PayloadCoding.decode(Outcome.self, from: message.payload)
        let database = transaction.database
        let type = message.envelope.topic.type.rawValue
        var person: RegisterStore.Current?
        if let code = outcome.juminhyoCode {
            person = try RegisterStore.current(juminhyoCode: code, database)
        } else if let number = outcome.addresseeNumber {
            person = try RegisterStore.current(addresseeNumber: number, database)
        } else if let subject = outcome.certificateSubjectId {
            person = try RegisterStore.current(certificateSubjectID: subject, database)
        }
        // A relayed 戸籍の附票 (A4-03) is about a person who is no resident here.
        guard let addressee = person?.record.text(.addresseeNumber),
            let step = AnswerStore.step(ofReply: type)
        else { return }
        try AnswerStore.answered(
            step: step, addresseeNumber: addressee,
            sequence: outcome.updateSequence ?? outcome.recordVersion, outcome, database)
    }

    private func answerPairing(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(PairingRequest.self, from: message.payload)
        let pairs = try CaseStore.pairs(
            of: request.correlationId, in: request.zone, transaction.database)
        let reply: JSONFields = [
            "correlationId": .text(request.correlationId),
            "cases": .array(
                pairs.map {
                    .object(["zone": .text($0.zone), "correlationId": .text($0.correlation)])
                }),
        ]
        var draft = try Draft("case.pairing.reply/v1", reply)
        draft.zone = message.zone
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    private func reportState(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let facts = try RegisterFactsStore.facts(LabState(message).subject, transaction.database)
        try LabState.report(facts, to: message, by: dispatch, transaction)
    }

    // MARK: Cases

    func caseNumber(of message: ReceivedMessage, _ transaction: Transaction) throws -> Int64 {
        try CaseStore.number(
            of: message.envelope.correlation, in: message.zone, transaction.database)
    }

    func crossing(_ message: ReceivedMessage, _ transaction: Transaction) throws -> Cause {
        try cause(caseNumber: caseNumber(of: message, transaction), of: message, transaction)
    }

    /// On behalf of a case: at a zone's edge the correlation is the case's own there (design §3).
    func cause(
        caseNumber: Int64, of message: ReceivedMessage?, _ transaction: Transaction
    ) -> Cause {
        Cause(
            zone: message?.zone, causation: message?.envelope.id,
            operatorID: message?.envelope.operatorID, terminal: message?.envelope.terminal
        ) { [token] zone in
            if let message, message.zone == zone { return message.envelope.correlation }
            return try CaseStore.correlation(
                of: caseNumber, in: zone, token: token, transaction.database)
        }
    }
}
