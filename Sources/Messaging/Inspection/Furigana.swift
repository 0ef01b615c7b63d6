/// Forms of the reading of a name (氏名の振り仮名; V-7, V-8).
public enum Furigana {
    /// The register's katakana as the CS's hiragana: U+30A1…U+30F6 lie 0x60 above; all else stays.
    public static func hiragana(fromKatakana text: String) -> String {
        mapped(text) { 0x30A1...0x30F6 ~= $0 ? $0 - 0x60 : $0 }
    }

    /// Without voicing marks and small kana (清音化 [INF]), as search keys are compared.
    public static func unvoiced(_ text: String) -> String {
        mapped(text) { value in
            switch value {
            case 0x3099, 0x309A: nil
            case 0x3094: 0x3046
            case 0x309E: 0x309D
            // か…ぢ alternate plain, voiced; so do づ…ど after the small つ.
            case 0x304B...0x3062: value % 2 == 0 ? value - 1 : value
            case 0x3065, 0x3067, 0x3069: value - 1
            // は…ぽ come in threes: plain, voiced, half-voiced.
            case 0x306F...0x307D: value - (value - 0x306F) % 3
            case 0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3063, 0x3083, 0x3085, 0x3087, 0x308E:
                value + 1
            default: value
            }
        }
    }

    private static func mapped(_ text: String, _ change: (UInt32) -> UInt32?) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if let value = change(scalar.value), let new = Unicode.Scalar(value) { out.append(new) }
        }
        return String(out)
    }
}
