package import Messaging

/// A message's content as read back (電文内容).
package enum StoredContent: Hashable, Sendable {
    case payload([UInt8])
    /// Deleted because everybody had settled, or its key is gone. The evidence stays.
    case destroyed
}

/// One message read back from the journal (保存電文).
package struct StoredMessage: Hashable, Sendable {
    package var position: Position
    package var producer: PartyNumber
    package var number: MessageNumber
    package var recipients: RecipientSet
    package var lanes: LaneSet
    package var keyID: ContentKeyID
    package var expiry: Instant?
    package var tag: ContentTag
    package var committedAt: Instant
    package var envelope: [UInt8]
    package var content: StoredContent
    /// In bytes, known also when the content is gone.
    package var payloadLength: Int
}

/// A subscription's next messages, as far as the limits allowed (未配信分).
package struct Backlog: Sendable {
    package var messages: [StoredMessage]
    /// Every position at or below has been looked at: ask on from here.
    package var scannedThrough: Position
    /// Whether the end of the journal was reached.
    package var isComplete: Bool
    /// How many blocks were read for it.
    package var blocksRead: Int
}

/// What was answered when a number was first used (初回の回答).
package struct OriginalAnswer: Hashable, Sendable {
    package enum Answer: Hashable, Sendable {
        case admitted(Position)
        case refused(code: String, pointer: String?)
    }
    package var answer: Answer
    package var tag: ContentTag?
}
