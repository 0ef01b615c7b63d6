package import Messaging

/// How a delivery ended (決着).
package enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
    case accepted = 1
    case expired = 2
    case skipped = 3
    case released = 4
    case deadLettered = 5
    /// TERM: the receiver refused it for good.
    case refused = 6
}

/// Positions that ended alike since the last commit.
package struct SettledRange: Hashable, Sendable {
    package var positions: ClosedRange<UInt64>
    package var outcome: Outcome

    package init(_ positions: ClosedRange<UInt64>, _ outcome: Outcome) {
        self.positions = positions
        self.outcome = outcome
    }
}

/// What one subscription has settled by now (決着状況): the whole window, and what is new in it.
package struct SettlementChange: Hashable, Sendable {
    package var subscription: PartyNumber
    /// Every position at or below is settled for this subscription, not for it, or an exception row.
    package var floor: Position
    /// Settled positions above the floor, ascending, at most
    /// ``JournalConfiguration/settledRangeLimit`` of them.
    package var settled: [ClosedRange<UInt64>]
    /// Evidence only.
    package var outcomes: [SettledRange]

    package init(
        subscription: PartyNumber, floor: Position, settled: [ClosedRange<UInt64>],
        outcomes: [SettledRange]
    ) {
        self.subscription = subscription
        self.floor = floor
        self.settled = settled
        self.outcomes = outcomes
    }
}
