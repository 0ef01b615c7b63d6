import Synchronization
import ZeroMQ

/// Ports of the loopback for a lab's hubs (空きポート): below the range the system gives to outgoing connections, so that
/// nobody's connection takes one between its choice and the hub's start, and none twice by one process.
enum FreePorts {
    /// Linux gives 32768 and above to outgoing connections.
    private static let range = 20_000..<32_000
    private static let attempts = 2_000
    private static let given = Given()

    /// The ports this process has given out; used up, it begins again.
    private final class Given: Sendable {
        private let ports = Mutex<Set<Int>>([])

        /// False where it was given out before.
        func take(_ port: Int) -> Bool {
            ports.withLock { ports in
                if ports.count * 2 > range.count { ports.removeAll() }
                return ports.insert(port).inserted
            }
        }
    }

    /// `count` endpoints on which a socket could be bound just now; throws `ports-exhausted`.
    static func find(_ count: Int) throws -> [String] {
        let context = try Context(maxSockets: Int32(count + 2))
        var held: [Held] = []
        for _ in 0..<attempts where held.count < count {
            let port = Int.random(in: range)
            guard given.take(port) else { continue }
            guard let free = try hold(port, in: context) else { continue }
            held.append(free)
        }
        guard held.count == count else {
            throw LabFault("ports-exhausted", "no free port between 20000 and 31999")
        }
        return held.map(\.endpoint)
    }

    /// Nil where somebody else has the port.
    private static func hold(_ port: Int, in context: Context) throws -> Held? {
        let free = try Held(in: context, port: port)
        return free.isBound ? free : nil
    }

    private final class Held {
        let socket: Socket
        let endpoint: String
        private(set) var isBound = false

        init(in context: Context, port: Int) throws {
            socket = try Socket(.pair, in: context)
            endpoint = "tcp://127.0.0.1:\(port)"
            try socket.set(.lingerMilliseconds(0))
            do throws(ZeroMQError) {
                try socket.bind(endpoint)
                isBound = true
            } catch {
                guard error.name == "EADDRINUSE" else { throw error }
            }
        }
    }
}
