internal import FoundationEssentials
internal import Logging
internal import Messaging
internal import Operations
internal import Participant
internal import Platform
internal import Simulation
internal import Synchronization
internal import ZeroMQ

/// Which case numbers of other zones belong to one case (案件対応), asked of `residentRegister`, which alone
/// keeps the pairing (design §3): one message `case.pairing.request` as the operator, and its reply (L-30).
///
/// It is asked only in a zone whose links carry the question; the question names the case's own zone.
struct CasePairing {
    let context: LabContext
    let timeout: Duration
    /// Where the keeper is asked; nil where the catalogue has no such link.
    private let desk: LabContext.Zone?

    init(context: LabContext, timeout: Duration) throws {
        self.context = context
        self.timeout = timeout
        let files: [String: [UInt8]]
        do throws(FileFailure) {
            files = try SchemaDirectory.read(context.description.schemas)
        } catch {
            throw CommandFailure(
                "schemas-unreadable", "電文定義を読めません (cannot read the schemas: \(error))",
                hint: "jukihub trace --one-zone")
        }
        let catalogue = try SchemaOptions.catalogue(files, withLab: false)
        let question = try Topic(Self.question).type
        let zones = Set(
            catalogue.links.filter { link in
                link.from == context.operatorID.family && link.to == Self.keeper
                    && link.types.contains { $0.type == question }
            }.map(\.zone))
        desk = context.zones.first { zones.contains($0.access.zone) }
    }

    /// The participant at the zones' edge.
    static let keeper = "residentRegister"
    static let question = "case.pairing.request/v1"
    static let answer = "case.pairing.reply/v1"

    /// Whether the keeper took part, without whom a case stays in its zone.
    static func mayCross(_ trace: CaseTrace) -> Bool {
        trace.hops.contains { $0.source == keeper || $0.recipients.contains(keeper) }
    }

    /// The same case's numbers in every zone, empty when the keeper does not know; nil when nobody answers.
    func numbers(of one: JoinedCase.ZoneCase) throws -> [JoinedCase.ZoneCase]? {
        guard let desk else { return nil }
        return try ask(desk, one)?.cases.map {
            .init(zone: $0.zone, correlation: $0.correlationId)
        }
    }

    private struct Question: Encodable {
        let zone: String
        let correlationId: String
    }

    private struct Reply: Decodable, Sendable {
        struct Case: Decodable {
            let zone: String
            let correlationId: String
        }
        let correlationId: String
        let cases: [Case]
    }

    private func ask(_ zone: LabContext.Zone, _ one: JoinedCase.ZoneCase) throws -> Reply? {
        let heard = Heard()
        let clock = try context.clock()
        let storage = MemoryStorage(
            source: context.operatorID, organisation: context.organisation,
            zones: [zone.access.zone], incarnation: .random(in: 1...UInt64.max), clock: clock
        ) { message, _ in
            if message.envelope.topic.rawValue == Self.answer,
                let reply = try? JSONDecoder().decode(Reply.self, from: Data(message.payload)),
                reply.correlationId == one.correlation
            {
                heard.take(reply)
            }
            return .accepted
        }
        var message = OutgoingMessage(
            topic: try Topic(Self.question), recipients: [try ParticipantID(Self.keeper)],
            correlation: try CorrelationID("trace-\(UInt64.random(in: 1...UInt64.max))"),
            payload: Array(
                try JSONEncoder().encode(
                    Question(zone: one.zone, correlationId: one.correlation))))
        message.operatorID = try OperatorID(context.operatorName)
        message.terminal = try TerminalID("jukihub-cli")
        try storage.publish(message, in: zone.access.zone)
        return try converse(storage, zone, heard)
    }

    /// Keeps a session up until the reply has come or the time is over.
    private func converse(
        _ storage: MemoryStorage, _ zone: LabContext.Zone, _ heard: Heard
    ) throws -> Reply? {
        let participant = try Participant(
            configuration: ParticipantConfiguration(
                participant: context.operatorID, catalogueDigest: nil, software: "jukihub trace",
                zones: [zone.access]),
            storage: { storage }, clock: try context.clock(),
            logger: Logger(label: "jukihub.trace") { _ in AlarmLog(heard) })
        heard.whenTaken { participant.stop() }
        let session = try SocketThread(name: "pairing") {
            do { try participant.run() } catch { heard.giveUp() }
        }
        let deadline = ContinuousClock.now + timeout
        heard.wait(until: deadline) {
            heard.isGivenUp || !storage.refusals(in: zone.access.zone).isEmpty
        }
        participant.stop()
        session.join()
        if let refusal = storage.refusals(in: zone.access.zone).first {
            Printer.message("対応する案件の照会が拒否されました refused: \(refusal.code) \(refusal.text)")
        }
        return heard.reply
    }

    /// The reply, once it has come.
    private final class Heard: Sendable {
        private let state = Mutex<(reply: Reply?, done: (@Sendable () -> Void)?)>((nil, nil))

        private let givenUp = Atomic(false)

        var reply: Reply? { state.withLock { $0.reply } }
        var isGivenUp: Bool { givenUp.load(ordering: .acquiring) }

        /// There will be no reply: the hub does not take the question.
        func giveUp() { givenUp.store(true, ordering: .releasing) }

        func take(_ reply: Reply) {
            let done = state.withLock { state in
                state.reply = reply
                return state.done
            }
            done?()
        }

        func whenTaken(_ done: @escaping @Sendable () -> Void) {
            state.withLock { $0.done = done }
        }

        /// Looks every twenty milliseconds; a person waits here, no message does.
        func wait(until deadline: ContinuousClock.Instant, unless over: () -> Bool) {
            while reply == nil, ContinuousClock.now < deadline, !over() {
                Pause.milliseconds(20)
            }
        }
    }

    /// Hears the session's warnings: a hub that takes no message of an operator's says so by a fault.
    private struct AlarmLog: LogHandler {
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]
        private let heard: Heard

        init(_ heard: Heard) { self.heard = heard }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { heard.giveUp() }
    }
}
