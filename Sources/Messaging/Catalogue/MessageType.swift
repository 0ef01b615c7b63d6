/// A message type as the catalogue describes it (電文定義).
public struct MessageType: Hashable, Sendable, Decodable {
    public enum Kind: String, Hashable, Sendable, Decodable {
        case event, command, reply, query, batch, evidence, lab
    }

    /// What a message waits behind.
    public enum Order: String, Hashable, Sendable, Decodable {
        /// The earlier messages about the same person: the field marked `x-order-key`.
        case person
        /// The earlier messages of the same case: the correlation.
        case `case`
    }

    public let name: MessageTypeName
    public let ja: String
    public let kind: Kind
    /// Versions with a layout; none: the type cannot be published yet.
    public let majors: [Int]
    public let order: Order
    /// A retention class.
    public let retention: String
    /// Whether a person's act causes it.
    public let humanTriggered: Bool
    /// What it answers.
    public let replyTo: MessageTypeName?
    /// Within which an answer is due, in seconds.
    public let deadlineSeconds: Int?
    /// After which the message is worthless, in seconds.
    public let expirySeconds: Int?
    /// The prohibition under which every message of the type is refused.
    public let prohibited: LinkID?
    public let note: String?
}
