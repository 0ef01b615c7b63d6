import GRDB
package import Messaging

/// What reports over a day read (証跡の集計用).
extension ViewStore {
    /// The messages committed within a span, oldest first, at most `limit`.
    package func forEachMessage(
        from: Instant, to: Instant, limit: Int, _ body: (ViewedMessage) throws -> Void
    ) throws {
        var after = Position(0)
        var left = limit
        while left > 0 {
            let page = try messages(
                from: from, to: to, after: after, limit: min(left, Self.reportPage))
            for message in page { try body(message) }
            guard let last = page.last, page.count == Self.reportPage else { return }
            after = last.position
            left -= page.count
        }
    }

    private static let reportPage = 1000

    private func messages(
        from: Instant, to: Instant, after: Position, limit: Int
    ) throws -> [ViewedMessage] {
        try fetch(
            "WHERE position > ? AND at >= ? AND at < ? ORDER BY position LIMIT \(limit)",
            [
                Int64(clamping: after.rawValue), from.nanosecondsSince1970, to.nanosecondsSince1970,
            ])
    }

    /// Refusals recorded within a span, oldest first.
    package func refusals(from: Instant, to: Instant) throws -> [AppendedRefusal] {
        try refusals(
            sql: "WHERE at >= ? AND at < ? ORDER BY id LIMIT 100000",
            [from.nanosecondsSince1970, to.nanosecondsSince1970])
    }
}
