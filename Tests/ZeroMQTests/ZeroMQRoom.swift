import Testing
import ZeroMQ

/// The room's tests, one after the other: each runs I/O threads of its own, and some measure time.
@Suite("ZeroMQ room", .serialized)
enum ZeroMQRoom {
    /// Longest wait for an event that must come.
    static let deadlineMilliseconds = 10_000
    /// An endpoint where nobody listens, nor ever will.
    static let nobody = "ipc:///nonexistent/jukihub-test"

    /// Gives `body` a context, asserts that it left no socket open, and closes it.
    static func checkingLeaks(
        ioThreads: Int = 1, _ body: (Context) throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let context = try Context(ioThreads: ioThreads)
        try body(context)
        expectNoSockets(context, sourceLocation: sourceLocation)
        context.close()
    }

    static func expectNoSockets(
        _ context: Context, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let open = context.openSockets
        #expect(open == 0, "open sockets", sourceLocation: sourceLocation)
    }

    /// Waits until the socket is readable or `milliseconds` have passed.
    static func isReadable(
        _ socket: borrowing Socket, within milliseconds: Int = deadlineMilliseconds
    ) throws -> Bool {
        var poller = Poller()
        let slot = poller.add(socket, for: .readable)
        let deadline = ContinuousClock.now + .milliseconds(milliseconds)
        while true {
            let left = max(0, Int((deadline - ContinuousClock.now) / .milliseconds(1)))
            switch try poller.wait(milliseconds: left) {
            case .ready: return poller.isReadable(slot)
            case .timedOut: return false
            case .interrupted: continue
            }
        }
    }

    /// All frames of the next message, or nil at the deadline.
    static func receive(
        _ socket: borrowing Socket, within milliseconds: Int = deadlineMilliseconds
    ) throws -> [[UInt8]]? {
        guard try isReadable(socket, within: milliseconds) else { return nil }
        var frames: [[UInt8]] = []
        var message = Message()
        while case .frame(let more) = try socket.receive(into: &message) {
            frames.append(message.array())
            if !more { return frames }
        }
        return nil
    }

    /// Repeats `step` until it answers true; false at the deadline. Each step waits by itself.
    static func until(_ step: () throws -> Bool) throws -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(deadlineMilliseconds)
        while ContinuousClock.now < deadline {
            if try step() { return true }
        }
        return false
    }
}
