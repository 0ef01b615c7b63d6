import Glibc
package import Messaging

/// The machine's own clock (システム時計), nanoseconds since 1970 UTC.
package struct SystemClock: TimeSource {
    package init() {}

    package func now() -> Instant {
        var time = timespec()
        // Fails only for a clock that does not exist.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Instant(
            nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
