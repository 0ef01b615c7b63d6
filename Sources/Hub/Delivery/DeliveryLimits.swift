/// The limits of one subscription (受信者別の上限), each with its unit; configuration may change them.
package struct DeliveryLimits: Sendable {
    /// Committed messages held in memory for one receiver; past it, the rest waits in the journal.
    package var windowMessages: Int
    /// Permanent failures after which a message becomes a dead letter (処理不能電文).
    package var attemptLimit: Int
    /// Sessions lost with the same message in flight that count as one failure.
    package var suspectLimit: Int
    /// Transient refusals in a row after which the whole subscription pauses: an outage is no poison.
    package var transientPauseAfter: Int
    package var backoffInitial: Duration
    package var backoffMaximum: Duration
    /// How long a delivery may stay unanswered, unless PROGRESS came.
    package var acknowledgementDeadline: Duration
    /// Queries and answers delivered in a row while others wait, so that these are not starved.
    package var urgentRun = 64
    /// Messages behind held lanes that one subscription may have; past it the hub refuses new ones for it.
    package var exceptionLimit: Int

    package init(
        windowMessages: Int = 4096, attemptLimit: Int = 5, suspectLimit: Int = 3,
        transientPauseAfter: Int = 20, backoffInitial: Duration = .milliseconds(200),
        backoffMaximum: Duration = .seconds(30), acknowledgementDeadline: Duration = .seconds(30),
        exceptionLimit: Int = 200_000
    ) {
        self.windowMessages = windowMessages
        self.attemptLimit = attemptLimit
        self.suspectLimit = suspectLimit
        self.transientPauseAfter = transientPauseAfter
        self.backoffInitial = backoffInitial
        self.backoffMaximum = backoffMaximum
        self.acknowledgementDeadline = acknowledgementDeadline
        self.exceptionLimit = exceptionLimit
    }

    /// Doubles from `backoffInitial` with each failure, never past `backoffMaximum`.
    package func backoff(afterFailures failures: Int) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let wanted = backoffInitial * (1 << doublings)
        return min(wanted, backoffMaximum)
    }
}
