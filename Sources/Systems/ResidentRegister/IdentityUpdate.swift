import Messaging
import ParticipantStore

/// 本人確認情報 made of a 住民票 (A1-03): F2-1 to F2-25 and 旧氏, layout v3; the CS adds the control items.
struct IdentityUpdate {
    let record: ResidentRecord
    /// F2-29; rises with every committed version of the person.
    let sequence: Int64
    /// F2-26, the register's own draft number.
    let controlNumber: String
    /// F2-22 where the record has no item for it.
    let moveDate: CivilDate
    /// The 住民票コード before; F2-24 when it is another.
    var formerCode: String?
    /// F2-25 of a changed code.
    var codeUsedFrom: CivilDate?

    /// Whether two records of a person differ in an item of 本人確認情報; reason, dates of the change and control items are none.
    static func differs(_ before: ResidentRecord, _ after: ResidentRecord) -> Bool {
        before.furiganaCertified != after.furiganaCertified
            || items.contains { before[$0] != after[$0] }
    }

    /// The items of F1 that F2 is made of.
    private static let items: [F1Item] = [
        .juminhyoCode, .nameKanji, .nameKana, .birthDate, .sexCode, .currentMunicipalityCode,
        .currentTownAreaCode, .currentPostalCode, .currentAddress, .individualNumber,
        .becameResidentDate, .addressFixedDate, .addressFixedNotifiedDate,
        .previousMunicipalityCode, .previousAddress, .relationshipCode, .formerSurnameKanji,
        .formerSurnameKana,
    ]

    func fields() throws -> JSONFields {
        var fields = record.fields(
            [.juminhyoCode, .nameKanji, .individualNumber, .previousAddress, .formerSurnameKanji],
            nullable: [.individualNumber, .previousAddress, .formerSurnameKanji])
        let reason = record.text(.moveReason).flatMap(Reason.init(rawValue:))
        fields["nameGaijiCount"] = gaiji(.nameKanji)
        fields["nameFurigana"] = .object([
            "value": hiragana(.nameKana), "certified": .flag(record.furiganaCertified),
        ])
        fields["nameFuriganaUnvoiced"] = unvoiced(.nameKana)
        fields["birthDate"] = date8(.birthDate)
        fields["sex"] = record[.sexCode]
        fields["municipalityCode"] = try fiveDigits(.currentMunicipalityCode)
        fields["townAreaCode"] = record[.currentTownAreaCode] ?? .text("0000000")
        fields["postalCode"] = record[.currentPostalCode] ?? .text("0000000")
        fields["address"] = record[.currentAddress]
        fields["addressGaijiCount"] = gaiji(.currentAddress)
        fields["becameResidentDate"] = date8(.becameResidentDate)
        fields["addressFixedDate"] = date8(.addressFixedDate)
        fields["notifiedDate"] =
            (isRemoved ? compact(.removalNotifiedDate) : nil)
            ?? compact(.addressFixedNotifiedDate) ?? .text(moveDate.date8)
        fields["previousMunicipalityCode"] = try fiveDigits(.previousMunicipalityCode)
        fields["previousAddressGaijiCount"] = gaiji(.previousAddress)
        fields["relationship"] = record[.relationshipCode]
        fields["moveReason"] = reason.map { .text($0.atCS) }
        fields["moveDate"] = .text(movedOn)
        fields["moveReasonDetail"] = .null
        let isRecoded = formerCode != nil && formerCode != record.text(.juminhyoCode)
        fields["formerJuminhyoCode"] = isRecoded ? formerCode.map { .text($0) } : .null
        // The seed's F1 has no item for it; the day the person became a resident stands in (INF).
        fields["juminhyoCodeUsedFrom"] = .text(
            codeUsedFrom?.date8 ?? record.date(.becameResidentDate)?.date?.date8
                ?? moveDate.date8)
        fields["requestControlNumber"] = .text(controlNumber)
        fields["updateSequence"] = .integer(sequence)
        fields["formerSurnameGaijiCount"] = record[.formerSurnameKanji].map { _ in
            gaiji(.formerSurnameKanji)
        }
        fields["formerSurnameFurigana"] = record[.formerSurnameKana].map { _ in
            hiragana(.formerSurnameKana)
        }
        return fields
    }

    private var isRemoved: Bool { record.text(.removalCategory) ?? "none" != "none" }

    /// F2-22: of a 除票 the day of the removal, of a new address its day, else the day of the 届出.
    private var movedOn: String {
        if isRemoved { return record.date(.removalMoveDate)?.date?.date8 ?? moveDate.date8 }
        switch record.text(.moveReason).flatMap(Reason.init(rawValue:)) {
        case .domesticMoveIn, .overseasMoveIn, .addressChange, .birth:
            return record.date(.addressFixedDate)?.date?.date8 ?? moveDate.date8
        default: return moveDate.date8
        }
    }

    private func hiragana(_ item: F1Item) -> JSONValue {
        record.text(item).map { .text(Furigana.hiragana(fromKatakana: $0)) } ?? .null
    }

    private func unvoiced(_ item: F1Item) -> JSONValue {
        record.text(item).map { .text(Furigana.unvoiced(Furigana.hiragana(fromKatakana: $0))) }
            ?? .null
    }

    private func date8(_ item: F1Item) -> JSONValue {
        .text(record.date(item)?.date8 ?? "00000000")
    }

    private func compact(_ item: F1Item) -> JSONValue? {
        record.text(item).map { .text($0.filter { $0 != "-" }) }
    }

    private func fiveDigits(_ item: F1Item) throws -> JSONValue {
        guard let code = record.text(item) else { return .null }
        return .text(try MunicipalityCode(code).five)
    }

    /// 外字数: characters of the private use areas and those told apart by a variation selector.
    private func gaiji(_ item: F1Item) -> JSONValue {
        let text = record.text(item) ?? ""
        return .integer(
            Int64(
                text.unicodeScalars.count { scalar in
                    switch scalar.value {
                    case 0xE000...0xF8FF, 0xF0000...0x10FFFD, 0xE0100...0xE01EF: true
                    default: false
                    }
                }))
    }
}
