import Logging
import Messaging
import Participant
import Platform
import Synchronization
import ZeroMQ

/// A client with a system's own key (業務システムの鍵を持つ利用者), while that system's process is stopped: so that a
/// scenario can show what a hub refuses it.
///
/// It has a numbering of its own and takes nothing: what arrives waits for the system.
final class SystemClient {
    private let storage: MemoryStorage
    private let participant: Participant
    private let thread: SocketThread
    private let zone: ZoneID

    private static let pause = Duration.milliseconds(20)

    init(_ lab: Lab, _ identity: ParticipantID, _ zone: ZoneID) throws {
        guard let place = lab.description.zones.first(where: { $0.zone == zone }) else {
            throw LabFault("zone-unknown", "the lab has no zone \(zone)")
        }
        let storage = MemoryStorage(
            source: identity, organisation: lab.description.organisation, zones: [zone],
            incarnation: .random(in: 1...UInt64.max), clock: lab.clock
        ) { _, _ in .retryLater(after: nil, code: "not-the-system") }
        let participant = try Participant(
            configuration: ParticipantConfiguration(
                participant: identity, catalogueDigest: nil, software: "jukihub sim",
                zones: [
                    try ZoneAccess(
                        zone: zone, endpoint: place.endpoint, hubKey: place.hubPublicKey,
                        secretKey: SecretFile.readCurveKey(
                            lab.directory.secret(of: identity, in: zone)))
                ]),
            storage: { storage }, clock: lab.clock, logger: Logger(label: "jukihub.lab-client"))
        self.storage = storage
        self.participant = participant
        self.zone = zone
        thread = try SocketThread(name: "lab-client") {
            // A session that ends leaves the message unanswered, which the sender reports.
            try? participant.run()
        }
    }

    deinit { close() }

    func close() {
        participant.stop()
        thread.join()
    }

    /// Sends one message and waits for the hub's answer; what it refused.
    func send(
        _ message: OutgoingMessage, within limit: Duration
    ) throws -> [(code: String, pointer: String?)] {
        let bell = try WakeDescriptor()
        var poller = Poller()
        _ = poller.add(bell.fileDescriptor, for: .readable)
        try storage.publish(message, in: zone)
        let deadline = ContinuousClock.now + limit
        while storage.unanswered(in: zone) > 0 {
            guard .now < deadline else { throw LabFault("no-answer", "the hub does not answer") }
            _ = try poller.wait(milliseconds: Int(Self.pause / .milliseconds(1)))
        }
        return storage.refusals(in: zone).map { ($0.code, $0.pointer) }
    }
}
