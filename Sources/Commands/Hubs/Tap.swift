internal import FoundationEssentials
internal import Simulation
internal import ZeroMQ

/// The taps of every zone, heard on the thread that made it (運用傍受).
final class Tap {
    /// One hub's tap; a socket cannot be copied, so each stands in an object.
    private final class Ear {
        let socket: Socket

        init(
            _ zone: LabContext.Zone, _ endpoint: String, _ key: CurveSecretKey, in context: Context
        ) throws {
            let socket = try Socket(.sub, in: context)
            try socket.set(
                .receiveHighWater(Tap.highWater), .lingerMilliseconds(0),
                .reconnectMilliseconds(minimum: 100, maximum: 2000), .subscribe([]))
            try socket.curveClient(
                serverKey: zone.hubKey, publicKey: key.publicKey(), secretKey: key)
            try socket.connect(endpoint)
            self.socket = socket
        }
    }

    private let context: Context
    private var ears: [Ear] = []
    private var poller = Poller()

    /// Messages of one hub's tap waiting here; beyond it the hub drops, and counts what it dropped.
    static let highWater: Int32 = 10_000
    /// Lines taken from one hub before the next has its turn.
    static let burst = 1000

    init(_ lab: LabContext) throws {
        context = try Context(maxSockets: 16)
        for zone in lab.zones {
            guard let endpoint = zone.tapEndpoint else { continue }
            let ear = try Ear(zone, endpoint, lab.operatorKey, in: context)
            _ = poller.add(ear.socket, for: .readable)
            ears.append(ear)
        }
    }

    /// Waits at most `milliseconds` and hands over what has come; lines that are not understood are passed over.
    func hear(milliseconds: Int, _ heard: (HopEvent) throws -> Void) throws {
        _ = try poller.wait(milliseconds: milliseconds)
        var message = Message()
        for ear in ears {
            for _ in 0..<Self.burst {
                guard case .frame(let more) = try ear.socket.receive(into: &message) else { break }
                guard !more,
                    let line = try? JSONDecoder().decode(HopEvent.self, from: Data(message.array()))
                else { continue }
                try heard(line)
            }
        }
    }
}
