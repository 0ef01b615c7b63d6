internal import Synchronization

/// What one measurement has counted so far (測定値); written by the two clients' threads.
final class BenchTally: Sendable {
    private struct State {
        var confirmed = 0
        var applied = 0
        var confirmedFrom: UInt64 = 0
        var confirmedUntil: UInt64 = 0
        var appliedFrom: UInt64 = 0
        var appliedUntil: UInt64 = 0
        var latencies: [UInt64] = []
        var failure: String?
    }

    private let plan: BenchPlan
    private let state = Mutex(State())

    init(_ plan: BenchPlan) {
        self.plan = plan
        state.withLock { $0.latencies.reserveCapacity(plan.messages) }
    }

    /// `count` more messages have their PUBACK.
    func confirm(_ count: Int) {
        let now = BenchClock.nanoseconds()
        state.withLock { state in
            if state.confirmed < plan.warmUp { state.confirmedFrom = now }
            state.confirmed += count
            state.confirmedUntil = now
        }
    }

    /// More messages have been delivered and applied; `sent` says when each left.
    func apply(_ sent: [UInt64]) {
        let now = BenchClock.nanoseconds()
        state.withLock { state in
            if state.applied < plan.warmUp { state.appliedFrom = now }
            let warm = max(0, plan.warmUp - state.applied)
            for time in sent.dropFirst(warm) { state.latencies.append(now &- time) }
            state.applied += sent.count
            state.appliedUntil = now
        }
    }

    func fail(_ text: String) { state.withLock { if $0.failure == nil { $0.failure = text } } }

    var failure: String? { state.withLock { $0.failure } }
    var isWarm: Bool { state.withLock { $0.applied >= plan.warmUp && $0.confirmed >= plan.warmUp } }
    var isDone: Bool { state.withLock { $0.applied >= plan.total && $0.confirmed >= plan.total } }
    var progress: Int { state.withLock { $0.applied } }

    struct Figures: Encodable, Sendable {
        let confirmedPerSecond: Double
        let deliveredPerSecond: Double
        let p50Milliseconds: Double
        let p99Milliseconds: Double
        let maximumMilliseconds: Double
    }

    func figures() -> Figures {
        state.withLock { state in
            let sorted = state.latencies.sorted()
            func percentile(_ share: Double) -> Double {
                guard !sorted.isEmpty else { return 0 }
                return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
                    / 1e6
            }
            func rate(_ from: UInt64, _ until: UInt64) -> Double {
                until > from ? Double(plan.messages) / (Double(until - from) / 1e9) : 0
            }
            return Figures(
                confirmedPerSecond: rate(state.confirmedFrom, state.confirmedUntil),
                deliveredPerSecond: rate(state.appliedFrom, state.appliedUntil),
                p50Milliseconds: percentile(0.50), p99Milliseconds: percentile(0.99),
                maximumMilliseconds: percentile(1))
        }
    }
}
