package import Messaging

/// What COMMIT returned for one batch (確定通知).
package struct CommitReceipt: Sendable {
    /// The position of message 0; message i has `firstPosition + i`.
    package var firstPosition: Position
    /// The block's number, which is its first position.
    package var block: UInt64
    package var chainHead: Digest32
    package var committedAt: Instant
    package var timings: CommitTimings
}

/// Where the time of one commit went, in nanoseconds.
package struct CommitTimings: Sendable {
    /// Copying payloads together and AES-GCM.
    package var seal: UInt64 = 0
    /// Salted digests and the chain's link.
    package var digest: UInt64 = 0
    /// Encoding the block's entries.
    package var encode: UInt64 = 0
    /// The statements before COMMIT.
    package var sqlite: UInt64 = 0
    /// COMMIT: writing the WAL and its fsync.
    package var commit: UInt64 = 0

    package init() {}
}
