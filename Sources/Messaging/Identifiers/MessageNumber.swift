/// A producer's own numbering of its messages (発信番号; design §5).
///
/// Within one incarnation of the producer's store the sequence starts at 1 and has no gaps. A restored
/// store has a new incarnation, so that it can neither reuse numbers nor be taken for a duplicate.
public struct MessageNumber: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let incarnation: UInt64
    public let sequence: UInt64

    public init(incarnation: UInt64, sequence: UInt64) {
        self.incarnation = incarnation
        self.sequence = sequence
    }

    /// Orders numbers of one incarnation; incarnations among themselves have no meaning in order.
    public static func < (left: Self, right: Self) -> Bool {
        (left.incarnation, left.sequence) < (right.incarnation, right.sequence)
    }

    /// `<incarnation, sixteen lower-case hexadecimal digits>~<sequence, decimal>`.
    public var description: String { "\(Hexadecimal.text(incarnation))~\(sequence)" }
}

extension MessageNumber {
    /// Parses what `description` writes: lower case, sixteen digits, no leading zero in the sequence.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> MessageNumber? {
        guard range.count >= 18, range.count <= 37,
            bytes[range.lowerBound + 16] == UInt8(ascii: "~")
        else { return nil }
        var incarnation: UInt64 = 0
        for index in range.lowerBound..<range.lowerBound + 16 {
            let byte = bytes[index]
            guard Grammar.isLowerHex(byte) else { return nil }
            let digit = Grammar.isDigit(byte) ? byte &- 0x30 : byte &- 0x57
            incarnation = incarnation << 4 | UInt64(digit)
        }
        let digits = range.lowerBound + 17..<range.upperBound
        guard bytes[digits.lowerBound] != UInt8(ascii: "0") else { return nil }
        var sequence: UInt64 = 0
        for index in digits {
            guard Grammar.isDigit(bytes[index]) else { return nil }
            let (shifted, overflow) = sequence.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(bytes[index] &- 0x30))
            guard !overflow, !carry else { return nil }
            sequence = sum
        }
        return MessageNumber(incarnation: incarnation, sequence: sequence)
    }
}
