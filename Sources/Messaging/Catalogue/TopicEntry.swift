package import JSONSchema

/// What may overtake what on the way to one receiver (配信の優先度), never within a person's order.
public enum Urgency: Hashable, Sendable {
    /// Queries and their answers: somebody stands at the counter.
    case query
    case ordinary
}

/// A topic as the hub's hot path needs it (電文種別・版の定義), one shared object each.
public final class TopicEntry: Sendable {
    public let index: TopicIndex
    public let topic: Topic
    public let type: MessageType
    public let retention: RetentionClass
    public let urgency: Urgency
    /// The layout, with the captures `x-order-key` and `x-technical-id`.
    package let schema: CompiledSchema

    init(
        index: TopicIndex, topic: Topic, type: MessageType, retention: RetentionClass,
        urgency: Urgency, schema: CompiledSchema
    ) {
        self.index = index
        self.topic = topic
        self.type = type
        self.retention = retention
        self.urgency = urgency
        self.schema = schema
    }
}
