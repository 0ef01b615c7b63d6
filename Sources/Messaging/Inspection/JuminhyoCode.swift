/// The check digit of a 住民票コード (V-2): ten random digits and one of modulus 11.
public enum JuminhyoCode {
    public static let digitCount = 11

    /// How the last digit is computed; replaceable, because the notice that defines it
    /// (平成14年総務省告示第436号) is not public and ours is inferred from samples.
    public struct Strategy: Sendable {
        /// The check digit (0…9) of ten digits (0…9 each).
        public let checkDigit: @Sendable ([UInt8]) -> UInt8

        public init(checkDigit: @escaping @Sendable ([UInt8]) -> UInt8) {
            self.checkDigit = checkDigit
        }

        /// Weights 2, 3, 4, 5, 6, 7, 2, 3, 4, 5 from the right; 11 − r; 0 where r ≤ 1 [INF].
        public static let modulus11 = Strategy { Modulus11.checkDigit(of: $0) }
    }

    /// Whether `digits` are eleven ASCII digits that the strategy accepts.
    public static func isValid(_ digits: [UInt8], by strategy: Strategy = .modulus11) -> Bool {
        guard digits.count == digitCount, digits.allSatisfy(Grammar.isDigit) else { return false }
        return strategy.checkDigit(digits.prefix(10).map { $0 &- 0x30 }) == digits[10] &- 0x30
    }

    public static func isValid(_ text: String, by strategy: Strategy = .modulus11) -> Bool {
        isValid(Array(text.utf8), by: strategy)
    }
}
