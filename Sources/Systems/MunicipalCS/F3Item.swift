/// The 67 items of 送付先情報ファイル (別添2 送付先管理ファイル), in its order; the raw value is the item's column and field name.
///
/// F3-1 to F3-37 stand once per mailing (送付先), F3-38 to F3-67 once per person (対象者).
enum F3Item: String, CaseIterable, Hashable, Sendable {
    /// F3-1 送付先管理番号
    case mailingControlNumber
    /// F3-2 送付先郵便番号
    case mailingPostalCode
    /// F3-3 送付先住所 漢字項目長
    case mailingAddressLength
    /// F3-4 送付先住所 漢字
    case mailingAddress
    /// F3-5 送付先住所 漢字 外字数
    case mailingAddressGaijiCount
    /// F3-6 送付先氏名 漢字項目長
    case mailingNameLength
    /// F3-7 送付先氏名 漢字
    case mailingName
    /// F3-8 送付先氏名 漢字 外字数
    case mailingNameGaijiCount
    /// F3-9 市町村コード
    case municipalityCode
    /// F3-10 市町村名 項目長
    case municipalityNameLength
    /// F3-11 市町村名
    case municipalityName
    /// F3-12 市町村郵便番号
    case municipalityPostalCode
    /// F3-13 市町村住所 項目長
    case municipalityAddressLength
    /// F3-14 市町村住所
    case municipalityAddress
    /// F3-15 市町村住所 外字数
    case municipalityAddressGaijiCount
    /// F3-16 市町村電話番号
    case municipalityPhone
    /// F3-17 交付場所名 項目長
    case issuePlaceNameLength
    /// F3-18 交付場所名
    case issuePlaceName
    /// F3-19 交付場所名 外字数
    case issuePlaceNameGaijiCount
    /// F3-20 交付場所郵便番号
    case issuePlacePostalCode
    /// F3-21 交付場所住所 項目長
    case issuePlaceAddressLength
    /// F3-22 交付場所住所
    case issuePlaceAddress
    /// F3-23 交付場所住所 外字数
    case issuePlaceAddressGaijiCount
    /// F3-24 交付場所電話番号
    case issuePlacePhone
    /// F3-25 カード送付場所名 項目長
    case cardDeliveryPlaceNameLength
    /// F3-26 カード送付場所名
    case cardDeliveryPlaceName
    /// F3-27 カード送付場所名 外字数
    case cardDeliveryPlaceNameGaijiCount
    /// F3-28 カード送付場所郵便番号
    case cardDeliveryPlacePostalCode
    /// F3-29 カード送付場所住所 項目長
    case cardDeliveryPlaceAddressLength
    /// F3-30 カード送付場所住所
    case cardDeliveryPlaceAddress
    /// F3-31 カード送付場所住所 外字数
    case cardDeliveryPlaceAddressGaijiCount
    /// F3-32 カード送付場所電話番号
    case cardDeliveryPlacePhone
    /// F3-33 対象となる人数
    case targetPersonCount
    /// F3-34 処理年月日
    case processedDate
    /// F3-35 操作者ID
    case operatorId
    /// F3-36 操作端末ID
    case terminalId
    /// F3-37 印刷区分
    case printCategory
    /// F3-38 住民票コード
    case juminhyoCode
    /// F3-39 氏名 漢字項目長
    case nameKanjiLength
    /// F3-40 氏名 漢字
    case nameKanji
    /// F3-41 氏名 漢字 外字数
    case nameKanjiGaijiCount
    /// F3-42 氏名 かな項目長
    case nameKanaLength
    /// F3-43 氏名 かな
    case nameKana
    /// F3-44 郵便番号
    case postalCode
    /// F3-45 住所 項目長
    case addressLength
    /// F3-46 住所
    case address
    /// F3-47 住所 外字数
    case addressGaijiCount
    /// F3-48 生年月日
    case birthDate
    /// F3-49 性別
    case sex
    /// F3-50 個人番号
    case individualNumber
    /// F3-51 第30条の45に規定する区分
    case articleThirtyFortyFiveCategory = "article30_45Category"
    /// F3-52 在留期間の満了の日
    case periodOfStayExpiry
    /// F3-53 代替文字変換結果
    case substituteCharResult
    /// F3-54 代替文字氏名 項目長
    case substituteNameLength
    /// F3-55 代替文字氏名
    case substituteName
    /// F3-56 代替文字住所 項目長
    case substituteAddressLength
    /// F3-57 代替文字住所
    case substituteAddress
    /// F3-58 代替文字氏名位置情報
    case substituteNamePositions
    /// F3-59 代替文字住所位置情報
    case substituteAddressPositions
    /// F3-60 外字フラグ
    case gaijiFlag
    /// F3-61 外字パターン
    case gaijiPattern
    /// F3-62 旧氏 漢字
    case formerSurnameKanji
    /// F3-63 旧氏 外字数
    case formerSurnameGaijiCount
    /// F3-64 旧氏 ふりがな
    case formerSurnameFurigana
    /// F3-65 旧氏 外字変更連番
    case formerSurnameGaijiChangeSeq
    /// F3-66 ローマ字 氏名
    case romajiName
    /// F3-67 ローマ字 旧氏
    case romajiFormerSurname
}

extension F3Item {
    private static let headerCount = 37

    /// F3-1 to F3-37.
    static let header = Array(allCases.prefix(headerCount))
    /// F3-38 to F3-67.
    static let person = Array(allCases.dropFirst(headerCount))

    /// Whether the item is a number and not a text.
    var isCount: Bool {
        rawValue.hasSuffix("Length") || rawValue.hasSuffix("GaijiCount")
            || self == .targetPersonCount || self == .formerSurnameGaijiChangeSeq
    }

    /// Whether the item is a list, kept as its JSON text (位置情報).
    var isList: Bool {
        self == .substituteNamePositions || self == .substituteAddressPositions
    }
}
