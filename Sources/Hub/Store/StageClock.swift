import Glibc
import Synchronization

/// Where a thread's time goes (処理段階別の時間): CPU nanoseconds per named stage.
///
/// One thread writes, any thread reads; relaxed atomics, since a benchmark's picture may be a message old.
final class StageClock: Sendable {
    enum Stage: Int, CaseIterable, Sendable {
        case receive, admit, digest, answer, settle, deliver, wait
        case writerSeal, writerDigest, writerEncode, writerStatements, writerCommit, writerOther
    }

    private let times: [Counter] = Stage.allCases.map { _ in Counter() }

    private final class Counter: Sendable {
        let nanoseconds = Atomic<UInt64>(0)
        let count = Atomic<UInt64>(0)
    }

    func add(_ stage: Stage, nanoseconds: UInt64, count: UInt64 = 1) {
        times[stage.rawValue].nanoseconds.add(nanoseconds, ordering: .relaxed)
        times[stage.rawValue].count.add(count, ordering: .relaxed)
    }

    func read(reset: Bool) -> [(stage: Stage, nanoseconds: UInt64, count: UInt64)] {
        Stage.allCases.map { stage in
            let counter = times[stage.rawValue]
            let value = (
                stage, counter.nanoseconds.load(ordering: .relaxed),
                counter.count.load(ordering: .relaxed)
            )
            if reset {
                counter.nanoseconds.store(0, ordering: .relaxed)
                counter.count.store(0, ordering: .relaxed)
            }
            return value
        }
    }

    /// Monotonic time in nanoseconds, for stages only: never for a decision.
    static func now() -> UInt64 { clock(CLOCK_MONOTONIC) }

    /// CPU time of the whole process.
    static func process() -> UInt64 { clock(CLOCK_PROCESS_CPUTIME_ID) }

    private static func clock(_ id: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(id, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
