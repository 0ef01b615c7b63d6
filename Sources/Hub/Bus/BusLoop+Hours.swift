import Messaging
import Operations
import Platform

/// When one receiver takes messages, looked up once a second at most (運用時間の確認).
struct OpeningClock {
    private let schedule: Schedule
    private var asked: Int64?
    private var closedUntil: Instant?

    init(_ schedule: Schedule) { self.schedule = schedule }

    /// Nil while it is open.
    mutating func closedUntil(_ now: Instant) -> Instant? {
        let second = now.nanosecondsSince1970 / 1_000_000_000
        if second != asked {
            asked = second
            closedUntil = schedule.closedUntil(now)
        }
        return closedUntil
    }
}

extension BusLoop {
    /// Until when a receiver takes nothing (運用時間, 閉庁日, 計画停止); nil while it does.
    func closedUntil(_ party: Int, now: Instant) -> Instant? { hours[party]?.closedUntil(now) }

    /// What nobody may have any more when its receiver opens ends now, visibly (design §3): a query's sender need
    /// not wait for the morning.
    func expireWhileClosed(now: Instant) {
        for party in hours.indices where closedUntil(party, now: now) != nil {
            let expired = subscriptions[party].expireReady(now: now)
            counts.expired += UInt64(expired.count)
            for position in expired { announceSettled(position, party, "expired", "expired") }
        }
    }
}
