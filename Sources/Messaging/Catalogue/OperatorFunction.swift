/// What an operator may be allowed to do (利用機能; R-060): the human messages that belong together.
public struct OperatorFunction: Hashable, Sendable, Decodable {
    public let id: String
    public let ja: String
    /// The messages by which it is done.
    public let types: [MessageTypeName]
    /// How the operator must have shown who they are; nil: nothing beyond the id is asked.
    public let factor: AuthenticationFactor?
    public let basis: String
    public let tag: EvidenceTag
}
