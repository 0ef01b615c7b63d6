/// A delivery that could not be applied (処理不能通知), a NAK's record:
/// `deliverySequence u64 | kind u8 | delayMilliseconds u32 | reason code`.
package struct NegativeAcknowledgement: Hashable, Sendable {
    package static let headBytes = 13

    /// Whether the attempt counts against the message (design §5, Lanes).
    package enum Kind: UInt8, CaseIterable, Sendable {
        case transient = 0
        case permanent = 1
    }

    package let deliverySequence: UInt64
    package let kind: Kind
    /// What the receiver asks for; 0 leaves it to the hub.
    package let delayMilliseconds: UInt32
    package let reason: String

    package init(
        deliverySequence: UInt64, kind: Kind, delayMilliseconds: UInt32, reason: String
    ) {
        self.deliverySequence = deliverySequence
        self.kind = kind
        self.delayMilliseconds = delayMilliseconds
        self.reason = ReasonCode.wire(reason)
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count > Self.headBytes, record.upperBound <= body.count,
            let sequence = body.bigEndian(at: record.lowerBound, as: UInt64.self),
            let kind = Kind(rawValue: body[record.lowerBound + 8]),
            let delay = body.bigEndian(at: record.lowerBound + 9, as: UInt32.self),
            let reason = body.reasonCode(record.lowerBound + Self.headBytes..<record.upperBound)
        else { throw .malformed("a negative acknowledgement is not laid out as one") }
        self.init(
            deliverySequence: sequence, kind: kind, delayMilliseconds: delay, reason: reason)
    }
}

/// A delivery its receiver will never take (受領拒否), a TERM's record: `deliverySequence u64 | reason
/// code`.
package struct Termination: Hashable, Sendable {
    package let deliverySequence: UInt64
    package let reason: String

    package init(deliverySequence: UInt64, reason: String) {
        self.deliverySequence = deliverySequence
        self.reason = ReasonCode.wire(reason)
    }

    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count > 8, record.upperBound <= body.count,
            let sequence = body.bigEndian(at: record.lowerBound, as: UInt64.self),
            let reason = body.reasonCode(record.lowerBound + 8..<record.upperBound)
        else { throw .malformed("a termination is not laid out as one") }
        self.init(deliverySequence: sequence, reason: reason)
    }
}

/// A delivery that is still being worked on (処理継続通知), a PROGRESS's record: `deliverySequence u64`.
package enum ProgressMark {
    package static func parse(
        _ body: Span<UInt8>, at record: Range<Int>
    ) throws(ProtocolFault) -> UInt64 {
        guard record.count == 8,
            let sequence = body.bigEndian(at: record.lowerBound, as: UInt64.self)
        else { throw .malformed("a progress mark has 8 bytes") }
        return sequence
    }
}

extension FrameWriter {
    package mutating func appendNegative(_ value: NegativeAcknowledgement) {
        beginRecord()
        append(value.deliverySequence)
        append(value.kind.rawValue)
        append(value.delayMilliseconds)
        append(value.reason)
        endRecord()
    }

    package mutating func appendTermination(_ value: Termination) {
        beginRecord()
        append(value.deliverySequence)
        append(value.reason)
        endRecord()
    }

    package mutating func appendProgress(_ deliverySequence: UInt64) {
        beginRecord()
        append(deliverySequence)
        endRecord()
    }
}
