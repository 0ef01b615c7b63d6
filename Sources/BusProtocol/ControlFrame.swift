/// The fixed head of every frame (制御部): 24 bytes, all integers big-endian.
///
/// `version u8 | verb u8 | flags u16 = 0 | epoch u32 | sequence u64 | count u32 | reserved u32 =
/// 0`.
package struct ControlFrame: Hashable, Sendable {
    package static let byteCount = 24

    package let verb: Verb
    /// The session's fence; 0 before WELCOME (design §4, Epoch).
    package let epoch: UInt32
    /// What it numbers depends on the verb: see `Schemas/wire-protocol.md`.
    package let sequence: UInt64
    /// Records in the body, a head record included.
    package let count: Int

    package init(verb: Verb, epoch: UInt32, sequence: UInt64, count: Int) {
        self.verb = verb
        self.epoch = epoch
        self.sequence = sequence
        self.count = count
    }

    /// Reads a control frame; throws `frame-malformed`, `unsupported-version`, `unknown-verb` or
    /// `too-many-records`.
    package init(parsing bytes: Span<UInt8>) throws(ProtocolFault) {
        guard bytes.count == Self.byteCount,
            let flags = bytes.bigEndian(at: 2, as: UInt16.self),
            let epoch = bytes.bigEndian(at: 4, as: UInt32.self),
            let sequence = bytes.bigEndian(at: 8, as: UInt64.self),
            let count = bytes.bigEndian(at: 16, as: UInt32.self),
            let reserved = bytes.bigEndian(at: 20, as: UInt32.self)
        else { throw .malformed("a control frame has 24 bytes") }
        guard bytes[0] == WireLimits.version else {
            throw ProtocolFault(.unsupportedVersion, "this end speaks wire version 1 only")
        }
        guard let verb = Verb(rawValue: bytes[1]) else {
            throw ProtocolFault(.unknownVerb, "verb \(bytes[1]) is not in wire version 1")
        }
        guard flags == 0, reserved == 0 else {
            throw .malformed("flags and reserved are zero in wire version 1")
        }
        guard count <= UInt32(WireLimits.recordsPerFrame + (verb.hasHead ? 1 : 0)) else {
            throw ProtocolFault(
                .tooManyRecords, "a frame holds at most \(WireLimits.recordsPerFrame) records")
        }
        guard verb.recordCounts.contains(Int(count)) else {
            throw .malformed("\(verb.name) does not hold \(count) records")
        }
        self.init(verb: verb, epoch: epoch, sequence: sequence, count: Int(count))
    }

    /// Writes the 24 bytes over `bytes`, which becomes exactly that long and keeps its storage.
    package func write(into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(WireLimits.version)
        bytes.append(verb.rawValue)
        bytes.appendBigEndian(UInt16(0))
        bytes.appendBigEndian(epoch)
        bytes.appendBigEndian(sequence)
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: count))
        bytes.appendBigEndian(UInt32(0))
    }

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }
}

extension [UInt8] {
    mutating func appendBigEndian<Value: FixedWidthInteger>(_ value: Value) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe self.append(contentsOf: $0) }
    }

    mutating func append(copying bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe self.append(contentsOf: $0) }
    }
}
