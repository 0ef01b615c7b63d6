/// What a message is followed by in the field's order (後続の電文).
public struct Causality: Hashable, Sendable, Decodable {
    public let type: MessageTypeName
    /// Only where it names this step; any step where absent.
    public let step: StepID?
    public let then: [Consequence]

    public struct Consequence: Hashable, Sendable, Decodable {
        public let type: MessageTypeName
        public let step: StepID?
        public let conditional: Bool
        public let when: String?
    }
}
