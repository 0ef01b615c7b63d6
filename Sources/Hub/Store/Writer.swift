import Journal
import Messaging
import Platform
import ZeroMQ

/// The one thread that writes the journal (書込み担当): it commits whatever arrived during the last fsync.
///
/// It takes one batch at a time and answers with a receipt. An error is the end: it says so and stops,
/// and nothing is acknowledged any more (design §5, Group commit).
final class Writer: Sendable {
    enum Order: Sendable {
        case commit(CommitBatch)
        case stop
    }

    enum Report: Sendable {
        case committed(CommitBatch, CommitReceipt)
        case failed(String)
        case stopped
    }

    private let orders: Mailbox<Order>

    init() throws { orders = try Mailbox(limit: 4) }

    func commit(_ batch: CommitBatch) -> Bool { orders.post(.commit(batch)) }
    func stop() { orders.post(.stop) }

    /// Runs until stopped or failed, on its own thread.
    func run(
        journal: Journal, stages: StageClock, report: @escaping @Sendable (Report) -> Void
    ) {
        var poller = Poller()
        _ = poller.add(orders.wake.fileDescriptor, for: .readable)
        while true {
            do {
                _ = try poller.wait(milliseconds: 1000)
            } catch {
                return report(.failed(error.description))
            }
            for order in orders.takeAll() {
                switch order {
                case .stop: return report(.stopped)
                case .commit(let batch):
                    do {
                        let receipt = try Self.commit(batch, to: journal, stages)
                        report(.committed(batch, receipt))
                    } catch {
                        return report(.failed("\(error)"))
                    }
                }
            }
        }
    }

    private static func commit(
        _ batch: CommitBatch, to journal: Journal, _ stages: StageClock
    ) throws -> CommitReceipt {
        let started = StageClock.now()
        let receipt = try journal.commit(batch)
        let total = StageClock.now() - started
        let timings = receipt.timings
        let count = UInt64(max(1, batch.messages.count))
        stages.add(.writerSeal, nanoseconds: timings.seal, count: count)
        stages.add(.writerDigest, nanoseconds: timings.digest, count: count)
        stages.add(.writerEncode, nanoseconds: timings.encode, count: count)
        stages.add(.writerStatements, nanoseconds: timings.sqlite, count: count)
        stages.add(.writerCommit, nanoseconds: timings.commit)
        let known =
            timings.seal + timings.digest + timings.encode + timings.sqlite + timings.commit
        stages.add(.writerOther, nanoseconds: total > known ? total - known : 0)
        return receipt
    }
}
