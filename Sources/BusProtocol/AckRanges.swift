/// The deliveries one ACK settles (確認範囲): disjoint rising ranges of this session's delivery
/// sequence.
///
/// Built by inserting sequences, mostly in order; neighbours join. On the wire a record is `from
/// u64 | to u64`, both included.
package struct AckRanges: Hashable, Sendable {
    package static let recordBytes = 16

    package private(set) var ranges: [ClosedRange<UInt64>] = []

    package init() {}

    package var isEmpty: Bool { ranges.isEmpty }

    package mutating func removeAll() {
        ranges.removeAll(keepingCapacity: true)
    }

    package mutating func insert(_ sequence: UInt64) {
        insert(sequence...sequence)
    }

    /// Adds a range; what is already there stays, overlaps and neighbours join.
    package mutating func insert(_ range: ClosedRange<UInt64>) {
        guard let last = ranges.last else { return ranges.append(range) }
        if range.lowerBound > last.upperBound {
            if range.lowerBound - last.upperBound == 1 {
                ranges[ranges.count - 1] = last.lowerBound...range.upperBound
            } else {
                ranges.append(range)
            }
            return
        }
        var merged = range
        var kept: [ClosedRange<UInt64>] = []
        kept.reserveCapacity(ranges.count + 1)
        var placed = false
        for old in ranges {
            if touches(old, merged) {
                merged =
                    min(old.lowerBound, merged.lowerBound)...max(old.upperBound, merged.upperBound)
            } else if old.upperBound < merged.lowerBound {
                kept.append(old)
            } else {
                if !placed { kept.append(merged) }
                placed = true
                kept.append(old)
            }
        }
        if !placed { kept.append(merged) }
        ranges = kept
    }

    package func contains(_ sequence: UInt64) -> Bool {
        ranges.contains { $0.contains(sequence) }
    }

    /// Reads every range of an ACK into this value, whatever was in it.
    ///
    /// Ranges rise and do not overlap, start at 1 or above and end at or below `highest`, the last
    /// sequence delivered in this session; otherwise `frame-malformed`. The number of deliveries
    /// named is thereby bounded by the credit granted.
    package mutating func parse(
        _ control: ControlFrame, body: Span<UInt8>, highest: UInt64
    ) throws(ProtocolFault) {
        removeAll()
        var reader = try BodyReader(control, body: body)
        var previous: UInt64 = 0
        while let record = reader.next(in: body) {
            guard record.count == Self.recordBytes,
                let from = body.bigEndian(at: record.lowerBound, as: UInt64.self),
                let to = body.bigEndian(at: record.lowerBound + 8, as: UInt64.self)
            else { throw .malformed("an acknowledged range has 16 bytes") }
            guard from > previous, from <= to, to <= highest else {
                throw .malformed("acknowledged ranges rise and name deliveries of this session")
            }
            ranges.append(from...to)
            previous = to
        }
    }

    private func touches(_ left: ClosedRange<UInt64>, _ right: ClosedRange<UInt64>) -> Bool {
        if left.overlaps(right) { return true }
        return left.upperBound < right.lowerBound
            ? right.lowerBound - left.upperBound == 1 : left.lowerBound - right.upperBound == 1
    }
}

extension FrameWriter {
    package mutating func appendRange(_ range: ClosedRange<UInt64>) {
        beginRecord()
        append(range.lowerBound)
        append(range.upperBound)
        endRecord()
    }
}
