public import GRDB
public import Participant

/// What a system does with its messages (業務処理): business state and outgoing messages in one transaction.
///
/// Called on the participant's one thread only. Whatever it writes and sends becomes durable together, or not at all.
public protocol MessageHandler: AnyObject {
    /// Registers the business tables; names must not begin with `bus_`.
    func migrations(_ migrator: inout DatabaseMigrator)
    /// Applies one message.
    ///
    /// Throws ``Refuse`` (permanent, counts), ``RetryLater`` (transient, never counts); any other error is answered as
    /// `handler-error`. In each case nothing the handler wrote or sent stays.
    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws
    /// Runs what has become due by `transaction.now` (期限処理).
    func tick(_ transaction: Transaction) throws
    /// Tables whose rows no backup may hold; they are restored empty.
    var neverBackedUp: [String] { get }
}

extension MessageHandler {
    public var neverBackedUp: [String] { [] }

    public func tick(_ transaction: Transaction) throws {}
}

/// A message that cannot be applied and will not be applicable later (受理不可).
public struct Refuse: Error, Hashable, Sendable {
    /// Stable code without personal data.
    public let code: String

    public init(_ code: String) { self.code = code }
}

/// A message that can be applied later (後刻再試行).
public struct RetryLater: Error, Hashable, Sendable {
    public let after: Duration?
    public let code: String

    public init(after: Duration? = nil, _ code: String) {
        self.after = after
        self.code = code
    }
}
