/// How long to wait before the next attempt (再接続待ち): doubling, with full jitter, between a floor
/// and a ceiling.
package struct Backoff: Hashable, Sendable {
    package let floor: Duration
    package let ceiling: Duration

    package init(floor: Duration, ceiling: Duration) {
        precondition(
            floor > .zero && ceiling >= floor,
            "a back-off has a floor above zero and below its ceiling")
        self.floor = floor
        self.ceiling = ceiling
    }

    /// The wait after `failures` failures in a row; `random` is spread over the whole of `UInt64`.
    package func delay(failures: Int, random: UInt64) -> Duration {
        var reach = floor
        for _ in 0..<max(0, failures) where reach < ceiling { reach = min(ceiling, reach * 2) }
        let span = Self.nanoseconds(reach - floor)
        let part = random.multipliedFullWidth(by: span &+ 1).high
        return floor + .nanoseconds(Int64(part))
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let parts = duration.components
        return UInt64(clamping: parts.seconds) &* 1_000_000_000
            &+ UInt64(clamping: parts.attoseconds / 1_000_000_000)
    }
}
