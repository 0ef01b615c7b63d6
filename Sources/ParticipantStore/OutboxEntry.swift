public import Messaging

/// What an operator sees of one outgoing message that has not gone through (送信箱の状態): no content.
public struct OutboxEntry: Hashable, Sendable {
    /// Where the message stands.
    public enum State: Hashable, Sendable {
        /// Waits behind an unacknowledged message of the same subject (待ち).
        case waiting
        /// Numbered, not acknowledged yet (送信中).
        case numbered(UInt64)
        /// Refused by the hub; later messages of the same subject wait behind it (保留).
        case refused(UInt64, code: String, pointer: String?)
        /// Acknowledged, kept until a backup covers it (送信済).
        case acknowledged(UInt64, Position)
        /// Given up by an operator after a refusal; its body is gone (保留解除).
        case released(UInt64)
    }

    /// The row, rising in the order of sending.
    public let row: Int64
    public let zone: ZoneID
    public let topic: Topic
    public let recipients: [ParticipantID]
    public let step: StepID?
    public let state: State
    /// When it was put into the outbox, or last changed its state.
    public let at: Instant
    /// Whether it shares its order with other messages of one subject.
    public let hasLane: Bool
}
