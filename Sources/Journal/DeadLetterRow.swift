package import Messaging

/// What an operator did with a dead letter (措置).
package enum Resolution: UInt8, Hashable, Sendable, CaseIterable {
    case retried = 1
    case replaced = 2
    case skipped = 3
    case released = 4
    /// Its key was due before anybody decided (design §7: retention beats delivery).
    case expired = 5
}

/// Whether somebody has dealt with a dead letter yet.
package enum DeadLetterState: Hashable, Sendable {
    case open
    case resolved(at: Instant, how: Resolution, by: OperatorID?, reason: String)
}

/// A message its receiver could not take (配信不能電文), until an operator decides.
package struct DeadLetterRow: Hashable, Sendable {
    package var subscription: PartyNumber
    package var position: Position
    package var lane: LaneID?
    package var since: Instant
    package var code: String
    package var failures: UInt32
    package var state: DeadLetterState

    package init(
        subscription: PartyNumber, position: Position, lane: LaneID?, since: Instant, code: String,
        failures: UInt32, state: DeadLetterState
    ) {
        self.subscription = subscription
        self.position = position
        self.lane = lane
        self.since = since
        self.code = code
        self.failures = failures
        self.state = state
    }
}
