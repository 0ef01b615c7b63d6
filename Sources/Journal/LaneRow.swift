package import Messaging

/// What holds a lane back (順序列の状態).
package enum LaneHold: Hashable, Sendable {
    case backoff(until: Instant)
    case parked
}

/// Which lane: one subject of one subscription.
package struct SubscriptionLane: Hashable, Sendable {
    package var subscription: PartyNumber
    package var lane: LaneID

    package init(subscription: PartyNumber, lane: LaneID) {
        self.subscription = subscription
        self.lane = lane
    }
}

/// A lane that is not ready and empty (停滞中の順序列); all others have no row.
package struct LaneRow: Hashable, Sendable {
    package var key: SubscriptionLane
    package var hold: LaneHold
    /// Failures that count (permanent NAKs, and three sessions lost).
    package var failures: UInt32
    /// Sessions lost with the head in flight.
    package var suspect: UInt32
    package var since: Instant
    /// The receiver's reason code; no free text.
    package var code: String
    package var head: Position

    package init(
        key: SubscriptionLane, hold: LaneHold, failures: UInt32, suspect: UInt32, since: Instant,
        code: String, head: Position
    ) {
        self.key = key
        self.hold = hold
        self.failures = failures
        self.suspect = suspect
        self.since = since
        self.code = code
        self.head = head
    }
}
