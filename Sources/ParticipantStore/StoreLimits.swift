/// How much one participant's database may hold (自データベースの上限).
public struct StoreLimits: Hashable, Sendable {
    /// Unacknowledged messages in the outbox. At the limit a handler's send is answered with `RetryLater("outbox-full")`:
    /// the incoming message stays at the hub, which is the back-pressure.
    public var outboxMessages = 200_000
    /// Acknowledged messages kept for publishing again after a hub's restore; the oldest go first.
    public var acknowledgedMessages = 50_000
    /// Journal positions below the settled floor whose inbox marks are still kept, so that a hub restored to an
    /// earlier state cannot make this side apply something twice.
    public var inboxPositionsKept: UInt64 = 65_536
    /// Inbox marks pruned per transaction, so that pruning never makes a burst wait.
    public var prunedPerTransaction = 1_024
    /// How long a message that finds the outbox full waits, in seconds.
    public var outboxFullDelaySeconds: Int64 = 5

    public init() {}
}
