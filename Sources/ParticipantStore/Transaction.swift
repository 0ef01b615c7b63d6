public import GRDB
public import Messaging
public import Participant

/// One unit of work in the owner's database (一括更新): business rows, inbox mark and outgoing messages.
public struct Transaction {
    /// The owner's database, inside a transaction; do not keep it.
    public let database: Database
    /// The time this work is done at, from the clock the process was given (design §8).
    public let now: Instant
    let outbox: OutboxStore
    let erasure: Erasure

    /// Says that this transaction deletes what must not be recoverable (復元できないように; R-102): once it is committed,
    /// no older page of it stays in the write-ahead log either.
    public func erases() { erasure.isWanted = true }

    /// Puts a message into the outbox of one zone; it leaves only if this transaction is committed.
    ///
    /// Throws ``RetryLater`` when the outbox is full and ``StoreError`` for a zone this participant has no session in.
    public func send(_ message: OutgoingMessage, in zone: ZoneID) throws {
        try outbox.enqueue(message, in: zone, now: now, database)
    }
}

/// Whether the write-ahead log still holds pages of something erased (消去の残り).
final class Erasure {
    var isWanted = false
}
