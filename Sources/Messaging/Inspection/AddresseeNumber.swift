/// The check digit of 宛名番号 and 世帯番号 (V-6): a serial number and one digit of modulus 11.
public enum AddresseeNumber {
    /// Longest number, in digits.
    public static let digitLimit = 20

    /// Whether `text` is two to twenty ASCII digits with the right one at the end.
    public static func isValid(_ text: String) -> Bool {
        let digits = Array(text.utf8)
        guard (2...digitLimit).contains(digits.count), digits.allSatisfy(Grammar.isDigit) else {
            return false
        }
        let values = digits.map { $0 &- 0x30 }
        return Modulus11.checkDigit(of: Array(values.dropLast())) == values.last
    }

    /// `serial` with its check digit, or nil if it is not one to nineteen digits.
    public static func completed(serial: String) -> String? {
        let digits = Array(serial.utf8)
        guard (1..<digitLimit).contains(digits.count), digits.allSatisfy(Grammar.isDigit) else {
            return nil
        }
        return serial + String(Modulus11.checkDigit(of: digits.map { $0 &- 0x30 }))
    }
}
