public import Messaging

/// A message as it was delivered to this participant (受信電文).
public struct ReceivedMessage: Hashable, Sendable {
    public let zone: ZoneID
    /// Its place in the zone hub's journal; the inbox's mark.
    public let position: Position
    /// 1 at first; counts failures, not lost sessions.
    public let attempt: Int
    public let envelope: Envelope
    public let payload: [UInt8]

    public init(
        zone: ZoneID, position: Position, attempt: Int, envelope: Envelope, payload: [UInt8]
    ) {
        self.zone = zone
        self.position = position
        self.attempt = attempt
        self.envelope = envelope
        self.payload = payload
    }
}

/// What became of a received message (処理結果), committed before it is told to the hub.
///
/// A code has 1 to 64 characters of `a–z 0–9 . -` and no personal data; another one travels as
/// `unspecified`.
public enum Settlement: Hashable, Sendable {
    /// Applied, or found in the inbox already.
    case accepted
    /// Cannot be applied now; its lane backs off and nothing is counted. `after` nil leaves the
    /// delay to the hub.
    case retryLater(after: Duration?, code: String)
    /// Failed by its own content or state; counts towards the attempt limit.
    case failed(code: String)
    /// Will never be taken (TERM); its lane is parked at once.
    case refused(code: String)
}
