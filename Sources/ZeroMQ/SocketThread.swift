import CZeroMQ
import Glibc
import Synchronization

/// A plain named thread for a socket loop (通信スレッド), off Swift's cooperative pool.
package final class SocketThread: Sendable {
    /// Enough for SQLite, JSON of the permitted depth and CURVE together.
    package static let stackBytes = 8 << 20
    /// Linux's limit for a thread's name, without the end mark.
    private static let nameLimit = 15

    private enum Phase {
        case running(pthread_t)
        case joined
    }
    private let phase: Mutex<Phase>

    /// Starts at once. The name is cut to fifteen bytes. Throws what pthread_create answered.
    package init(name: String, body: @escaping @Sendable () -> Void) throws(ZeroMQError) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        let sized = unsafe pthread_attr_setstacksize(&attributes, Self.stackBytes)
        guard sized == 0 else {
            throw ZeroMQError(code: sized, operation: "pthread_attr_setstacksize")
        }

        let start = unsafe Unmanaged.passRetained(ThreadBody(Self.shortened(name), body)).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, &attributes,
            { opaque in
                guard let opaque = unsafe opaque else { return nil }
                let work = unsafe Unmanaged<ThreadBody>.fromOpaque(opaque).takeRetainedValue()
                unsafe jukihub_name_this_thread(work.name)
                work.body()
                return nil
            }, start)
        guard result == 0 else {
            unsafe Unmanaged<ThreadBody>.fromOpaque(start).release()
            throw ZeroMQError(code: result, operation: "pthread_create")
        }
        phase = Mutex(.running(thread))
    }

    deinit {
        if case .running(let thread) = phase.withLock({ $0 }) { pthread_detach(thread) }
    }

    /// Waits until the body has returned. Calling it again does nothing; never from the thread itself.
    package func join() {
        let running: pthread_t? = phase.withLock { phase in
            guard case .running(let thread) = phase else { return nil }
            phase = .joined
            return thread
        }
        if let running { pthread_join(running, nil) }
    }

    private static func shortened(_ name: String) -> String {
        var short = ""
        for character in name where short.utf8.count + character.utf8.count <= nameLimit {
            short.append(character)
        }
        return short
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
