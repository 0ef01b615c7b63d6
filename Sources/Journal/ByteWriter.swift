/// A growing run of bytes in the block format's encodings (書込み).
///
/// Whole numbers are LEB128; fixed-width ones are big-endian; texts and byte strings carry their
/// length first.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reset(reserving capacity: Int) {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(capacity)
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func number(_ value: Int) { number(UInt64(value)) }

    mutating func fixed(_ value: UInt64) {
        var bigEndian = value.bigEndian
        unsafe withUnsafeBytes(of: &bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func fixed(_ value: Int64) { fixed(UInt64(bitPattern: value)) }

    mutating func digest(_ value: Digest32) {
        fixed(value.words.0)
        fixed(value.words.1)
        fixed(value.words.2)
        fixed(value.words.3)
    }

    mutating func tag(_ value: ContentTag) {
        fixed(value.high)
        fixed(value.low)
    }

    mutating func raw(_ value: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: value) }

    mutating func text(_ value: String) {
        number(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func optionalText(_ value: String?) {
        byte(value == nil ? 0 : 1)
        if let value { text(value) }
    }
}
