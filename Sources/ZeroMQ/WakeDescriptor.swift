import CZeroMQ
import Glibc

/// Wakes a thread that waits in a poller (起床通知): an eventfd any thread may signal.
package final class WakeDescriptor: Sendable {
    package let fileDescriptor: Int32

    package init() throws(ZeroMQError) {
        let flags = Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC)
        fileDescriptor = try Outcome.require(eventfd(0, flags), "eventfd")
    }

    deinit { Glibc.close(fileDescriptor) }

    /// Makes the descriptor readable. Async-signal-safe: one `write`, errno restored.
    package func signal() {
        let saved = errno
        var one: UInt64 = 1
        // EAGAIN means the counter is full, so that the reader is woken anyway.
        while unsafe write(fileDescriptor, &one, 8) < 0 && errno == EINTR {}
        errno = saved
    }

    /// Takes all signals given so far; whether there were any. Drain first, then look at the work.
    @discardableResult
    package func drain() -> Bool {
        var count: UInt64 = 0
        while true {
            let result = unsafe read(fileDescriptor, &count, 8)
            if result == 8 { return true }
            if result < 0 && errno == EINTR { continue }
            return false
        }
    }
}
