/// The code of a local government with its check digit (全国地方公共団体コード; V-3).
public struct MunicipalityCode: Hashable, Sendable, CustomStringConvertible {
    /// Five digits, `08201`.
    public let five: String
    /// Six digits, `082015`.
    public let six: String

    /// From five digits, or from six whose last must be right.
    public init(_ text: String) throws(InvalidIdentifier) {
        let digits = Array(text.utf8)
        guard digits.count == 5 || digits.count == 6, digits.allSatisfy(Grammar.isDigit) else {
            throw InvalidIdentifier(kind: "MunicipalityCode", rule: "five or six digits")
        }
        var sum = 0
        for (place, digit) in digits.prefix(5).enumerated() {
            sum += Int(digit &- 0x30) * (6 - place)
        }
        let check = UInt8((11 - sum % 11) % 10)
        guard digits.count == 5 || digits[5] &- 0x30 == check else {
            throw InvalidIdentifier(kind: "MunicipalityCode", rule: "the check digit is wrong")
        }
        five = String(text.prefix(5))
        six = five + String(check)
    }

    /// The first two digits: 01…47.
    public var prefecture: String { String(five.prefix(2)) }
    public var description: String { six }
}
