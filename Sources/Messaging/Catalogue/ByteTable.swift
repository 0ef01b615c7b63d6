/// Names to numbers, looked up by bytes (名称索引): no `String` is made on the way.
///
/// Open addressing at most half full. The names are the catalogue's own, never a sender's, so that an
/// unkeyed hash is enough.
package struct ByteTable: Sendable {
    private var slots: [UInt32]
    private var starts: [Int] = [0]
    private var bytes: [UInt8] = []
    private let mask: Int

    package init(_ names: [String]) {
        var capacity = 16
        while capacity < names.count * 2 { capacity *= 2 }
        slots = [UInt32](repeating: 0, count: capacity)
        mask = capacity - 1
        for (index, name) in names.enumerated() {
            let text = Array(name.utf8)
            bytes += text
            starts.append(bytes.count)
            var slot = Self.hash(text.span, 0..<text.count) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// The number of the name in `range`; the first one where a name was given twice.
    package func find(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var slot = Self.hash(text, range) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if matches(index, text, range) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func matches(_ index: Int, _ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == range.count else { return false }
        for offset in 0..<range.count
        where bytes[start + offset] != text[range.lowerBound + offset] {
            return false
        }
        return true
    }

    /// FNV-1a.
    private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { value = (value ^ UInt64(text[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: value ^ value >> 32) & .max
    }
}
