package import Messaging

/// What the evidence says of one admitted message (電文の証跡); all of it outlives the content.
package struct EvidenceMessage: Hashable, Sendable {
    package var position: Position
    package var producer: PartyNumber
    package var number: MessageNumber
    package var recipients: RecipientSet
    package var lanes: LaneSet
    package var keyID: ContentKeyID
    package var expiry: Instant?
    package var tag: ContentTag
    /// SHA-256(salt ‖ SHA-256(record)); the salt is inside the sealed content.
    package var saltedDigest: Digest32
    package var payloadLength: Int
    package var envelope: [UInt8]
    /// Which key of its block, counted from 0; the place of its content.
    var keyIndex: Int
}

/// One thing that happened, as a block tells it (証跡).
package enum EvidenceEvent: Hashable, Sendable {
    case admitted(EvidenceMessage)
    case refused(AppendedRefusal)
    case settled(SettlementChange)
    case laneHeld(LaneRow)
    case laneFreed(SubscriptionLane)
    case exceptionAdded(ExceptionKey, lanes: LaneSet, state: ExceptionState, attempts: UInt32)
    case exceptionChanged(ExceptionChange)
    case exceptionRemoved(ExceptionKey)
    case deadLetter(DeadLetterRow)
    case epochRaised(EpochRaise)
    case noted(BatchNote)
}

/// One event with the block that proves it (証跡の一件).
package struct EvidenceEntry: Hashable, Sendable {
    package var block: UInt64
    package var committedAt: Instant
    package var event: EvidenceEvent
}

/// Whether the chain of blocks holds (証跡連鎖の検証結果).
package enum ChainVerdict: Hashable, Sendable {
    /// Every block follows from the one before; the last one's hash is `head`.
    case intact(blocks: Int, head: Digest32)
    /// The first block that does not, by number.
    case broken(block: UInt64, fault: ChainFault)
}

/// In which way a block breaks the chain.
package enum ChainFault: String, Hashable, Sendable {
    /// Its bytes do not give its hash.
    case altered = "block-altered"
    /// It names another predecessor than the block before.
    case unlinked = "block-unlinked"
    /// Positions between it and the block before are missing.
    case gap = "block-gap"
    /// An anchor kept outside names this block, and it is not there.
    case missing = "block-missing"
    /// An anchor kept outside names another hash for it.
    case rewritten = "block-rewritten"
}

/// A chain head kept outside the journal (証跡の錨), as participants get it with every PUBACK.
package struct ChainAnchor: Hashable, Sendable {
    package var block: UInt64
    package var chainHead: Digest32

    package init(block: UInt64, chainHead: Digest32) {
        self.block = block
        self.chainHead = chainHead
    }
}

/// Something `check --deep` found (精査結果).
package struct DeepFinding: Hashable, Sendable, CustomStringConvertible {
    /// The block concerned, 0 for the file as a whole.
    package var block: UInt64
    package var text: String

    package var description: String { block == 0 ? text : "block \(block): \(text)" }
}
