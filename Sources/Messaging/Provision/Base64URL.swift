internal import FoundationEssentials

/// Keys, signatures and sealed contents as text (base64url without padding; RFC 4648 §5).
public enum Base64URL {
    public static func text(_ bytes: [UInt8]) -> String {
        var out = ""
        for character in Data(bytes).base64EncodedString() {
            switch character {
            case "+": out.append("-")
            case "/": out.append("_")
            case "=": break
            default: out.append(character)
            }
        }
        return out
    }

    /// Nil where `text` is not base64url.
    public static func bytes(_ text: String) -> [UInt8]? {
        guard
            text.utf8.allSatisfy({ byte in
                Grammar.isDigit(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x5F
            })
        else { return nil }
        var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard).map { Array($0) }
    }
}
