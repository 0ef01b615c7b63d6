/// Builds one frame at a time in buffers it keeps (電文枠の組立て): no allocation once they have grown.
///
/// `begin`, then records while `fits`, then `finish`; afterwards `control` and `body` are the two
/// parts to send.
package struct FrameWriter: Sendable {
    /// The control frame's 24 bytes, valid after `finish`.
    package private(set) var control: [UInt8] = []
    /// The body's bytes, valid after `finish`.
    package private(set) var body: [UInt8] = []
    /// Records so far, a head record included.
    package private(set) var recordCount = 0

    private var verb: Verb = .ping
    private var epoch: UInt32 = 0
    private var sequence: UInt64 = 0
    private var recordStart: Int?

    package init(reservingBodyBytes bytes: Int = WireLimits.bodyBytes) {
        control.reserveCapacity(ControlFrame.byteCount)
        body.reserveCapacity(bytes)
    }

    /// Records so far without the head record.
    package var carriedCount: Int {
        verb.hasHead ? max(0, recordCount - 1) : recordCount
    }

    package mutating func begin(_ verb: Verb, epoch: UInt32, sequence: UInt64) {
        self.verb = verb
        self.epoch = epoch
        self.sequence = sequence
        recordCount = 0
        recordStart = nil
        body.removeAll(keepingCapacity: true)
    }

    /// Whether a record of `bytes` still has room: always as the first, otherwise within 64 records
    /// and 64 KiB.
    package func fits(_ bytes: Int) -> Bool {
        if carriedCount == 0 { return true }
        return carriedCount < WireLimits.recordsPerFrame
            && bytes <= WireLimits.bodyBytes - body.count - 4
    }

    package mutating func beginRecord() {
        precondition(recordStart == nil, "a record is ended before the next one begins")
        recordStart = body.count
        body.appendBigEndian(UInt32(0))
    }

    package mutating func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
        body.appendBigEndian(value)
    }

    package mutating func append(_ bytes: Span<UInt8>) {
        body.append(copying: bytes)
    }

    package mutating func append(_ text: String) {
        body.append(contentsOf: text.utf8)
    }

    package mutating func endRecord() {
        guard let start = recordStart else {
            preconditionFailure("a record begins before it is ended")
        }
        let length = UInt32(truncatingIfNeeded: body.count - start - 4)
        for index in 0..<4 {
            body[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index))
        }
        recordStart = nil
        recordCount += 1
    }

    package mutating func appendRecord(_ bytes: Span<UInt8>) {
        beginRecord()
        append(bytes)
        endRecord()
    }

    package mutating func appendRecord(_ bytes: [UInt8]) {
        appendRecord(bytes.span)
    }

    /// Completes the control frame with the count of what was appended.
    package mutating func finish() {
        precondition(recordStart == nil, "a frame is finished between records")
        precondition(
            verb.recordCounts.contains(recordCount),
            "\(verb.name) cannot hold \(recordCount) records")
        ControlFrame(verb: verb, epoch: epoch, sequence: sequence, count: recordCount)
            .write(into: &control)
    }
}

extension FrameWriter {
    /// Writes a whole frame without records: PING and PONG.
    package mutating func write(_ verb: Verb, epoch: UInt32, sequence: UInt64) {
        begin(verb, epoch: epoch, sequence: sequence)
        finish()
    }

    /// Writes a whole frame of one record.
    package mutating func write(_ verb: Verb, epoch: UInt32, sequence: UInt64, record: [UInt8]) {
        begin(verb, epoch: epoch, sequence: sequence)
        appendRecord(record)
        finish()
    }
}
