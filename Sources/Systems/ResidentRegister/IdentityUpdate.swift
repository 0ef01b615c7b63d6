import Messaging
import ParticipantStore

/// 本人確認情報 made of a 住民票 (A1-03): F2-1 to F2-25 and 旧氏, layout v3; the CS adds the control items.
struct IdentityUpdate {
    let record: ResidentRecord
    /// F2-29; rises with every committed version of the person.
    let sequence: Int64
    /// F2-26, the register's own draft number.
    let controlNumber: String

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
        fields["notifiedDate"] = compact(.addressFixedNotifiedDate)
        fields["previousMunicipalityCode"] = try fiveDigits(.previousMunicipalityCode)
        fields["previousAddressGaijiCount"] = gaiji(.previousAddress)
        fields["relationship"] = record[.relationshipCode]
        fields["moveReason"] = reason.map { .text($0.atCS) }
        fields["moveDate"] = date8(.addressFixedDate)
        fields["moveReasonDetail"] = .null
        fields["formerJuminhyoCode"] = .null
        // The seed's F1 has no item for it; the day the person became a resident stands in (INF).
        fields["juminhyoCodeUsedFrom"] = date8(.becameResidentDate)
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
