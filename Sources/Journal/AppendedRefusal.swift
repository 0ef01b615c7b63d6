package import Messaging

/// One refused message as evidence (受付拒否); with a number, it uses that number up.
package struct AppendedRefusal: Hashable, Sendable {
    /// Nil where the key is unknown or the sender forged.
    package var producer: PartyNumber?
    /// Nil: recorded only, no number used up.
    package var number: MessageNumber?
    package var tag: ContentTag?
    /// The stable code of the check that failed (design §6).
    package var code: String
    /// The JSON pointer into the payload, never a value.
    package var pointer: String?
    /// A text without personal data: claimed source, type, key fingerprint, repeat count.
    package var source: String?
    package var at: Instant

    package init(
        producer: PartyNumber?, number: MessageNumber?, tag: ContentTag?, code: String,
        pointer: String?, source: String?, at: Instant
    ) {
        self.producer = producer
        self.number = number
        self.tag = tag
        self.code = code
        self.pointer = pointer
        self.source = source
        self.at = at
    }
}
