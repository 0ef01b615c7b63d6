package import Messaging

/// Where a message stands that its lane holds back (保留状態).
package enum ExceptionState: UInt8, Hashable, Sendable {
    /// Waits behind, or heads, a lane in back-off.
    case waiting = 1
    /// Stands in a parked lane.
    case parked = 2
    /// The dead letter at the head of a parked lane.
    case dead = 3
}

/// A message the floor may pass because its lane holds it back (保留電文), with its own sealed copy.
package struct ExceptionRow: Hashable, Sendable {
    package var subscription: PartyNumber
    package var position: Position
    package var lanes: LaneSet
    package var state: ExceptionState
    package var attempts: UInt32
    /// The key its copy is sealed under: the key of the message itself.
    package var keyID: ContentKeyID
    package var expiry: Instant?
    /// `envelope length u32 ‖ envelope ‖ payload`.
    package var record: [UInt8]

    package init(
        subscription: PartyNumber, position: Position, lanes: LaneSet, state: ExceptionState,
        attempts: UInt32, keyID: ContentKeyID, expiry: Instant?, record: [UInt8]
    ) {
        self.subscription = subscription
        self.position = position
        self.lanes = lanes
        self.state = state
        self.attempts = attempts
        self.keyID = keyID
        self.expiry = expiry
        self.record = record
    }
}

/// Which exception: a message of one subscription.
package struct ExceptionKey: Hashable, Sendable {
    package var subscription: PartyNumber
    package var position: Position

    package init(subscription: PartyNumber, position: Position) {
        self.subscription = subscription
        self.position = position
    }
}

/// A new state for an exception whose body stays as it is.
package struct ExceptionChange: Hashable, Sendable {
    package var key: ExceptionKey
    package var state: ExceptionState
    package var attempts: UInt32

    package init(key: ExceptionKey, state: ExceptionState, attempts: UInt32) {
        self.key = key
        self.state = state
        self.attempts = attempts
    }
}

/// What a restart needs to know of an exception; its body is read when it is delivered.
package struct ExceptionSummary: Hashable, Sendable {
    package var key: ExceptionKey
    package var lanes: LaneSet
    package var state: ExceptionState
    package var attempts: UInt32
    package var keyID: ContentKeyID
    package var expiry: Instant?
    /// Length of the sealed copy in bytes.
    package var sealedBytes: Int
}
