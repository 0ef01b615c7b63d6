/// The number of a 在留カード or 特別永住者証明書 (V-5): two letters, eight digits, two letters; no public check digit.
///
/// It changes with each new card and is nobody's lasting key.
public enum ResidenceCardNumber {
    /// The number in the form that is kept, ASCII capitals; nil for what is none.
    public static func normalised(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count == 12 else { return nil }
        var normal: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            if (2..<10).contains(place) {
                guard Grammar.isDigit(byte) else { return nil }
                normal.append(byte)
            } else {
                let capital = (0x61...0x7A).contains(byte) ? byte - 0x20 : byte
                guard (0x41...0x5A).contains(capital) else { return nil }
                normal.append(capital)
            }
        }
        return String(decoding: normal, as: UTF8.self)
    }
}
