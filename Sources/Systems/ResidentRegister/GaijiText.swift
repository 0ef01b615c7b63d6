import ParticipantStore

/// 外字 in a text: characters of the private use areas, and those told apart by a variation selector (IVS).
struct GaijiText {
    let text: String

    /// 項目長: characters as people count them (V-9; the unit is INF).
    var length: Int { text.count }

    /// 外字数, never more than the length.
    var count: Int { positions.count }

    /// Where they stand, from 1.
    var positions: [Int] {
        text.enumerated().filter { _, character in
            character.unicodeScalars.contains(where: Self.isGaiji)
        }.map { $0.offset + 1 }
    }

    /// 代替文字: an IVS by its base character, a private use character by 〓; nil when there is nothing to replace.
    var substitute: (text: String, isComplete: Bool)? {
        guard count > 0 else { return nil }
        var out = ""
        var isComplete = true
        for character in text {
            let plain = character.unicodeScalars.filter { !Self.isSelector($0) }
            if plain.contains(where: Self.isGaiji) {
                out.append("〓")
                isComplete = false
            } else {
                out.unicodeScalars.append(contentsOf: plain)
            }
        }
        return (out, isComplete)
    }

    private static func isGaiji(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xE000...0xF8FF, 0xF0000...0x10FFFD: true
        default: isSelector(scalar)
        }
    }

    private static func isSelector(_ scalar: Unicode.Scalar) -> Bool {
        (0xE0100...0xE01EF).contains(scalar.value)
    }
}
