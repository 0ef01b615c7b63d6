package import JSONSchema

/// A topic as the hub's hot path needs it (電文種別・版の定義), one shared object each.
public final class TopicEntry: Sendable {
    public let index: TopicIndex
    public let topic: Topic
    public let type: MessageType
    public let retention: RetentionClass
    /// The layout, with the captures `x-order-key` and `x-technical-id`.
    package let schema: CompiledSchema

    init(
        index: TopicIndex, topic: Topic, type: MessageType, retention: RetentionClass,
        schema: CompiledSchema
    ) {
        self.index = index
        self.topic = topic
        self.type = type
        self.retention = retention
        self.schema = schema
    }
}
