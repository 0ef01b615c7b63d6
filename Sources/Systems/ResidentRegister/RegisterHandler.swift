import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 既存住基 does with its messages (既存住基システムの業務処理), for 特例転入.
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

    func migrations(_ migrator: inout DatabaseMigrator) {
        RegisterStore.register(in: &migrator)
        CertificateStore.register(in: &migrator)
        CaseStore.register(in: &migrator)
        ReceptionStore.register(in: &migrator)
        Self.registerInterfaces(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "move-out-certificate.deliver": try holdCertificate(message, transaction)
        case "notification.accepted": try accept(message, transaction)
        case "register.change.draft.request": try draft(message, transaction)
        case "register.change.commit.request": try commit(message, transaction)
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

    // MARK: 転出証明書情報

    /// B3-02: each mover becomes a 転入予定者, not a resident.
    private func holdCertificate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let certificate = try PayloadCoding.decode(MoveOutCertificate.self, from: message.payload)
        guard
            try MunicipalityCode(certificate.destinationMunicipalityCode).six
                == organisation.rawValue
        else { throw Refuse("destination-mismatch") }
        let caseNumber = try caseNumber(of: message, transaction)
        for mover in certificate.movers {
            try CertificateStore.hold(
                mover, of: certificate,
                groupID: certificate.groupId ?? message.envelope.id.rawValue,
                // v1 names no date: the clock runs from the day it came (INF).
                planned: certificate.plannedMoveOutDate ?? transaction.now.day,
                caseNumber: caseNumber, transaction.database)
        }
    }

    /// what nobody claimed by D+30 is gone at D+31 00:00, with evidence and without content.
    func tick(_ transaction: Transaction) throws {
        let due = try CertificateStore.purge(transaction.now, transaction.database)
        for (groupID, caseNumber, movers) in due {
            let evidence = Evidence(
                "retention.purged", result: "done", step: "B3-03", reference: groupID, count: movers
            )
            try dispatch.record(
                evidence, in: nil, for: cause(caseNumber: caseNumber, of: nil, transaction),
                transaction)
        }
        try tickInterfaces(transaction)
    }

    // MARK: 届出 and 仮更新

    /// A1-01, B1-01: the 届出 stops the clock of the certificates it is about.
    private func accept(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notification = try PayloadCoding.decode(
            NotificationAccepted.self, from: message.payload)
        let database = transaction.database
        let caseNumber = try caseNumber(of: message, transaction)
        try ReceptionStore.accept(
            notification, caseNumber: caseNumber, at: transaction.now, database)
        guard notification.notificationType == "moveIn" else { return }
        let origin = try notification.previousMunicipalityCode.map {
            try MunicipalityCode($0).five
        }
        for subject in notification.subjects {
            let fitting = try CertificateStore.matching(
                name: subject.nameKanji, birthDate: subject.birthDate?.date, origin: origin,
                database)
            guard let certificate = fitting.first, fitting.count == 1 else { continue }
            try CertificateStore.use(
                certificate.mover.juminhyoCode, for: notification.receptionNumber, database)
            try CaseStore.join(certificate.caseNumber, into: caseNumber, database)
        }
    }

    /// B3-04 = A1-02, first half: a provisional row nobody outside sees.
    private func draft(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(DraftRequest.self, from: message.payload)
        var reply: JSONFields = ["receptionNumber": .text(request.receptionNumber)]
        var refusal: String?
        do {
            let drafting = Drafting(
                request: request, drafter: message.envelope.operatorID,
                ownMunicipality: organisation.rawValue)
            let draftNumber = try drafting.perform(
                terminal: message.envelope.terminal, transaction)
            reply["draftNumber"] = .text(draftNumber)
        } catch let declined as Declined {
            refusal = declined.code
        }
        try answer(
            message, reply, refusal: refusal, operation: "register.change.draft", transaction)
    }

    /// B3-04 = A1-02, second half: another person's approval makes it the register, and everything leaves.
    private func commit(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CommitRequest.self, from: message.payload)
        var refusal: String?
        do {
            let committing = Committing(
                request: request, approver: message.envelope.operatorID,
                ownMunicipality: organisation.rawValue, token: token)
            let (fanOut, caseNumber) = try committing.perform(transaction)
            try fanOut.send(
                by: dispatch, for: cause(caseNumber: caseNumber, of: message, transaction),
                transaction)
        } catch let declined as Declined {
            refusal = declined.code
        }
        try answer(
            message, ["draftNumber": .text(request.draftNumber)], refusal: refusal,
            operation: "register.change.commit", transaction)
    }

    /// Replies to the terminal and leaves evidence of the internal step (corrections 11, R-070).
    private func answer(
        _ message: ReceivedMessage, _ reply: JSONFields, refusal: String?, operation: String,
        _ transaction: Transaction
    ) throws {
        var reply = reply
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        var draft = try Draft("register.change.reply/v1", reply)
        draft.step = message.envelope.step
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
        let steps =
            refusal == nil && operation == "register.change.commit"
            ? ["A1-02", "B3-04"] : ["B3-04"]
        for step in steps {
            let evidence = Evidence(
                operation, result: refusal == nil ? "accepted" : "refused", code: refusal,
                step: step, reference: reply["draftNumber"]?.text ?? reply["receptionNumber"]?.text)
            try dispatch.record(evidence, in: message.zone, for: Cause(message), transaction)
        }
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
        let person: RegisterStore.Current?
        let step: String
        switch message.envelope.topic.type.rawValue {
        case "identity.update.reply":
            (step, person) = (
                "A1-03",
                try outcome.juminhyoCode.flatMap {
                    try RegisterStore.current(juminhyoCode: $0, database)
                }
            )
        case "replica.update.reply":
            (step, person) = (
                "A1-12",
                try outcome.addresseeNumber.flatMap {
                    try RegisterStore.current(addresseeNumber: $0, database)
                }
            )
        case "certificate-data.ack":
            (step, person) = (
                "A1-13",
                try outcome.certificateSubjectId.flatMap {
                    try RegisterStore.current(certificateSubjectID: $0, database)
                }
            )
        default:
            (step, person) = (
                "A4-04",
                try outcome.juminhyoCode.flatMap {
                    try RegisterStore.current(juminhyoCode: $0, database)
                }
            )
        }
        // A relayed 戸籍の附票 (A4-03) is about a person who is no resident here.
        guard let addressee = person?.record.text(.addresseeNumber) else { return }
        try RegisterStore.answered(
            step: step, addresseeNumber: addressee,
            version: outcome.updateSequence ?? outcome.recordVersion, outcome, database)
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
