/// The form of a 郵便番号 (V-4): seven digits, shown as `310-8610`; there is no check digit.
public enum PostalCode {
    public static func isValid(_ text: String) -> Bool {
        Grammar.holds(text) { Grammar.isDigits($0, $1, count: 7) }
    }

    /// Three digits, a hyphen and four; nil if `text` is not a postal code.
    public static func display(_ text: String) -> String? {
        guard isValid(text) else { return nil }
        return "\(text.prefix(3))-\(text.suffix(4))"
    }
}
