/// Walks the records of one body (本体部の読取り): `count` times `length u32 | bytes`.
///
/// The whole body is measured before the first record is handed out, so a malformed frame is
/// refused as a whole and never half obeyed. Records are ranges in the body; nothing is copied.
package struct BodyReader: Sendable {
    private let byteCount: Int
    private var remaining: Int
    private var offset = 0

    /// Measures `body`; throws `frame-malformed` on truncation, overrun or a wrong count and
    /// `too-many-records` where several records exceed 64 KiB together.
    package init(_ control: ControlFrame, body: Span<UInt8>) throws(ProtocolFault) {
        let carried = control.count - (control.verb.hasHead ? 1 : 0)
        guard body.count <= WireLimits.bodyBytes || carried <= 1 else {
            throw ProtocolFault(
                .tooManyRecords,
                "a body of several records holds at most \(WireLimits.bodyBytes) bytes")
        }
        var end = 0
        for _ in 0..<max(0, control.count) {
            guard let length = body.bigEndian(at: end, as: UInt32.self) else {
                throw .malformed("the body ends before its record count")
            }
            let start = end + 4
            guard Int(length) <= body.count - start else {
                throw .malformed("a record is longer than the body that holds it")
            }
            end = start + Int(length)
        }
        guard end == body.count else { throw .malformed("bytes follow the last record") }
        byteCount = body.count
        remaining = max(0, control.count)
    }

    /// The next record's place in `body`, nil after the last one; `body` is the one given at the
    /// start.
    package mutating func next(in body: Span<UInt8>) -> Range<Int>? {
        precondition(body.count == byteCount, "a reader walks the body it was made for")
        guard remaining > 0, let length = body.bigEndian(at: offset, as: UInt32.self) else {
            return nil
        }
        let start = offset + 4
        guard Int(length) <= body.count - start else { return nil }
        remaining -= 1
        offset = start + Int(length)
        return start..<offset
    }

    /// The only record of a frame whose verb holds exactly one.
    package static func single(
        _ control: ControlFrame, body: Span<UInt8>
    ) throws(ProtocolFault) -> Range<Int> {
        var reader = try BodyReader(control, body: body)
        guard control.count == 1, let record = reader.next(in: body) else {
            throw .malformed("\(control.verb.name) holds one record")
        }
        return record
    }
}
