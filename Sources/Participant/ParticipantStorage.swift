public import Messaging

/// A participant's inbox, outbox and state behind one narrow face (受信箱・送信箱).
///
/// Every method but `attached` is called on the participant's one thread. An error from any of them
/// ends `Participant.run`.
public protocol ParticipantStorage: AnyObject {
    /// Called once before anything else; `wake` makes the participant look at the outbox again,
    /// from any thread.
    func attached(wake: @escaping @Sendable () -> Void)

    /// What HELLO tells the zone's hub.
    func resumption(in zone: ZoneID) throws -> Resumption

    /// The hub has taken the session.
    func welcomed(in zone: ZoneID, journalIncarnation: UInt64, committedSequence: UInt64) throws

    /// Applies at most 256 messages in one transaction, a savepoint each, with their inbox marks
    /// and what they send; one settlement per message, in order.
    func apply(_ batch: [ReceivedMessage], now: Instant) throws -> [Settlement]

    /// Numbered and unanswered messages above `sequence`, by number: at most `limit`, and at most
    /// `bytes` unless the first alone is longer.
    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int
    ) throws -> [NumberedMessage]

    /// The hub has these messages on disk. May name a number again after a resend.
    func acknowledged(
        in zone: ZoneID, _ acks: [(sequence: UInt64, position: Position)], anchor: Anchor?) throws

    /// The hub has refused these messages for good and used their numbers up: their outbox lanes
    /// park, visibly.
    func refused(in zone: ZoneID, _ refusals: [Refusal]) throws

    /// Everything for this participant at or below `floor` is settled; the inbox may forget it.
    func settledFloor(in zone: ZoneID, _ floor: Position) throws

    /// Timers (30日 …); about once a second.
    func tick(now: Instant) throws
}

extension ParticipantStorage {
    public func attached(wake: @escaping @Sendable () -> Void) {}
}

/// Where a participant stands with one hub (再開情報), as HELLO tells it.
public struct Resumption: Hashable, Sendable {
    /// The incarnation of its own numbering, new at each restore.
    public let incarnation: UInt64
    /// The journal incarnation it last saw.
    public let journalIncarnation: UInt64?
    /// The highest of its numbers of this incarnation that the hub answered.
    public let acknowledgedSequence: UInt64

    public init(incarnation: UInt64, journalIncarnation: UInt64?, acknowledgedSequence: UInt64) {
        self.incarnation = incarnation
        self.journalIncarnation = journalIncarnation
        self.acknowledgedSequence = acknowledgedSequence
    }
}

/// The head of the hub's evidence chain at a commit (証跡の錨); the participant keeps the last one
/// (design §7).
public struct Anchor: Hashable, Sendable {
    public let block: UInt64
    /// 32 bytes.
    public let chainHead: [UInt8]

    public init(block: UInt64, chainHead: [UInt8]) {
        self.block = block
        self.chainHead = chainHead
    }
}

/// The hub's refusal of one published message (受理拒否): a code and a place, never a value.
public struct Refusal: Hashable, Sendable {
    public let sequence: UInt64
    public let code: String
    public let text: String
    /// The JSON pointer of the offending place in the payload.
    public let pointer: String?
    public let hint: String

    public init(sequence: UInt64, code: String, text: String, pointer: String?, hint: String) {
        self.sequence = sequence
        self.code = code
        self.text = text
        self.pointer = pointer
        self.hint = hint
    }
}
