/// How long a 転出証明書情報 is held (三十日の規則; V-10, R-090, B3-③).
///
/// Planned on day D, it is good to the end of day D+30 and is erased from D+31 00:00 in Japan.
public struct ThirtyDayRule: Hashable, Sendable {
    /// 転出の予定年月日.
    public let plannedDate: CivilDate

    public init(plannedDate: CivilDate) { self.plannedDate = plannedDate }

    /// The last day on which the person may come.
    public var lastDay: CivilDate { plannedDate.adding(days: 30) }
    /// The first moment at which it must be gone.
    public var purgeInstant: Instant { plannedDate.adding(days: 31).startInstant }

    public func mustBePurged(at now: Instant) -> Bool { now >= purgeInstant }
}
