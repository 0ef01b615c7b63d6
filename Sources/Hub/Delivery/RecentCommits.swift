import DequeModule
import Journal
import Messaging

/// What was committed last, kept in memory up to a limit (直近の確定分): a receiver that is a little behind
/// catches up from here, not from the disk, and only an absent or slow one is read from the journal.
struct RecentCommits {
    /// One batch as it was committed.
    struct Batch {
        let first: UInt64
        let messages: [CommittedMessage]
        /// Registry indexes, message by message.
        let recipients: [[Int]]
        var last: UInt64 { first + UInt64(max(1, messages.count)) - 1 }
    }

    private var batches: Deque<Batch> = []
    private var bytes = 0
    private let byteLimit: Int

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    mutating func append(_ batch: Batch, bytes size: Int) {
        // A gap cannot be bridged: blocks without messages count too.
        if let last = batches.last, last.last + 1 != batch.first { removeAll() }
        batches.append(batch)
        sizes.append(size)
        bytes += size
        while bytes > byteLimit, batches.count > 1 {
            batches.removeFirst()
            bytes -= sizes.removeFirst()
        }
    }

    private var sizes: Deque<Int> = []

    private mutating func removeAll() {
        batches.removeAll()
        sizes.removeAll()
        bytes = 0
    }

    /// The messages for `party` behind `position`, at most `limit`, and how far was looked; nil where that
    /// is further back than what is kept.
    func messages(
        for party: Int, after position: UInt64, limit: Int
    ) -> (messages: [CommittedMessage], scannedThrough: UInt64)? {
        guard let first = batches.first, position + 1 >= first.first else { return nil }
        var found: [CommittedMessage] = []
        var scanned = position
        for batch in batches where batch.last > position {
            for (index, message) in batch.messages.enumerated() where message.position > position {
                if batch.recipients[index].contains(party) {
                    if found.count >= limit { return (found, scanned) }
                    found.append(message)
                }
                scanned = message.position
            }
            scanned = batch.last
        }
        return (found, scanned)
    }
}
