/// Every bound of one hub (連携基盤の上限), its unit in its name. What a configuration leaves out stands
/// as written here.
package struct HubLimits: Codable, Hashable, Sendable {
    /// A larger message is refused, and the connection that sends one is cut off.
    package var maxMessageBytes = 1 << 20
    /// What one participant may have published and not yet answered.
    package var publishCreditMessages = 4096
    package var publishCreditBytes = 8 << 20
    /// What one participant may have been delivered and not yet settled, whatever it grants.
    package var deliveryWindowMessages = 4096
    package var deliveryWindowBytes = 8 << 20
    package var maxSessions = 512
    /// Bytes of the latest commits kept in memory for receivers a little behind.
    package var recentBytes = 48 << 20
    package var heartbeatMilliseconds = 1000
    /// Heartbeats missed before a session is lost.
    package var heartbeatMisses = 4
    /// A delivery unanswered for so long makes its message suspect.
    package var ackDeadlineMilliseconds = 30_000
    /// Permanent failures before the head of a lane becomes a dead letter.
    package var attemptLimit = 5
    /// Sessions lost with a message in flight before that counts as a failure.
    package var suspectLimit = 3
    /// Messages one receiver may have behind held lanes; new ones for it are refused past it.
    package var heldMessages = 200_000
    /// Transient failures in a row before a subscription pauses.
    package var transientPauseAfter = 20
    package var backoffInitialMilliseconds = 200
    package var backoffMaximumMilliseconds = 30_000
    /// Unsettled messages in the journal before new ones are refused.
    package var backlogRefuseMessages = 5_000_000
    /// Free bytes on the journal's disk below which new messages are refused.
    package var diskFreeRefuseBytes = 256 << 20
    /// Refusals recorded singly per key, code and minute; the rest are counted.
    package var refusalRecordsPerMinute = 10
    /// One answer to an operator's query.
    package var operatorReplyBytes = 1 << 20

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case maxMessageBytes, publishCreditMessages, publishCreditBytes
        case deliveryWindowMessages, deliveryWindowBytes, maxSessions, recentBytes
        case heartbeatMilliseconds, heartbeatMisses, ackDeadlineMilliseconds
        case attemptLimit, suspectLimit, heldMessages, transientPauseAfter
        case backoffInitialMilliseconds, backoffMaximumMilliseconds
        case backlogRefuseMessages, diskFreeRefuseBytes
        case refusalRecordsPerMinute, operatorReplyBytes
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        func take(
            _ key: CodingKeys, _ path: WritableKeyPath<HubLimits, Int>, _ range: ClosedRange<Int>
        ) throws {
            guard container.contains(key) else { return }
            // `decode` would name no field for a number with a fraction.
            let value = try? container.decode(Int.self, forKey: key)
            guard let value else { throw container.corrupted(key, "整数ではありません") }
            guard range.contains(value) else {
                throw container.corrupted(
                    key, "\(range.lowerBound)〜\(range.upperBound)の範囲にありません")
            }
            self[keyPath: path] = value
        }
        try take(.maxMessageBytes, \.maxMessageBytes, 4096...(64 << 20))
        try take(.publishCreditMessages, \.publishCreditMessages, 1...65_536)
        try take(.publishCreditBytes, \.publishCreditBytes, 65_536...(256 << 20))
        try take(.deliveryWindowMessages, \.deliveryWindowMessages, 1...65_536)
        try take(.deliveryWindowBytes, \.deliveryWindowBytes, 65_536...(256 << 20))
        try take(.recentBytes, \.recentBytes, 0...(1 << 30))
        try take(.maxSessions, \.maxSessions, 1...10_000)
        try take(.heartbeatMilliseconds, \.heartbeatMilliseconds, 50...60_000)
        try take(.heartbeatMisses, \.heartbeatMisses, 1...100)
        try take(.ackDeadlineMilliseconds, \.ackDeadlineMilliseconds, 100...3_600_000)
        try take(.attemptLimit, \.attemptLimit, 1...100)
        try take(.suspectLimit, \.suspectLimit, 1...100)
        try take(.heldMessages, \.heldMessages, 1...10_000_000)
        try take(.transientPauseAfter, \.transientPauseAfter, 1...10_000)
        try take(.backoffInitialMilliseconds, \.backoffInitialMilliseconds, 1...60_000)
        try take(.backoffMaximumMilliseconds, \.backoffMaximumMilliseconds, 1...3_600_000)
        try take(.backlogRefuseMessages, \.backlogRefuseMessages, 1...1_000_000_000)
        try take(.diskFreeRefuseBytes, \.diskFreeRefuseBytes, 0...(1 << 50))
        try take(.refusalRecordsPerMinute, \.refusalRecordsPerMinute, 1...10_000)
        try take(.operatorReplyBytes, \.operatorReplyBytes, 65_536...(64 << 20))
        guard backoffInitialMilliseconds <= backoffMaximumMilliseconds else {
            throw container.corrupted(
                .backoffInitialMilliseconds, "backoffMaximumMilliseconds より大きい値です")
        }
        guard maxMessageBytes <= publishCreditBytes, maxMessageBytes <= deliveryWindowBytes else {
            throw container.corrupted(
                .maxMessageBytes, "publishCreditBytes または deliveryWindowBytes より大きい値です")
        }
    }
}
