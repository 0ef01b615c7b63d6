package import Messaging

/// One admitted message on its way into the journal (受付済電文).
package struct AppendedMessage: Sendable {
    package var producer: PartyNumber
    /// The producer's numbering life and its number in it, without gaps (design §5, Duplicates).
    package var incarnation: UInt64
    package var sequence: UInt64
    package var recipients: RecipientSet
    package var lanes: LaneSet
    /// Index into ``JournalConfiguration/retentionClasses``; with `expiryDay` it names the content key.
    package var keyClass: UInt16
    package var expiryDay: CivilDate
    package var expiry: Instant?
    package var tag: ContentTag
    /// SHA-256 of the whole record. Only its salted digest is written.
    package var contentDigest: Digest32
    /// The record in the batch's arena: `envelope length u32 ‖ envelope ‖ payload`.
    package var record: ArenaRange
    package var envelopeLength: Int

    package init(
        producer: PartyNumber, incarnation: UInt64, sequence: UInt64, recipients: RecipientSet,
        lanes: LaneSet, keyClass: UInt16, expiryDay: CivilDate, expiry: Instant?, tag: ContentTag,
        contentDigest: Digest32, record: ArenaRange, envelopeLength: Int
    ) {
        self.producer = producer
        self.incarnation = incarnation
        self.sequence = sequence
        self.recipients = recipients
        self.lanes = lanes
        self.keyClass = keyClass
        self.expiryDay = expiryDay
        self.expiry = expiry
        self.tag = tag
        self.contentDigest = contentDigest
        self.record = record
        self.envelopeLength = envelopeLength
    }
}
