package import Messaging

/// Keeps repeated refusals from filling the evidence (受付拒否の集計): the first ten per participant, code
/// and minute are recorded one by one, the rest are counted and recorded as one when the minute ends.
package struct RefusalLedger: Sendable {
    /// Distinct (participant, code) pairs counted in one minute; beyond it they share one entry.
    package static let pairLimit = 4096

    private struct Key: Hashable {
        var who: String
        var code: String
    }

    private let recordsPerMinute: Int
    private var minute: Int64 = 0
    private var counts: [Key: UInt64] = [:]

    package init(recordsPerMinute: Int) { self.recordsPerMinute = recordsPerMinute }

    /// What the minute that ended left uncounted.
    package struct Folded: Sendable, Equatable {
        package var who: String
        package var code: String
        package var count: UInt64
    }

    /// Whether this refusal is recorded on its own.
    package mutating func shouldRecord(who: String, code: String) -> Bool {
        var key = Key(who: who, code: code)
        if counts[key] == nil, counts.count >= Self.pairLimit { key = Key(who: "*", code: code) }
        let seen = counts[key, default: 0] + 1
        counts[key] = seen
        return seen <= UInt64(recordsPerMinute)
    }

    /// Call often; returns what was folded when a minute has ended.
    package mutating func minuteEnded(now: Instant) -> [Folded] {
        let current = now.nanosecondsSince1970 / 60_000_000_000
        guard current != minute else { return [] }
        minute = current
        let limit = UInt64(recordsPerMinute)
        let folded = counts.filter { $0.value > limit }.map {
            Folded(who: $0.key.who, code: $0.key.code, count: $0.value - limit)
        }
        counts.removeAll(keepingCapacity: true)
        return folded.sorted { ($0.who, $0.code) < ($1.who, $1.code) }
    }
}
