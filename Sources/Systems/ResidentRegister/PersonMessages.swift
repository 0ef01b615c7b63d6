import Messaging
import ParticipantStore

/// The bodies of the messages about one person (連携データ): exactly the items each layout has a place for.
struct PersonMessages {
    let record: ResidentRecord
    let version: Int64
    let certificateSubjectID: String

    /// The outbox keeps a person's messages in order by 宛名番号: it stays when the 住民票コード changes (SC-17).
    var order: String { "addresseeNumber:\(record.text(.addresseeNumber) ?? "")" }

    /// 転入通知情報: no 個人番号 (※特定個人情報を含まない).
    func moveInNotice() throws -> Draft {
        let items: [F1Item] = [
            .juminhyoCode, .nameKanji, .nameKana, .birthDate, .sexCode, .currentMunicipalityCode,
            .currentPostalCode, .currentAddress, .currentAddressAnnex, .becameResidentDate,
            .previousMunicipalityCode, .previousAddress,
        ]
        return try Draft("move-in-notice.deliver/v1", record.fields(items)).ordered(by: order)
    }

    /// A1-11, with or without the 個人番号.
    func residentSync(withNumber: Bool = true) throws -> Draft {
        var items: [F1Item] = [
            .addresseeNumber, .householdNumber, .householdHeadName, .householdHeadNameKana,
            .nameKanji, .sexCode, .birthDate, .relationshipCode, .administrativeDistrictCode,
            .currentPostalCode, .currentMunicipalityCode, .currentTownAreaCode, .currentAddress,
            .currentAddressAnnexCode, .currentAddressAnnex, .moveReason, .removalCategory,
            .removalMoveDate, .becameResidentDate, .addressFixedDate, .formerSurnameKana,
            .formerSurnameKanji,
        ]
        if withNumber { items.append(.individualNumber) }
        var fields = record.fields(items)
        fields["nameKana"] = record.furigana
        fields["moveDate"] =
            (movedOn?.date?.iso).map { .text($0) } ?? record[.addressFixedNotifiedDate]
        fields["recordVersion"] = .integer(version)
        return try Draft("resident.sync/v2", fields).ordered(by: order)
    }

    /// The day the 異動 took place: of a 除票 the removal's.
    private var movedOn: FuzzyDate? {
        record.text(.removalCategory) ?? "none" == "none"
            ? record.date(.addressFixedDate)
            : record.date(.removalMoveDate) ?? record.date(.addressFixedDate)
    }

    /// The items of the 副本, 世帯情報 only: no 本籍, 住民票コード or 個人番号.
    static let replicaItems: [F1Item] = [
        .addresseeNumber, .householdNumber, .householdHeadName, .nameKanji, .sexCode, .birthDate,
        .relationshipCode, .currentPostalCode, .currentMunicipalityCode, .currentAddress,
        .currentAddressAnnex, .becameResidentDate, .addressFixedDate, .removalCategory,
        .removalMoveDate, .formerSurnameKana, .formerSurnameKanji,
    ]

    /// 住民票関係情報 for the 副本, hop 1.
    func replicaUpdate() throws -> Draft {
        var fields = record.fields(Self.replicaItems + [.moveReason])
        fields["householdHeadName"] = record[.householdHeadName] ?? record[.nameKanji]
        fields["nameKana"] = record.furigana
        fields["recordVersion"] = .integer(version)
        return try Draft("replica.update.request/v2", fields).ordered(by: order)
    }

    /// 証明書記載情報, keyed by a number of its own and never by 個人番号.
    func certificateUpdate() throws -> Draft {
        let items: [F1Item] = [
            .householdHeadName, .nameKanji, .sexCode, .birthDate, .relationshipCode,
            .currentPostalCode, .currentAddress, .currentAddressAnnex, .becameResidentDate,
            .addressFixedDate, .addressFixedNotifiedDate, .registeredDomicileMunicipalityCode,
            .registeredDomicile, .familyRegisterHeadName, .previousAddress, .juminhyoCode,
            .individualNumber, .formerSurnameKana, .formerSurnameKanji,
        ]
        var fields = record.fields(items)
        fields["nameKana"] = record.furigana
        fields["certificateSubjectId"] = .text(certificateSubjectID)
        fields["recordVersion"] = .integer(version)
        fields["removed"] = .flag(record.text(.removalCategory) ?? "none" != "none")
        return try Draft("certificate-data.update/v1", fields)
            .ordered(by: "certificateSubjectId:\(certificateSubjectID)")
    }

    /// 国外 has no 全国地方公共団体コード; five zeros with their check digit stand for it [INF].
    static let abroad = "000001"

    /// 戸籍の附票情報; after a 国外転出 the address is the country's.
    func supplement(abroad: Bool) -> JSONFields {
        var fields = record.fields([
            .juminhyoCode, .nameKanji, .nameKana, .birthDate, .sexCode,
            .registeredDomicileMunicipalityCode, .registeredDomicile, .familyRegisterHeadName,
            .currentMunicipalityCode, .currentPostalCode, .currentAddress, .currentAddressAnnex,
            .addressFixedDate,
        ])
        guard abroad else { return fields }
        fields["currentMunicipalityCode"] = .text(Self.abroad)
        fields["currentPostalCode"] = nil
        fields["currentAddressAnnex"] = nil
        fields["currentAddress"] = record[.plannedMoveOutAddress] ?? .text("国外")
        fields["addressFixedDate"] = record[.removalMoveDate]
        return fields
    }
}
