/// A run of digits as the content scan meets them (数字の連なり).
struct DigitRun {
    private var digits = InlineArray<12, UInt8>(repeating: 0)
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ digit: UInt8) {
        if count < 12 { digits[count] = digit &+ 0x30 }
        count = min(count + 1, 13)
    }

    /// Ends the run; whether it was exactly twelve digits that make a 個人番号.
    mutating func end() -> Bool {
        defer { count = 0 }
        return count == 12 && IndividualNumber.isValid(digits.span)
    }
}
