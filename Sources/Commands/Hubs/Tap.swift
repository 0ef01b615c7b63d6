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
    private var admissions = Admissions()

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
                guard !more, let line = admissions.complete(message.array()) else { continue }
                try heard(line)
            }
        }
    }
}

/// Who sent what, by its place (受付の記憶): later lines of a message name no more than the place and the receiver.
private struct Admissions {
    /// Messages remembered; the line of one settled after so many others shows less.
    private static let limit = 10_000

    private var known: [String: [String: JSONValue]] = [:]
    private var order: [String] = []
    private var oldest = 0

    /// The line with what its admission said; nil for a line of a kind nobody knows here.
    mutating func complete(_ bytes: [UInt8]) -> HopEvent? {
        guard case .object(var line)? = try? JSONValue(parsing: bytes) else { return nil }
        if let zone = line["zone"]?.string, let position = line["position"]?.integer {
            let place = "\(zone):\(position)"
            if line["event"]?.string == "admitted" {
                remember(place, line)
            } else if let admission = known[place] {
                line.merge(admission) { own, _ in own }
                line["bytes"] = admission["bytes"]
            }
        }
        return try? JSONDecoder().decode(HopEvent.self, from: Data(JSONValue.object(line).encoded))
    }

    private mutating func remember(_ place: String, _ line: [String: JSONValue]) {
        if known.updateValue(line, forKey: place) == nil { order.append(place) }
        guard order.count - oldest > Self.limit else { return }
        known[order[oldest]] = nil
        oldest += 1
        if oldest == Self.limit {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
