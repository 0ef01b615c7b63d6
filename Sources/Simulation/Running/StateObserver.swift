import Logging
import Messaging
import Participant
import Platform
import Synchronization
import ZeroMQ

/// Asks systems for their facts over the bus (状態の観測), as the lab's own participant in all zones.
final class StateObserver: Sendable {
    private let participant: Participant
    private let storage: MemoryStorage
    private let thread: SocketThread
    private let inbox: Inbox
    private let counter = Atomic<Int>(0)
    private let prefix: String

    /// Reports that have come, by correlation.
    private final class Inbox: Sendable {
        let reports = Mutex<[String: JSONValue]>([:])
        let bell: WakeDescriptor
        init(bell: WakeDescriptor) { self.bell = bell }
    }

    /// `bell` is rung when a report has come.
    init(_ lab: LabDescription, clock: any TimeSource, bell: WakeDescriptor) throws {
        let inbox = Inbox(bell: bell)
        let incarnation = UInt64.random(in: 1...UInt64.max)
        let storage = MemoryStorage(
            source: lab.observer.participant, organisation: lab.organisation,
            zones: lab.zones.map(\.zone), incarnation: incarnation, clock: clock
        ) { message, _ in
            let report = try JSONValue(parsing: message.payload)
            inbox.reports.withLock { $0[message.envelope.correlation.rawValue] = report }
            inbox.bell.signal()
            return .accepted
        }
        let secret = try SecretFile.readCurveKey(lab.observer.secretKeyFile)
        let participant = try Participant(
            configuration: ParticipantConfiguration(
                participant: lab.observer.participant, catalogueDigest: nil,
                software: "jukihub sim",
                zones: try lab.zones.map {
                    try ZoneAccess(
                        zone: $0.zone, endpoint: $0.endpoint, hubKey: $0.hubPublicKey,
                        secretKey: secret)
                }),
            storage: { storage }, clock: clock, logger: Logger(label: "jukihub.lab-observer"))
        self.inbox = inbox
        self.storage = storage
        self.participant = participant
        prefix = "lab-" + String(incarnation, radix: 16)
        thread = try SocketThread(name: "lab-observer") {
            // A session that ends leaves every question unanswered, which its asker reports.
            try? participant.run()
        }
    }

    deinit { close() }

    func close() {
        participant.stop()
        thread.join()
    }

    /// Puts a question; its report comes under the correlation returned.
    func ask(_ system: ParticipantID, in zone: ZoneID, subject: JSONValue?) throws -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        let correlation = OutsideParties.correlation("\(prefix)-\(number)")
        let question: JSONValue = subject.map { ["subject": $0] } ?? [:]
        try storage.publish(
            OutgoingMessage(
                topic: StaticTopic("lab.state.request/v1").topic, recipients: [system],
                correlation: correlation, keepUntilBackup: false, payload: question.encoded),
            in: zone)
        return correlation.rawValue
    }

    /// The facts reported under `correlation`, once.
    func takeReport(_ correlation: String) -> [String: JSONValue]? {
        inbox.reports.withLock { $0.removeValue(forKey: correlation)?["facts"]?.object }
    }

    /// Codes with which a zone's hub refused our questions.
    func refusals(in zone: ZoneID) -> [String] { storage.refusals(in: zone).map(\.code) }
}
