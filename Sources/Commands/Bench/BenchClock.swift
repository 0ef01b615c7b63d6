internal import Glibc

/// Times for measuring (測定時計); no decision of the system reads them.
enum BenchClock {
    static func nanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }
    static func processCPU() -> UInt64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ id: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(id, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
