import Messaging
import Platform
import Synchronization
import ZeroMQ

/// Hears the taps of all zones (運用傍受の聴取), a thread for each, and writes them into a ``HopLog``.
///
/// The tap is lossy by design: a hub that dies takes the lines of its last moments along. ``HubRecord`` has them.
final class TapListener: Sendable {
    /// Lines that may wait here before the hub drops them.
    private static let highWater: Int32 = 100_000

    private let threads: Mutex<[SocketThread]>
    private let stop: [WakeDescriptor]
    private let stopping: Atomic<Bool>

    init(_ lab: LabDescription, into log: HopLog) throws {
        let secret = try SecretFile.readCurveKey(lab.operator.secretKeyFile)
        var threads: [SocketThread] = []
        var stop: [WakeDescriptor] = []
        for zone in lab.zones {
            let wake = try WakeDescriptor()
            let tap = Tap(zone: zone, secret: secret, wake: wake)
            threads.append(
                try SocketThread(name: "tap-\(zone.zone)") { tap.listen(into: log) })
            stop.append(wake)
        }
        self.threads = Mutex(threads)
        self.stop = stop
        stopping = Atomic(false)
    }

    deinit { close() }

    /// Ends the threads.
    func close() {
        guard !stopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for wake in stop { wake.signal() }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    private struct Tap: Sendable {
        let zone: LabDescription.Zone
        let secret: CurveSecretKey
        let wake: WakeDescriptor

        /// Until woken. A socket that fails ends the tap; what waits for its lines then says so.
        func listen(into log: HopLog) {
            do {
                let context = try Context(maxSockets: 4)
                defer { context.close() }
                let socket = try Socket(.sub, in: context)
                try socket.set(
                    .receiveHighWater(TapListener.highWater), .lingerMilliseconds(0),
                    .reconnectMilliseconds(minimum: 20, maximum: 200), .subscribe([]))
                try socket.curveClient(
                    serverKey: zone.hubPublicKey, publicKey: secret.publicKey(),
                    secretKey: secret)
                try socket.connect(zone.tapEndpoint)
                try listen(on: socket, into: log)
            } catch {
                return
            }
        }

        private func listen(on socket: borrowing Socket, into log: HopLog) throws {
            var poller = Poller()
            let lines = poller.add(socket, for: .readable)
            let woken = poller.add(wake.fileDescriptor, for: .readable)
            var message = Message()
            while true {
                _ = try poller.wait(milliseconds: nil)
                if poller.isReadable(woken) { return }
                guard poller.isReadable(lines) else { continue }
                while case .frame(let more) = try socket.receive(into: &message) {
                    guard !more, let event = HopEvent(parsing: message.array()) else { continue }
                    log.append(event)
                }
            }
        }
    }
}
