package import Messaging

/// What a hub needs after a restart (復旧状態): never the journal itself, only its edges.
package struct RecoveredState: Sendable {
    package struct Producer: Hashable, Sendable {
        package var party: PartyNumber
        package var incarnation: UInt64
        package var lastSequence: UInt64
    }
    package struct Subscription: Hashable, Sendable {
        package var party: PartyNumber
        package var floor: Position
        package var settled: [ClosedRange<UInt64>]
    }

    package var parties: [PartyNumber: String] = [:]
    package var producers: [Producer] = []
    package var epochs: [PartyNumber: Epoch] = [:]
    package var subscriptions: [Subscription] = []
    package var lanes: [LaneRow] = []
    package var exceptions: [ExceptionSummary] = []
    /// Unresolved ones.
    package var deadLetters: [DeadLetterRow] = []
    /// The last position used; 0 in a new journal.
    package var lastPosition = Position(rawValue: 0)
    package var lastBlock: UInt64 = 0
    package var chainHead = Digest32.zero

    package init() {}
}
