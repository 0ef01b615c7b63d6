/// Reads what a ``ByteWriter`` wrote (読取り), never beyond the end.
struct ByteReader {
    /// The bytes end early or say something impossible.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private(set) var offset = 0
    private let end: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count
    }

    var isAtEnd: Bool { offset == end }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard offset < end else { throw Malformed() }
        offset += 1
        return bytes[offset - 1]
    }

    mutating func number() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || (shift == 63 && next <= 1) else { throw Malformed() }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// A count of things that take at least one byte each.
    mutating func count() throws(Malformed) -> Int {
        let value = try number()
        guard value <= UInt64(end - offset) else { throw Malformed() }
        return Int(value)
    }

    mutating func length() throws(Malformed) -> Int {
        guard let value = Int(exactly: try number()) else { throw Malformed() }
        return value
    }

    mutating func party() throws(Malformed) -> PartyNumber {
        guard let value = UInt32(exactly: try number()) else { throw Malformed() }
        return PartyNumber(rawValue: value)
    }

    mutating func small() throws(Malformed) -> UInt32 {
        guard let value = UInt32(exactly: try number()) else { throw Malformed() }
        return value
    }

    mutating func fixed() throws(Malformed) -> UInt64 {
        guard end - offset >= 8 else { throw Malformed() }
        var value: UInt64 = 0
        for index in offset..<offset + 8 { value = value << 8 | UInt64(bytes[index]) }
        offset += 8
        return value
    }

    mutating func signed() throws(Malformed) -> Int64 { Int64(bitPattern: try fixed()) }

    mutating func digest() throws(Malformed) -> Digest32 {
        Digest32(words: (try fixed(), try fixed(), try fixed(), try fixed()))
    }

    mutating func tag() throws(Malformed) -> ContentTag {
        ContentTag(high: try fixed(), low: try fixed())
    }

    mutating func range(_ count: Int) throws(Malformed) -> Range<Int> {
        guard count >= 0, count <= end - offset else { throw Malformed() }
        offset += count
        return offset - count..<offset
    }

    mutating func raw(_ count: Int) throws(Malformed) -> [UInt8] { Array(bytes[try range(count)]) }

    mutating func text() throws(Malformed) -> String {
        let range = try range(try count())
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw Malformed() }
        return text
    }

    mutating func optionalText() throws(Malformed) -> String? {
        try byte() == 0 ? nil : try text()
    }
}
