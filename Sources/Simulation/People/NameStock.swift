/// Names and towns people are made up of (架空の氏名と町名の素材); common ones, and some with 外字 or a variation selector.
enum NameStock {
    struct Name: Hashable, Sendable {
        let kanji: String
        let kana: String
    }

    struct Nation: Hashable, Sendable {
        /// ISO 3166-1 alpha-3 [INF].
        let code: String
        let ja: String
        let families: [Name]
        let given: [Name]
    }

    struct Town: Hashable, Sendable {
        let name: String
        let postalCode: String
        let code: String
    }

    static func surname(_ random: inout SeededGenerator) -> Name {
        // Two in a hundred bear a character that most fonts lack.
        let stock = Int.random(in: 0..<100, using: &random) < 2 ? rareSurnames : surnames
        return stock[Int.random(in: 0..<stock.count, using: &random)]
    }

    static func given(isMale: Bool, _ random: inout SeededGenerator) -> Name {
        let stock = isMale ? men : women
        return stock[Int.random(in: 0..<stock.count, using: &random)]
    }

    static func nation(_ random: inout SeededGenerator) -> Nation {
        nations[Int.random(in: 0..<nations.count, using: &random)]
    }

    static func foreign(of nation: Nation, _ random: inout SeededGenerator) -> Name {
        let family = nation.families[Int.random(in: 0..<nation.families.count, using: &random)]
        let given = nation.given[Int.random(in: 0..<nation.given.count, using: &random)]
        return Name(kanji: "\(family.kanji) \(given.kanji)", kana: "\(family.kana)　\(given.kana)")
    }

    private static func names(_ list: String) -> [Name] {
        list.split(separator: " ").map { pair in
            let parts = pair.split(separator: "/")
            return Name(kanji: String(parts[0]), kana: String(parts[1]))
        }
    }

    private static let surnames = names(
        """
        佐藤/サトウ 鈴木/スズキ 高橋/タカハシ 田中/タナカ 伊藤/イトウ 渡辺/ワタナベ 山本/ヤマモト 中村/ナカムラ \
        小林/コバヤシ 加藤/カトウ 吉田/ヨシダ 山田/ヤマダ 佐々木/ササキ 山口/ヤマグチ 松本/マツモト 井上/イノウエ \
        木村/キムラ 林/ハヤシ 斎藤/サイトウ 清水/シミズ 根本/ネモト 小野瀬/オノセ 大和田/オオワダ 石川/イシカワ \
        飛田/トビタ 黒澤/クロサワ 海老澤/エビサワ 綿引/ワタヒキ 会沢/アイザワ 打越/ウチコシ
        """)
    /// IVS, a character outside the basic plane, and 外字 of the private use area.
    private static let rareSurnames = names(
        """
        辻\u{E0100}/ツジ 葛\u{E0101}西/カサイ 邉\u{E0103}見/ヘンミ 𠮷田/ヨシダ 髙橋/タカハシ 﨑山/サキヤマ \u{E001}藤/サイトウ
        """)
    private static let men = names(
        """
        太郎/タロウ 一郎/イチロウ 健/ケン 誠/マコト 翔太/ショウタ 大輔/ダイスケ 蓮/レン 湊/ミナト 正/タダシ 清/キヨシ \
        勇/イサム 隆/タカシ 拓也/タクヤ 悠真/ユウマ 颯/ハヤテ 茂/シゲル
        """)
    private static let women = names(
        """
        花子/ハナコ 幸子/サチコ 陽子/ヨウコ 恵/メグミ 愛/アイ 結衣/ユイ 美咲/ミサキ 葵/アオイ 和子/カズコ 節子/セツコ \
        直美/ナオミ 凛/リン 京子/キョウコ 由美/ユミ 薫/カオル 千代/チヨ
        """)
    private static let nations = [
        Nation(
            code: "VNM", ja: "ベトナム", families: names("NGUYEN/グエン TRAN/チャン LE/レ"),
            given: names("VAN/ヴァン THI/ティ MINH/ミン HOA/ホア")),
        Nation(
            code: "CHN", ja: "中国", families: names("WANG/ワン LI/リー ZHANG/チャン"),
            given: names("WEI/ウェイ FANG/ファン MIN/ミン")),
        Nation(
            code: "PHL", ja: "フィリピン", families: names("SANTOS/サントス REYES/レイエス"),
            given: names("MARIA/マリア JOSE/ホセ ANA/アナ")),
        Nation(
            code: "BRA", ja: "ブラジル", families: names("SILVA/シルバ SOUZA/ソウザ"),
            given: names("LUCAS/ルカス JULIA/ジュリア")),
    ]
    static let towns = [
        Town(name: "中央一丁目", postalCode: "3100805", code: "0001001"),
        Town(name: "見川二丁目", postalCode: "3100913", code: "0042002"),
        Town(name: "笠原町", postalCode: "3100852", code: "0015000"),
        Town(name: "赤塚一丁目", postalCode: "3114141", code: "0003001"),
        Town(name: "元吉田町", postalCode: "3100836", code: "0048000"),
        Town(name: "内原町", postalCode: "3190315", code: "0061000"),
    ]
}
