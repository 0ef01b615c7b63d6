/// The check digit of a 個人番号 (V-1; 平成26年総務省令第85号第5条).
///
/// It knows the rule, never a number: nothing here keeps what it is asked about.
public enum IndividualNumber {
    public static let digitCount = 12

    /// Whether `digits` are exactly twelve ASCII digits with the right check digit at the end.
    public static func isValid(_ digits: Span<UInt8>) -> Bool {
        guard digits.count == digitCount else { return false }
        var sum = 0
        for index in 0..<11 {
            guard Grammar.isDigit(digits[index]) else { return false }
            let fromRight = 11 - index
            sum += Int(digits[index] &- 0x30) * (fromRight <= 6 ? fromRight + 1 : fromRight - 5)
        }
        let remainder = sum % 11
        return Int(digits[11]) == 0x30 + (remainder <= 1 ? 0 : 11 - remainder)
    }

    public static func isValid(_ digits: [UInt8]) -> Bool { isValid(digits.span) }
    public static func isValid(_ text: String) -> Bool { isValid(text.utf8.span) }
}
