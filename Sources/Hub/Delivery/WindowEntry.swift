package import Journal
package import Messaging

/// The bytes of one record, wherever they came from: the batch that admitted it, or the journal.
package struct RecordBytes: Sendable {
    package var arena: Arena
    package var range: ArenaRange

    package init(arena: Arena, range: ArenaRange) {
        self.arena = arena
        self.range = range
    }
}

/// One committed message in a receiver's window (配信窓の一件).
package struct WindowEntry: Sendable {
    package enum State: UInt8, Sendable {
        /// Behind others of its person.
        case waiting
        /// Head of all its lanes; may be delivered.
        case ready
        case inFlight
        /// Settled, or handed over to the exceptions: the floor may pass.
        case passed
    }

    package var position: UInt64
    package var lanes: LaneSet
    package var state: State
    /// Lanes in which somebody stands before it.
    package var blockers: Int32
    /// The next in its only lane, -1 at the end; entries in several lanes use `LaneQueues.links`.
    package var next: Int32
    /// Sessions lost with it in flight (design §5, Lanes).
    package var suspect: Int32
    package var attempts: UInt32
    package var bytes: RecordBytes?
    package var keyID: ContentKeyID?
    package var expiry: Instant?
    package var committedAt: Instant
    package var topic: TopicIndex?
    /// A query or its answer: it may overtake what is not, never within its own lanes.
    package var isUrgent: Bool
}

/// What a subscription is given for each committed message that concerns it.
package struct CommittedMessage: Sendable {
    package var position: UInt64
    package var lanes: LaneSet
    package var bytes: RecordBytes
    package var keyID: ContentKeyID
    package var expiry: Instant?
    package var committedAt: Instant
    /// The earlier message of its own source that it names as its cause, if any.
    package var cause: MessageNumber?
    package var topic: TopicIndex?
    package var isUrgent = false

    package init(
        position: UInt64, lanes: LaneSet, bytes: RecordBytes, keyID: ContentKeyID, expiry: Instant?,
        committedAt: Instant
    ) {
        self.position = position
        self.lanes = lanes
        self.bytes = bytes
        self.keyID = keyID
        self.expiry = expiry
        self.committedAt = committedAt
    }
}
