import ZeroMQ

/// The outside's end of the control socket (制御口): one request at a time, answered at once.
///
/// It lies in the lab's own directory (mode 0700) and has no key: who may open the path is the lab's owner.
struct ControlSocket: ~Copyable {
    private let socket: Socket
    private let wake: WakeDescriptor

    /// The longest request taken, in bytes.
    static let byteLimit: Int64 = 4 << 20

    init(endpoint: String, in context: Context, wake: WakeDescriptor) throws {
        let socket = try Socket(.rep, in: context)
        try socket.set(.maxMessageBytes(Self.byteLimit), .lingerMilliseconds(500))
        try socket.bind(endpoint)
        self.socket = socket
        self.wake = wake
    }

    /// Serves until `isDone`, looked at after every wake and answer; on the calling thread.
    consuming func serve(
        until isDone: () -> Bool, answering answer: (JSONValue) -> JSONValue
    ) throws {
        var poller = Poller()
        let requests = poller.add(socket, for: .readable)
        let woken = poller.add(wake.fileDescriptor, for: .readable)
        var message = Message()
        while !isDone() {
            _ = try poller.wait(milliseconds: nil)
            if poller.isReadable(woken) { wake.drain() }
            guard poller.isReadable(requests) else { continue }
            while !isDone(), case .frame(let more) = try socket.receive(into: &message) {
                guard !more else { continue }
                let reply: JSONValue
                if let request = try? JSONValue(parsing: message.array()) {
                    reply = answer(request)
                } else {
                    reply = ["error": ["code": "request-unreadable", "message": "not JSON"]]
                }
                // A REP peer that has gone does not get its answer.
                _ = try socket.send(reply.encoded)
            }
        }
    }
}

/// The scenario's end of the control socket (制御口の利用者). Belongs to one thread.
package final class ControlClient {
    private let context: Context
    private let endpoint: String
    private var line: Line

    private struct Line: ~Copyable {
        let socket: Socket
        var poller: Poller

        init(endpoint: String, in context: Context) throws {
            let socket = try Socket(.req, in: context)
            try socket.set(.lingerMilliseconds(0), .maxMessageBytes(64 << 20))
            try socket.connect(endpoint)
            var poller = Poller()
            _ = poller.add(socket, for: .readable)
            self.socket = socket
            self.poller = poller
        }
    }

    package init(endpoint: String) throws {
        context = try Context(maxSockets: 8)
        self.endpoint = endpoint
        line = try Line(endpoint: endpoint, in: context)
    }

    /// Asks and waits at most `milliseconds`; throws ``ControlFault`` for an error, or `timeout`.
    package func ask(_ request: JSONValue, milliseconds: Int = 5_000) throws -> JSONValue {
        _ = try line.socket.send(request.encoded)
        var message = Message()
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(milliseconds)
        while true {
            let left = Int((deadline - clock.now) / .milliseconds(1))
            guard left > 0 else { break }
            _ = try line.poller.wait(milliseconds: left)
            guard case .frame = try line.socket.receive(into: &message) else { continue }
            let reply = try JSONValue(parsing: message.array())
            if let answer = reply["ok"] { return answer }
            throw ControlFault(
                code: reply["error"]?["code"]?.string ?? "reply-unreadable",
                text: reply["error"]?["message"]?.string ?? "")
        }
        // A REQ socket that waits for an answer cannot ask again: begin anew.
        line = try Line(endpoint: endpoint, in: context)
        throw ControlFault(code: "timeout", text: "the outside did not answer")
    }
}
