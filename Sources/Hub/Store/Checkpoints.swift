import Journal
import ZeroMQ

/// The thread that folds the WAL into the database, off the writer's path (design §5, Full).
final class Checkpoints: Sendable {
    private let journal: Journal
    private let stopping: Mailbox<Bool>
    private static let intervalMilliseconds = 100

    init(journal: Journal) throws {
        self.journal = journal
        stopping = try Mailbox(limit: 1)
    }

    /// Runs until stopped; an error ends it, and the hub with it.
    func run(failed: (String) -> Void) {
        var poller = Poller()
        _ = poller.add(stopping.wake.fileDescriptor, for: .readable)
        while true {
            guard let waited = try? poller.wait(milliseconds: Self.intervalMilliseconds) else {
                return
            }
            if waited != .timedOut, !stopping.takeAll().isEmpty { return }
            do {
                try journal.checkpointIfNeeded()
            } catch {
                return failed("checkpoint: \(error)")
            }
        }
    }

    func stop() { stopping.post(true) }
}
