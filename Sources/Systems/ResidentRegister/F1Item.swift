/// The 83 items of 住民基本台帳ファイル (別添2), in its order; the raw value is the item's column and field name.
///
/// The one list that tables, rows and messages are made from; names are those of the data dictionary.
enum F1Item: String, CaseIterable, Hashable, Sendable {
    /// F1-1 世帯番号
    case householdNumber
    /// F1-2 世帯主カナ氏名
    case householdHeadNameKana
    /// F1-3 世帯主漢字氏名
    case householdHeadName
    /// F1-4 行政区コード
    case administrativeDistrictCode
    /// F1-5 現住所郵便番号
    case currentPostalCode
    /// F1-6 現住所自治体コード
    case currentMunicipalityCode
    /// F1-7 現住所町字コード
    case currentTownAreaCode
    /// F1-8 現住所
    case currentAddress
    /// F1-9 現住所方書コード
    case currentAddressAnnexCode
    /// F1-10 現住所方書
    case currentAddressAnnex
    /// F1-11 異動事由
    case moveReason
    /// F1-12 宛名番号
    case addresseeNumber
    /// F1-13 除票区分
    case removalCategory
    /// F1-14 住民異動日
    case becameResidentDate
    /// F1-15 住民届出日
    case becameResidentNotifiedDate
    /// F1-16 住定異動日
    case addressFixedDate
    /// F1-17 住定異動事由
    case addressFixedReason
    /// F1-18 住定届出日
    case addressFixedNotifiedDate
    /// F1-19 住定届出事由
    case addressFixedNotifiedReason
    /// F1-20 カナ氏名
    case nameKana
    /// F1-21 漢字氏名
    case nameKanji
    /// F1-22 性別コード
    case sexCode
    /// F1-23 生年月日
    case birthDate
    /// F1-24 続柄コード
    case relationshipCode
    /// F1-25 本籍自治体コード
    case registeredDomicileMunicipalityCode
    /// F1-26 本籍郵便番号
    case registeredDomicilePostalCode
    /// F1-27 本籍
    case registeredDomicile
    /// F1-28 筆頭者漢字
    case familyRegisterHeadName
    /// F1-29 旧姓漢字
    case formerSurnameLegacyKanji
    /// F1-30 住民票コード
    case juminhyoCode
    /// F1-31 前住所自治体コード
    case previousMunicipalityCode
    /// F1-32 前住所郵便番号
    case previousPostalCode
    /// F1-33 前住所
    case previousAddress
    /// F1-34 前住所方書
    case previousAddressAnnex
    /// F1-35 前住所世帯主漢字
    case previousHouseholdHeadName
    /// F1-36 転出予定地自治体コード
    case plannedMoveOutMunicipalityCode
    /// F1-37 転出予定地郵便番号
    case plannedMoveOutPostalCode
    /// F1-38 転出予定地
    case plannedMoveOutAddress
    /// F1-39 転出予定地方書
    case plannedMoveOutAddressAnnex
    /// F1-40 転出予定地世帯主漢字
    case plannedMoveOutHouseholdHeadName
    /// F1-41 転出確定地自治体コード
    case confirmedMoveOutMunicipalityCode
    /// F1-42 転出確定地郵便番号
    case confirmedMoveOutPostalCode
    /// F1-43 転出確定地
    case confirmedMoveOutAddress
    /// F1-44 転出確定地方書
    case confirmedMoveOutAddressAnnex
    /// F1-45 転出確定地世帯主漢字
    case confirmedMoveOutHouseholdHeadName
    /// F1-46 最終住民登録地自治体コード
    case lastRegisteredMunicipalityCode
    /// F1-47 最終住民登録地郵便番号
    case lastRegisteredPostalCode
    /// F1-48 最終住民登録地
    case lastRegisteredAddress
    /// F1-49 最終住民登録地方書
    case lastRegisteredAddressAnnex
    /// F1-50 最終住民登録地世帯主漢字
    case lastRegisteredHouseholdHeadName
    /// F1-51 未届期間開始
    case unregisteredPeriodStart
    /// F1-52 未届期間終了
    case unregisteredPeriodEnd
    /// F1-53 付記事項(備考)
    case remarks
    /// F1-54 除票異動日
    case removalMoveDate
    /// F1-55 除票届出日
    case removalNotifiedDate
    /// F1-56 除票異動事由
    case removalMoveReason
    /// F1-57 除票届出事由
    case removalNotifiedReason
    /// F1-58 外国人本名カナ
    case foreignLegalNameKana
    /// F1-59 外国人本名漢字
    case foreignLegalNameKanji
    /// F1-60 外国人通称カナ
    case foreignAliasKana
    /// F1-61 外国人通称漢字
    case foreignAliasKanji
    /// F1-62 外国人併記名漢字
    case foreignParallelNameKanji
    /// F1-63 外国人併記名カナ
    case foreignParallelNameKana
    /// F1-64 国籍コード
    case nationalityCode
    /// F1-65 国籍漢字
    case nationalityName
    /// F1-66 在留カード等番号
    case residenceCardNumber
    /// F1-67 在留資格コード
    case residenceStatusCode
    /// F1-68 在留資格漢字
    case residenceStatusName
    /// F1-69 30の45区分
    // The name is the data dictionary's.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case article30_45Category
    /// F1-70 在留期間
    case periodOfStay
    /// F1-71 在留期限満了日
    case periodOfStayExpiry
    /// F1-72 外国人生年月日
    case foreignBirthDate
    /// F1-73 外国人住民異動日
    case foreignBecameResidentDate
    /// F1-74 外国人住民届出日
    case foreignBecameResidentNotifiedDate
    /// F1-75 外国人住定異動日
    case foreignAddressFixedDate
    /// F1-76 外国人住定異動事由
    case foreignAddressFixedReason
    /// F1-77 外国人住定届出日
    case foreignAddressFixedNotifiedDate
    /// F1-78 外国人住定異動事由
    case foreignAddressFixedNotifiedReason
    /// F1-79 居住地届出フラグ
    case residenceNotificationFlag
    /// F1-80 通称履歴
    case aliasHistory
    /// F1-81 個人番号
    case individualNumber
    /// F1-82 旧氏カナ
    case formerSurnameKana
    /// F1-83 旧氏漢字
    case formerSurnameKanji
}

extension F1Item {
    /// The columns of a table that holds a whole record.
    static let columns = allCases.map(\.rawValue)

    /// Whether the item is a structure (不詳のある日付, 通称履歴) and is stored as JSON text.
    var isStructured: Bool { Self.structured.contains(self) }

    private static let structured: Set<F1Item> = [
        .becameResidentDate, .addressFixedDate, .birthDate, .removalMoveDate, .foreignBirthDate,
        .foreignBecameResidentDate, .foreignAddressFixedDate, .aliasHistory,
    ]
}
