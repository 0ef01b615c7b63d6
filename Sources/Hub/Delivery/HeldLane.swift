package import DequeModule
package import Messaging

/// A lane whose messages stand outside the window, each with its own sealed copy (保留中の対象者別処理順).
package struct HeldLane: Sendable {
    package enum Phase: Hashable, Sendable {
        /// The head may be delivered, the rest follows one by one.
        case draining
        case backoff(until: Instant)
        /// Until an operator decides (保留).
        case parked
    }

    package var phase: Phase
    package var since: Instant
    /// The receiver's code for the head's last refusal.
    package var code: String
    /// Positions in order; the first is the head.
    package var positions: Deque<UInt64>

    package init(phase: Phase, since: Instant, code: String, positions: Deque<UInt64> = []) {
        self.phase = phase
        self.since = since
        self.code = code
        self.positions = positions
    }
}

/// What is known of a message in a held lane without its body (保留電文).
package struct HeldMessage: Sendable {
    package enum State: Hashable, Sendable {
        case waiting
        /// Its body is being read from the journal.
        case loading
        /// Its body is here; the next frame may take it.
        case loaded
        case inFlight
        /// Nobody's turn until an operator decides.
        case dead
    }

    package var lanes: [LaneID]
    package var state: State
    package var failures: Int
    package var suspect: Int
    package var attempts: UInt32
    package var expiry: Instant?
    /// An operator asked its source for a superseding message (差替え依頼).
    package var isReplacementAsked = false

    package init(
        lanes: [LaneID], state: State = .waiting, failures: Int = 0, suspect: Int = 0,
        attempts: UInt32 = 0, expiry: Instant? = nil
    ) {
        self.lanes = lanes
        self.state = state
        self.failures = failures
        self.suspect = suspect
        self.attempts = attempts
        self.expiry = expiry
    }
}

/// What a restart finds of a held message (保留電文の復旧情報).
package struct HeldSummary: Sendable {
    package var position: UInt64
    package var lanes: [LaneID]
    package var attempts: UInt32
    package var isDead: Bool
    package var expiry: Instant?

    package init(
        position: UInt64, lanes: [LaneID], attempts: UInt32, isDead: Bool, expiry: Instant?
    ) {
        self.position = position
        self.lanes = lanes
        self.attempts = attempts
        self.isDead = isDead
        self.expiry = expiry
    }
}
