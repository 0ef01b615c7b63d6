/// The 40 items of 本人確認情報ファイル (別添2), in its order; the raw value is the item's column and field name.
enum F2Item: String, CaseIterable, Hashable, Sendable {
    /// F2-1 住民票コード
    case juminhyoCode
    /// F2-2 漢字氏名
    case nameKanji
    /// F2-3 外字数(氏名)
    case nameGaijiCount
    /// F2-4 ふりがな氏名
    case nameFurigana
    /// F2-5 清音化かな氏名
    case nameFuriganaUnvoiced
    /// F2-6 生年月日
    case birthDate
    /// F2-7 性別
    case sex
    /// F2-8 市町村コード
    case municipalityCode
    /// F2-9 大字・字コード
    case townAreaCode
    /// F2-10 郵便番号
    case postalCode
    /// F2-11 住所
    case address
    /// F2-12 外字数(住所)
    case addressGaijiCount
    /// F2-13 個人番号
    case individualNumber
    /// F2-14 住民となった日
    case becameResidentDate
    /// F2-15 住所を定めた日
    case addressFixedDate
    /// F2-16 届出の年月日
    case notifiedDate
    /// F2-17 市町村コード(転入前)
    case previousMunicipalityCode
    /// F2-18 転入前住所
    case previousAddress
    /// F2-19 外字数(転入前住所)
    case previousAddressGaijiCount
    /// F2-20 続柄
    case relationship
    /// F2-21 異動事由
    case moveReason
    /// F2-22 異動年月日
    case moveDate
    /// F2-23 異動事由詳
    case moveReasonDetail
    /// F2-24 旧住民票コード
    case formerJuminhyoCode
    /// F2-25 住民票コード使用年月日
    case juminhyoCodeUsedFrom
    /// F2-26 依頼管理番号
    case requestControlNumber
    /// F2-27 操作者ID
    case operatorId
    /// F2-28 操作端末ID
    case terminalId
    /// F2-29 更新順番号
    case updateSequence
    /// F2-30 異動事更新順番号
    case moveReasonUpdateSequence
    /// F2-31 更新禁止フラグ
    case updateForbiddenFlag
    /// F2-32 予定者フラグ
    case plannedPersonFlag
    /// F2-33 排他フラグ
    case exclusiveLockFlag
    /// F2-34 外字フラグ
    case gaijiFlag
    /// F2-35 レコード状況フラグ
    case recordStatusFlag
    /// F2-36 タイムスタンプ
    case timestamp
    /// F2-37 旧氏 漢字
    case formerSurnameKanji
    /// F2-38 旧氏 外字数
    case formerSurnameGaijiCount
    /// F2-39 旧氏 ふりがな
    case formerSurnameFurigana
    /// F2-40 旧氏 外字変更連番
    case formerSurnameGaijiChangeSeq
}

extension F2Item {
    /// The columns of a table that holds a whole record.
    static let columns = allCases.map(\.rawValue)

    /// Whether the item is a number and not a text.
    var isCount: Bool { Self.counts.contains(self) }

    private static let counts: Set<F2Item> = [
        .nameGaijiCount, .addressGaijiCount, .previousAddressGaijiCount, .updateSequence,
        .moveReasonUpdateSequence, .formerSurnameGaijiCount, .formerSurnameGaijiChangeSeq,
    ]
}
