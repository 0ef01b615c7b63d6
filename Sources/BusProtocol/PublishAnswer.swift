/// One published message's place in the journal (受理通知): `sequence u64 | position u64`.
package struct PublishAcknowledgement: Hashable, Sendable {
    package static let byteCount = 16

    package let sequence: UInt64
    package let position: UInt64

    package init(sequence: UInt64, position: UInt64) {
        self.sequence = sequence
        self.position = position
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count == Self.byteCount,
            let sequence = body.bigEndian(at: record.lowerBound, as: UInt64.self),
            let position = body.bigEndian(at: record.lowerBound + 8, as: UInt64.self)
        else { throw .malformed("an acknowledgement has 16 bytes") }
        self.init(sequence: sequence, position: position)
    }
}

/// The evidence chain's head at a commit (証跡の錨), PUBACK's record 0: `block u64 | chainHead 32
/// bytes`.
///
/// Participants keep the last one, so that a truncated journal shows (design §7).
package struct PublishAnchor: Hashable, Sendable {
    package static let byteCount = 8 + WireLimits.chainHeadBytes

    package let block: UInt64
    package let chainHead: [UInt8]

    /// `chainHead` has 32 bytes.
    package init(block: UInt64, chainHead: [UInt8]) {
        precondition(
            chainHead.count == WireLimits.chainHeadBytes, "a chain head is a SHA-256 digest")
        self.block = block
        self.chainHead = chainHead
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count == Self.byteCount, record.upperBound <= body.count,
            let block = body.bigEndian(at: record.lowerBound, as: UInt64.self)
        else { throw .malformed("an anchor has 40 bytes") }
        self.init(block: block, chainHead: body.copied(record.lowerBound + 8..<record.upperBound))
    }
}

/// The refusal of one published message (受理拒否): `sequence u64 | JSON
/// {"code","text","pointer"?,"hint"}`.
///
/// Names the code and the JSON pointer, never the value (design §6).
package struct PublishRefusal: Hashable, Sendable {
    /// The one refusal that does not use its number up: what came before it has not arrived, so the
    /// client begins a new session and sends everything unanswered again.
    package static let sequenceGap = "sequence-gap"

    package let sequence: UInt64
    package let code: String
    package let text: String
    /// The JSON pointer of the offending place in the payload.
    package let pointer: String?
    /// What the sender's operator can do about it.
    package let hint: String

    package init(sequence: UInt64, code: String, text: String, pointer: String?, hint: String) {
        self.sequence = sequence
        self.code = code
        self.text = text
        self.pointer = pointer
        self.hint = hint
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count <= WireLimits.refusalBytes, record.count > 8,
            let sequence = body.bigEndian(at: record.lowerBound, as: UInt64.self)
        else { throw .malformed("a refusal has 9 to \(WireLimits.refusalBytes) bytes") }
        let reason = try WireJSON.decode(
            Reason.self, from: body.copied(record.lowerBound + 8..<record.upperBound),
            limit: WireLimits.refusalBytes)
        self.init(
            sequence: sequence, code: reason.code, text: reason.text, pointer: reason.pointer,
            hint: reason.hint ?? "")
    }

    struct Reason: Codable {
        let code: String
        let text: String
        let pointer: String?
        let hint: String?
    }
}

extension FrameWriter {
    package mutating func appendAcknowledgement(_ value: PublishAcknowledgement) {
        beginRecord()
        append(value.sequence)
        append(value.position)
        endRecord()
    }

    package mutating func appendAnchor(_ anchor: PublishAnchor) {
        appendAnchor(block: anchor.block, chainHead: anchor.chainHead.span)
    }

    /// `chainHead` has 32 bytes.
    package mutating func appendAnchor(block: UInt64, chainHead: Span<UInt8>) {
        precondition(
            chainHead.count == WireLimits.chainHeadBytes, "a chain head is a SHA-256 digest")
        beginRecord()
        append(block)
        append(chainHead)
        endRecord()
    }

    package mutating func appendRefusal(_ refusal: PublishRefusal) {
        beginRecord()
        append(refusal.sequence)
        let reason = WireJSON.encode(
            PublishRefusal.Reason(
                code: refusal.code, text: refusal.text, pointer: refusal.pointer,
                hint: refusal.hint))
        append(reason.span)
        endRecord()
    }
}
