import ParticipantStore

/// What a search looks for (検索条件; B4-01), and whether that is enough.
enum SearchKey: Hashable {
    /// 4情報 as typed; nil where a key is left out or does not count.
    struct FourItems: Hashable {
        let name: String?
        let address: String?
        let birthDate: String?
        let sex: String?

        /// 性別を除く2情報以上: 氏名 with 住所 or 生年月日; 住所 with 生年月日 only where configured (AMB-12).
        func suffice(allowAddressBirth: Bool) -> Bool {
            if name != nil { return address != nil || birthDate != nil }
            return allowAddressBirth && address != nil && birthDate != nil
        }
    }

    case juminhyoCode(String)
    case individualNumber(String)
    case fourItems(FourItems)

    /// From a request's members; nil when it has none of the three kinds.
    init?(_ fields: JSONFields) {
        if let code = fields["juminhyoCode"]?.text {
            self = .juminhyoCode(code)
        } else if let number = fields["individualNumber"]?.text {
            self = .individualNumber(number)
        } else if let items = fields["fourItems"] {
            self = .fourItems(
                FourItems(
                    name: Self.counted(items["nameKanji"]?.text),
                    address: Self.counted(items["address"]?.text),
                    birthDate: Self.counted(items["birthDate"]?.text, least: 8),
                    sex: items["sex"]?.text))
        } else {
            return nil
        }
    }

    func suffices(_ settings: CSSettings) -> Bool {
        guard case .fourItems(let items) = self else { return true }
        return items.suffice(allowAddressBirth: settings.allowAddressBirthSearch)
    }

    /// The kinds of keys used, for the log: never their values.
    var kinds: String {
        switch self {
        case .juminhyoCode: "juminhyoCode"
        case .individualNumber: "individualNumber"
        case .fourItems(let items):
            [
                items.name.map { _ in "nameKanji" }, items.address.map { _ in "address" },
                items.birthDate.map { _ in "birthDate" }, items.sex.map { _ in "sex" },
            ].compactMap { $0 }.joined(separator: "+")
        }
    }

    private static let wildcards: Set<Character> = ["*", "＊", "?", "？", "%", "％", "_", "＿"]

    /// A blank key, or one with fewer than two characters beside its wildcards, is no key.
    private static func counted(_ text: String?, least: Int = 2) -> String? {
        guard let text else { return nil }
        let significant = text.filter { !wildcards.contains($0) && !$0.isWhitespace }
        return significant.count >= least ? text : nil
    }

    /// A `LIKE` pattern with `\` as escape when the key has a wildcard, else nil.
    static func pattern(_ key: String) -> String? {
        guard key.contains(where: { wildcards.contains($0) }) else { return nil }
        var pattern = ""
        for character in key {
            switch character {
            case "*", "＊", "%", "％": pattern.append("%")
            case "?", "？", "_", "＿": pattern.append("_")
            case "\\": pattern.append("\\\\")
            default: pattern.append(character)
            }
        }
        return pattern
    }

    static func unspaced(_ name: String) -> String { name.filter { $0 != " " && $0 != "　" } }
}
