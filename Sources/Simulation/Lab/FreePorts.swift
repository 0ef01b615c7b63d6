import ZeroMQ

/// Ports of the loopback that nobody has (空きポート), found by binding them all before any is let go.
enum FreePorts {
    static func find(_ count: Int) throws -> [String] {
        let context = try Context(maxSockets: Int32(count + 1))
        var held: [Held] = []
        for _ in 0..<count { held.append(try Held(in: context)) }
        return held.map(\.endpoint)
    }

    private final class Held {
        let socket: Socket
        let endpoint: String

        init(in context: Context) throws {
            socket = try Socket(.pair, in: context)
            try socket.set(.lingerMilliseconds(0))
            try socket.bind("tcp://127.0.0.1:*")
            endpoint = try socket.lastEndpoint()
        }
    }
}
