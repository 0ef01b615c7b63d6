/// A remainder by a number of any length, digit by digit (多倍長剰余).
///
/// Only divisors of more than eighteen digits need it; it allocates.
struct LongRemainder {
    /// Decimal digits, lowest first; one place longer than the modulus.
    private var rest: [UInt8]
    private let modulus: [UInt8]

    init(modulus digits: DecimalLexeme.Digits) {
        var all: [UInt8] = []
        var digits = digits
        while let digit = digits.next() { all.append(digit) }
        modulus = all.reversed() + [0]
        rest = Array(repeating: 0, count: modulus.count)
    }

    var isZero: Bool { rest.allSatisfy { $0 == 0 } }

    /// rest = (rest × 10 + digit) mod modulus
    mutating func push(_ digit: UInt8) {
        for index in stride(from: rest.count - 1, to: 0, by: -1) { rest[index] = rest[index - 1] }
        rest[0] = digit
        while !isLess { subtract() }
    }

    private var isLess: Bool {
        for index in rest.indices.reversed() where rest[index] != modulus[index] {
            return rest[index] < modulus[index]
        }
        return false
    }

    private mutating func subtract() {
        var borrow: UInt8 = 0
        for index in rest.indices {
            let taken = modulus[index] + borrow
            borrow = rest[index] < taken ? 1 : 0
            rest[index] = rest[index] &+ borrow &* 10 &- taken
        }
    }
}
