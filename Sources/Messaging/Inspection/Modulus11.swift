/// Modulus 11 with weights 2 to 7, repeated from the right (モジュラス11, M11W2–7).
enum Modulus11 {
    /// The check digit of digits 0…9; 0 where the remainder is 0 or 1.
    static func checkDigit(of digits: [UInt8]) -> UInt8 {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            sum += Int(digit) * (place % 6 + 2)
        }
        let remainder = sum % 11
        return remainder <= 1 ? 0 : UInt8(11 - remainder)
    }
}
