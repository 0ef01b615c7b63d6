import Glibc
import Synchronization
package import ZeroMQ

/// SIGTERM and SIGINT as a request to stop in good order (停止要求).
///
/// The handler notes the signal and writes to an eventfd; everything else happens on ordinary threads.
/// A second signal of the same kind ends the process at once.
package final class ShutdownSignals: Sendable {
    package enum Request: Hashable, Sendable {
        case terminate, interrupt

        /// What the process answers after stopping in good order.
        package var exitCode: ExitCode {
            switch self {
            case .terminate: .success
            case .interrupt: .interrupted
            }
        }
    }

    /// Readable from the first signal on; put it into a poller, do not drain it.
    package let wake: WakeDescriptor

    /// Takes the two signals over for this process; the newest installation gets them.
    package init() throws {
        wake = try WakeDescriptor()
        received.store(0, ordering: .releasing)
        wakeDescriptor.store(wake.fileDescriptor, ordering: .releasing)
        // A parent may have started us with them blocked, and nobody could ask us to stop.
        var wanted = sigset_t()
        unsafe sigemptyset(&wanted)
        unsafe sigaddset(&wanted, SIGTERM)
        unsafe sigaddset(&wanted, SIGINT)
        unsafe pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        for number in [SIGTERM, SIGINT] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { note($0) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESTART) | UInt32(SA_RESETHAND))
            guard unsafe sigaction(number, &action, nil) == 0 else {
                throw FileFailure.last("sigaction", "signal \(number)")
            }
        }
    }

    deinit {
        // A signal that comes later finds no descriptor, and its flag nobody reads.
        _ = wakeDescriptor.compareExchange(
            expected: wake.fileDescriptor, desired: -1, ordering: .acquiringAndReleasing)
    }

    /// What was asked, if anything was.
    package var requested: Request? {
        switch received.load(ordering: .acquiring) {
        case SIGTERM: .terminate
        case SIGINT: .interrupt
        case _: nil
        }
    }

    /// Waits for the first signal.
    package func wait() -> Request {
        var poller = Poller()
        _ = poller.add(wake.fileDescriptor, for: .readable)
        while true {
            if let requested { return requested }
            // EINTR is the signal itself; any other failure is looked at again in a second.
            _ = try? poller.wait(milliseconds: 1000)
        }
    }

    /// Runs `action` once, at the first signal, on a thread of its own.
    package func onRequest(_ action: @escaping @Sendable (Request) -> Void) throws(ZeroMQError) {
        _ = try SocketThread(name: "signals") { action(self.wait()) }
    }
}

/// The signal that came first; 0 before. Process-wide, as signal handlers are.
private let received = Atomic<Int32>(0)
private let wakeDescriptor = Atomic<Int32>(-1)

/// The handler: lock-free atomics and one `write`, which is async-signal-safe; errno is restored.
private func note(_ number: Int32) {
    let saved = errno
    _ = received.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing)
    let descriptor = wakeDescriptor.load(ordering: .acquiring)
    var one: UInt64 = 1
    if descriptor >= 0 { _ = unsafe write(descriptor, &one, 8) }
    errno = saved
}
