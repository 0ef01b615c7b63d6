/// One message as a producer publishes it (発行記録): `envelopeLength u32 | envelope | payload`, as
/// places in the body.
package struct PublishedRecord: Hashable, Sendable {
    /// Bytes before the envelope.
    package static let headBytes = 4

    package let envelope: Range<Int>
    package let payload: Range<Int>

    /// Reads the record that stands at `record` in `body`; throws `frame-malformed`.
    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        (envelope, payload) = try splitMessage(
            in: body, at: record.lowerBound, end: record.upperBound)
    }
}

/// One message as the hub delivers it (配信記録): `position u64 | attempt u32 | envelopeLength u32 |
/// envelope | payload`.
package struct DeliveredRecord: Hashable, Sendable {
    /// Bytes before the envelope.
    package static let headBytes = 16

    /// The message's place in the hub's journal.
    package let position: UInt64
    /// 1 at the first delivery; counts failures, not sessions lost (design §5).
    package let attempt: UInt32
    package let envelope: Range<Int>
    package let payload: Range<Int>

    /// Reads the record that stands at `record` in `body`; throws `frame-malformed`.
    package init(parsing body: Span<UInt8>, at record: Range<Int>) throws(ProtocolFault) {
        guard record.count >= Self.headBytes,
            let position = body.bigEndian(at: record.lowerBound, as: UInt64.self),
            let attempt = body.bigEndian(at: record.lowerBound + 8, as: UInt32.self)
        else { throw .malformed("a delivered record starts with 16 bytes") }
        self.position = position
        self.attempt = attempt
        (envelope, payload) = try splitMessage(
            in: body, at: record.lowerBound + 12, end: record.upperBound)
    }
}

/// The settled floor that heads a DELIVER (既処理位置): below it an inbox may be pruned.
package enum SettledFloor {
    package static func parse(
        _ body: Span<UInt8>, at record: Range<Int>
    ) throws(ProtocolFault) -> UInt64 {
        guard record.count == 8, let floor = body.bigEndian(at: record.lowerBound, as: UInt64.self)
        else { throw .malformed("a settled floor has 8 bytes") }
        return floor
    }
}

private func splitMessage(
    in body: Span<UInt8>, at start: Int, end: Int
) throws(ProtocolFault) -> (envelope: Range<Int>, payload: Range<Int>) {
    guard end <= body.count, end - start >= 4,
        let length = body.bigEndian(at: start, as: UInt32.self)
    else { throw .malformed("a message record starts with its envelope's length") }
    guard length <= UInt32(WireLimits.envelopeBytes), Int(length) <= end - start - 4 else {
        throw .malformed("an envelope's length does not fit its record")
    }
    let split = start + 4 + Int(length)
    return (start + 4..<split, split..<end)
}

extension FrameWriter {
    package mutating func appendPublished(envelope: Span<UInt8>, payload: Span<UInt8>) {
        beginRecord()
        append(UInt32(truncatingIfNeeded: envelope.count))
        append(envelope)
        append(payload)
        endRecord()
    }

    /// DELIVER's record 0.
    package mutating func appendFloor(_ floor: UInt64) {
        beginRecord()
        append(floor)
        endRecord()
    }

    package mutating func appendDelivered(
        position: UInt64, attempt: UInt32, envelope: Span<UInt8>, payload: Span<UInt8>
    ) {
        beginRecord()
        append(position)
        append(attempt)
        append(UInt32(truncatingIfNeeded: envelope.count))
        append(envelope)
        append(payload)
        endRecord()
    }
}
