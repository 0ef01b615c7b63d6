import GRDB
import Messaging
import Participant
import ParticipantStore

/// What the 市町村CS does with its messages (市町村CSの業務処理); one extension a noun.
final class CSHandler: MessageHandler {
    let dispatch: Dispatch
    let organisation: OrganisationCode
    let settings: CSSettings
    let relays = RelayStore()

    init(dispatch: Dispatch, organisation: OrganisationCode, settings: CSSettings) {
        self.dispatch = dispatch
        self.organisation = organisation
        self.settings = settings
    }

    /// no backup holds 送付先情報.
    var neverBackedUp: [String] { MailingStore.tables }

    func migrations(_ migrator: inout DatabaseMigrator) {
        IdentityStore.register(in: &migrator)
        HoldingStore.register(in: &migrator)
        SimultaneousStore.register(in: &migrator)
        OperationLogStore.register(in: &migrator)
        relays.register(in: &migrator)
        ManualCaseStore.register(in: &migrator)
        NumberRequestStore.register(in: &migrator)
        CertificateRequestStore.register(in: &migrator)
        ConsistencyStore.register(in: &migrator)
        MailingStore.register(in: &migrator)
        CorrectionStore.register(in: &migrator)
        ExportStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let type = message.envelope.topic.type.rawValue
        let isTaken =
            try receiveIdentity(type, message, transaction)
            || receiveNumber(type, message, transaction)
            || receiveCertificate(type, message, transaction)
            || receiveQuery(type, message, transaction)
            || receiveConsistency(type, message, transaction)
            || receiveMailing(type, message, transaction)
            || receiveCard(type, message, transaction)
            || receiveCorrection(type, message, transaction)
            || receivePassage(type, message, transaction)
        guard !isTaken else { return }
        switch type {
        case "manual-case.list.request": try listManualCases(message, transaction)
        case "manual-case.decide.request": try decideManualCase(message, transaction)
        case "cs.export.request": try export(message, transaction)
        case LabState.requestType:
            let facts = try CSFactsStore.facts(LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws {
        try relays.tick(transaction)
        try CertificateRequestStore.forget(transaction.now, transaction.database)
        try purgeCertificates(transaction)
        try purgeIdentities(transaction)
        try purgeMailings(transaction)
        try askAgain(transaction)
        try tickConsistency(transaction)
    }

    // MARK: Common

    /// the hub refuses others by link; the CS does not rely on that alone.
    func requireRegister(_ message: ReceivedMessage) throws {
        guard message.envelope.source.family == "residentRegister" else {
            throw Refuse("source-not-permitted")
        }
    }

    func isFromRegister(_ message: ReceivedMessage) -> Bool {
        message.envelope.source.family == "residentRegister"
    }

    /// A peer speaks for its own municipality: who sent the message must be who it names, five or six digits.
    func isSent(_ message: ReceivedMessage, by municipality: String?) -> Bool {
        guard let municipality, let code = try? MunicipalityCode(municipality) else { return false }
        return message.envelope.source.rawValue == "peerMunicipalCS/\(code.five)"
    }

    /// What names another sender and has no answer of its own goes no further; people look.
    func setAside(
        _ message: ReceivedMessage, naming municipality: String?, _ transaction: Transaction
    ) throws {
        try ManualCaseStore.open(
            "source-mismatch", reference: message.envelope.id.rawValue,
            details: [
                "source": .text(message.envelope.source.rawValue),
                "named": municipality.map { .text($0) } ?? .null,
            ], for: message.envelope.correlation, transaction)
    }

    func forward(
        _ message: ReceivedMessage, to recipient: String, step: String, orderedBy code: String?,
        _ transaction: Transaction
    ) throws {
        let draft = try Draft(message.envelope.topic.rawValue, relaying: message.payload)
            .performing(step).ordered(by: code.map(order))
        try dispatch.send(
            draft, to: ParticipantID(recipient), for: Cause(message), transaction)
    }

    /// Answers the sender of a command; a refusal is a `code` and changes nothing.
    func answer(
        _ message: ReceivedMessage, _ topic: String, _ fields: JSONFields, refusal: String? = nil,
        orderedBy code: String? = nil, step: StepID? = nil, _ transaction: Transaction
    ) throws {
        var reply = fields
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        var draft = try Draft(topic, reply).ordered(by: code.map(order))
        draft.step = step ?? message.envelope.step
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// On nobody's behalf: what a clock caused, in the case it belongs to.
    func cause(of correlation: CorrelationID) -> Cause {
        Cause(zone: nil, causation: nil, operatorID: nil, terminal: nil) { _ in correlation }
    }

    /// The outbox lane of a person.
    func order(_ code: String) -> String { "juminhyoCode:\(code)" }

    /// The CS of another municipality, by its code.
    func peer(_ municipality: String) throws -> ParticipantID {
        try ParticipantID("peerMunicipalCS/\(MunicipalityCode(municipality).five)")
    }

    /// This city's five digits.
    var ownCode: String { String(organisation.rawValue.prefix(5)) }

    static let register = "residentRegister"
    static let prefecture = "prefecturalServer"
    static let nation = "nationalServer"
}
