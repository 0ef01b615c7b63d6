/// What may stand in `\p{…}` (文字特性): general categories, from the standard library's tables, and
/// the three scripts Japanese text is written in.
enum UnicodeProperty {
    /// The set of a property's name; nil if the name is not in the subset.
    ///
    /// `Han` alone is accepted beside `Script=Han` and `sc=Han`; `gc=` and `General_Category=`
    /// may stand before a category.
    static func set(named text: String) -> CodePointSet? {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return categories[text] ?? scripts[text] ?? (text == "Any" ? .any : nil)
        case 2:
            let name = String(parts[1])
            switch parts[0] {
            case "gc", "General_Category": return categories[name]
            case "sc", "Script": return scripts[name]
            default: return nil
            }
        default: return nil
        }
    }

    /// Scripts.txt of Unicode 16.0.
    private static let scripts: [String: CodePointSet] = [
        "Han": CodePointSet([
            0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007,
            0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D,
            0xFA70...0xFAD9, 0x16FE2...0x16FE3, 0x16FF0...0x16FF1, 0x20000...0x2A6DF,
            0x2A700...0x2B739, 0x2B740...0x2B81D, 0x2B820...0x2CEA1, 0x2CEB0...0x2EBE0,
            0x2EBF0...0x2EE5D, 0x2F800...0x2FA1D, 0x30000...0x3134A, 0x31350...0x323AF,
        ]),
        "Hiragana": CodePointSet([
            0x3041...0x3096, 0x309D...0x309F, 0x1B001...0x1B11F, 0x1B132...0x1B132,
            0x1B150...0x1B152, 0x1F200...0x1F200,
        ]),
        "Katakana": CodePointSet([
            0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF, 0x32D0...0x32FE, 0x3300...0x3357,
            0xFF66...0xFF6F, 0xFF71...0xFF9D, 0x1AFF0...0x1AFF3, 0x1AFF5...0x1AFFB,
            0x1AFFD...0x1AFFE, 0x1B000...0x1B000, 0x1B120...0x1B122, 0x1B155...0x1B155,
            0x1B164...0x1B167,
        ]),
    ]

    /// Every category and every group of categories; made once, when a schema first asks.
    private static let categories: [String: CodePointSet] = {
        var ranges: [String: [ClosedRange<UInt32>]] = [:]
        var open: (name: String, first: UInt32)?
        for codePoint in 0...CodePointSet.highest + 1 {
            let name =
                Unicode.Scalar(codePoint).map { abbreviation($0.properties.generalCategory) }
                ?? (codePoint <= CodePointSet.highest ? "Cs" : "")
            if open?.name == name { continue }
            if let run = open { ranges[run.name, default: []].append(run.first...codePoint - 1) }
            open = (name, codePoint)
        }
        var sets: [String: CodePointSet] = [:]
        for (name, runs) in ranges {
            sets[name] = CodePointSet(runs)
            for group in groups(of: name) {
                sets[group] = (sets[group] ?? CodePointSet()).union(CodePointSet(runs))
            }
        }
        for (long, short) in longNames { sets[long] = sets[short] }
        return sets
    }()

    private static func groups(of category: String) -> [String] {
        let cased = ["Lu", "Ll", "Lt"].contains(category) ? ["LC"] : []
        return [String(category.prefix(1))] + cased
    }

    private static let longNames = [
        "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Mark": "M",
        "Number": "N", "Decimal_Number": "Nd", "Punctuation": "P", "Symbol": "S",
        "Separator": "Z", "Space_Separator": "Zs", "Other": "C", "Control": "Cc",
    ]

    private static func abbreviation(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
