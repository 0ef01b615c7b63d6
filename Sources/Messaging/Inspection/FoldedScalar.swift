/// What the content scan takes one character for (検査のための字の畳込み; R-020, corrections 14).
///
/// NFKC's digits, and circled forms that NFKC leaves alone, count as digits; anything that reads as a
/// space or a hyphen between digits counts as a separator.
enum FoldedScalar {
    case digit(UInt8)
    /// Circled numbers from ten on.
    case twoDigits(UInt8, UInt8)
    case separator
    case other

    init(_ value: UInt32) {
        if value < 0x80 {
            self = FoldedScalar.ascii(UInt8(truncatingIfNeeded: value))
        } else if value >= 0x3040, value <= 0xD7FF, !(0x3251...0x32BF ~= value) {
            // Kana, ideographs and hangul, the bulk of every payload.
            self = value == 0x30FC ? .separator : .other
        } else {
            self = FoldedScalar.rare(value)
        }
    }

    private static func ascii(_ byte: UInt8) -> FoldedScalar {
        switch byte {
        case 0x30...0x39: .digit(byte &- 0x30)
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "-"): .separator
        default: .other
        }
    }

    private static func rare(_ value: UInt32) -> FoldedScalar {
        for block in digitBlocks where block.first...block.last ~= value {
            return number(Int(value - block.first) + block.value)
        }
        switch value {
        case 0x00B9: return .digit(1)
        case 0x00B2: return .digit(2)
        case 0x00B3: return .digit(3)
        case 0x1D7CE...0x1D7FF: return .digit(UInt8((value - 0x1D7CE) % 10))
        case 0x00A0, 0x00AD, 0x1680, 0x2000...0x200D, 0x2010...0x2015, 0x202F, 0x2043, 0x205F,
            0x2060, 0x2212, 0x2500, 0x2501, 0x3000, 0xFE58, 0xFE63, 0xFEFF, 0xFF0D, 0xFF70:
            return .separator
        default: return .other
        }
    }

    private static func number(_ value: Int) -> FoldedScalar {
        value < 10 ? .digit(UInt8(value)) : .twoDigits(UInt8(value / 10), UInt8(value % 10))
    }

    /// Runs of characters that stand for consecutive numbers, and the number of the first.
    private static let digitBlocks: [(first: UInt32, last: UInt32, value: Int)] = [
        (0xFF10, 0xFF19, 0),  // full-width
        (0x2460, 0x2473, 1),  // ① … ⑳
        (0x3251, 0x325F, 21), (0x32B1, 0x32BF, 36),  // ㉑ … ㊿
        (0x24EA, 0x24EA, 0), (0x24FF, 0x24FF, 0),  // ⓪ ⓿
        (0x24F5, 0x24FE, 1), (0x24EB, 0x24F4, 11),  // double and negative circled
        (0x2776, 0x277F, 1), (0x2780, 0x2789, 1), (0x278A, 0x2793, 1),  // dingbats
        (0x2070, 0x2070, 0), (0x2074, 0x2079, 4), (0x2080, 0x2089, 0),  // super- and subscript
        (0x1FBF0, 0x1FBF9, 0),  // segmented
    ]
}
