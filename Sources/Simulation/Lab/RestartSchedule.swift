/// When a process that ended is started again (再起動の間合い): soon at first, then later and later.
///
/// Pure: it is told the time. A process that ran for a while is trusted again.
package struct RestartSchedule: Sendable {
    /// The first wait; each further one is twice as long.
    package static let shortest = Duration.milliseconds(200)
    package static let longest = Duration.seconds(5)
    /// So many restarts are made within ``window``, and no more.
    package static let limit = 10
    package static let window = Duration.seconds(60)
    /// A process that ran for so long begins with the shortest wait again.
    package static let calm = Duration.seconds(30)

    private enum Phase {
        case running
        case waiting(until: ContinuousClock.Instant)
    }

    private var phase = Phase.running
    private var nextWait = Self.shortest
    /// The restarts of the last window, oldest first; at most ``limit``.
    private var restarts: [ContinuousClock.Instant] = []

    package init() {}

    /// Whether its end has been noted and it is to be started now; false while it runs or has to wait.
    package func isDue(at now: ContinuousClock.Instant) -> Bool {
        if case .waiting(let until) = phase { until <= now } else { false }
    }

    /// Notes an end; how long to wait, or nil where it was noted already.
    package mutating func ended(at now: ContinuousClock.Instant) -> Duration? {
        guard case .running = phase else { return nil }
        if let last = restarts.last, now - last >= Self.calm { nextWait = Self.shortest }
        var until = now + nextWait
        nextWait = min(nextWait * 2, Self.longest)
        if restarts.count == Self.limit, let oldest = restarts.first {
            until = max(until, oldest + Self.window)
        }
        phase = .waiting(until: until)
        return until - now
    }

    package mutating func restarted(at now: ContinuousClock.Instant) {
        phase = .running
        restarts = restarts.suffix(Self.limit - 1) + [now]
    }
}
