import CZeroMQ
import Synchronization

/// libzmq's I/O threads and inproc names for one process part (通信コンテキスト).
///
/// Thread-safe. Sockets keep their context alive, so `deinit` never meets an open socket.
package final class Context: Sendable {
    private enum Phase {
        case open(ContextPointer)
        case closed
    }

    private let phase: Mutex<Phase>
    private let zapHandlers = Atomic<Int>(0)
    private let sockets = Atomic<Int>(0)

    /// Makes a context of `ioThreads` I/O threads and at most `maxSockets` sockets (libzmq's limit).
    package init(ioThreads: Int = 1, maxSockets: Int32 = 1023) throws(ZeroMQError) {
        precondition(
            ioThreads >= 1 && maxSockets >= 1, "a context has at least one thread and socket")
        let context = try unsafe ContextPointer(
            pointer: Outcome.require(zmq_ctx_new(), "zmq_ctx_new"))
        do throws(ZeroMQError) {
            try context.set(ZMQ_IO_THREADS, Int32(clamping: ioThreads))
            try context.set(ZMQ_MAX_SOCKETS, maxSockets)
            try context.set(ZMQ_IPV6, 0)
            // New sockets linger for nothing unless their option says so: closing must not hang.
            try context.set(ZMQ_BLOCKY, 0)
        } catch {
            context.terminate()
            throw error
        }
        phase = Mutex(.open(context))
        OpenHandles.contextCount.add(1, ordering: .acquiringAndReleasing)
    }

    deinit { close() }

    /// Terminates and waits: sockets on other threads get `ETERM`, and this returns once they are
    /// closed and their linger (finite by type) has passed. Calling it again does nothing.
    package func close() {
        let open: ContextPointer? = phase.withLock { phase in
            guard case .open(let context) = phase else { return nil }
            phase = .closed
            return context
        }
        guard let open else { return }
        open.terminate()
        OpenHandles.contextCount.subtract(1, ordering: .acquiringAndReleasing)
    }

    /// Sockets made here and not closed yet.
    package var openSockets: Int { sockets.load(ordering: .acquiring) }

    func makeSocket(_ kind: Int32) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        // Under the lock, so that no socket is made on a context already freed.
        let made: Result<NewSocket, ZeroMQError> = phase.withLock { phase in
            guard case .open(let context) = phase else {
                return .failure(
                    ZeroMQError(code: ZeroMQError.terminated, operation: "zmq_socket"))
            }
            do throws(ZeroMQError) {
                let pointer = try unsafe Outcome.require(
                    zmq_socket(context.pointer, kind), "zmq_socket")
                return unsafe .success(NewSocket(pointer: pointer))
            } catch {
                return .failure(error)
            }
        }
        let socket = try made.get()
        sockets.add(1, ordering: .acquiringAndReleasing)
        OpenHandles.socketCount.add(1, ordering: .acquiringAndReleasing)
        return unsafe socket.pointer
    }

    func closedSocket() {
        sockets.subtract(1, ordering: .acquiringAndReleasing)
        OpenHandles.socketCount.subtract(1, ordering: .acquiringAndReleasing)
    }

    /// Without a handler libzmq 4.3.4 lets every CURVE client in ("Stonehouse"; the option that forbids
    /// it is DRAFT and not in this build), so `Socket.curveServer` asks here first.
    var hasZAPHandler: Bool { zapHandlers.load(ordering: .acquiring) > 0 }
    func zapHandlerBound() { zapHandlers.add(1, ordering: .acquiringAndReleasing) }
    func zapHandlerClosed() { zapHandlers.subtract(1, ordering: .acquiringAndReleasing) }
}

/// The C context. Sendable because libzmq documents its contexts as thread-safe; that it is not used
/// after `terminate` is `Context.phase`'s doing.
@safe private struct ContextPointer: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    func set(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
        try unsafe Outcome.require(zmq_ctx_set(pointer, option, value), "zmq_ctx_set")
    }

    func terminate() {
        while unsafe zmq_ctx_term(pointer) != 0 && zmq_errno() == EINTR {}
    }
}

/// A socket just made, on its way out of the lock to the one thread that asked for it.
@safe private struct NewSocket: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}
