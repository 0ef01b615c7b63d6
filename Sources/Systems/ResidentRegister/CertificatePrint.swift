import Messaging
import ParticipantStore

/// One person's page of a 住民票の写し or 除票の写し (記載事項), line by line as it is printed.
struct CertificatePrint {
    /// What stands where a 個人番号 is not to be seen.
    static let numberMask = "************"
    /// What stands for a 振り仮名 that nobody has certified (V-7), and in a foreigner's field [P-15].
    static let furiganaMask = "******"

    let record: ResidentRecord
    /// Items the applicant asked for and may have.
    let include: Set<String>
    let today: CivilDate

    func lines() -> [JSONValue] {
        var lines: [JSONValue] = []
        func line(_ item: F1Item, _ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append(
                .object([
                    "item": .text(item.rawValue), "label": .text(label), "text": .text(text),
                ]))
        }
        func plain(_ item: F1Item, _ label: String) { line(item, label, record.text(item)) }
        plain(.currentAddress, "住所")
        plain(.currentAddressAnnex, "方書")
        plain(.householdHeadName, "世帯主")
        plain(.nameKanji, "氏名")
        line(.nameKana, "氏名の振り仮名", furigana)
        plain(.foreignAliasKanji, "通称")
        plain(.formerSurnameKanji, "旧氏")
        line(.birthDate, "生年月日", text(.birthDate))
        plain(.sexCode, "性別")
        if include.contains("relationship") { plain(.relationshipCode, "続柄") }
        line(.becameResidentDate, "住民となった年月日", text(.becameResidentDate))
        line(.addressFixedDate, "住所を定めた年月日", text(.addressFixedDate))
        plain(.addressFixedNotifiedDate, "届出の年月日")
        plain(.previousAddress, "前住所")
        if include.contains("registeredDomicile") {
            plain(.registeredDomicile, "本籍")
            plain(.familyRegisterHeadName, "筆頭者")
        }
        if include.contains("nationality") {
            plain(.nationalityName, "国籍・地域")
            plain(.residenceStatusName, "在留資格")
            plain(.periodOfStayExpiry, "在留期間の満了の日")
        }
        removal(line)
        if include.contains("juminhyoCode") { plain(.juminhyoCode, "住民票コード") }
        line(
            .individualNumber, "個人番号",
            record.text(.individualNumber).map {
                include.contains("individualNumber") ? $0 : Self.numberMask
            })
        return lines
    }

    private var furigana: String? {
        if record[.article30_45Category] != nil { return Self.furiganaMask }
        guard let kana = record.text(.nameKana) else { return nil }
        return record.furiganaCertified ? kana : Self.furiganaMask
    }

    /// 消除, or a 転出 whose day has come: before the planned day the certificate says nothing of it [P-1 5.1].
    private func removal(_ line: (F1Item, String, String?) -> Void) {
        let removed = record.text(.removalCategory) ?? "none" != "none"
        let planned = record.date(.removalMoveDate)?.date
        guard removed || planned.map({ $0 <= today }) == true else { return }
        line(.removalMoveDate, removed ? "消除年月日" : "転出予定年月日", text(.removalMoveDate))
        let confirmed = record.text(.confirmedMoveOutAddress)
        line(
            confirmed == nil ? .plannedMoveOutAddress : .confirmedMoveOutAddress,
            confirmed == nil ? "転出予定地" : "転出先",
            confirmed ?? record.text(.plannedMoveOutAddress))
    }

    /// A date as the record knows it; 不詳 stays 不詳.
    private func text(_ item: F1Item) -> String? {
        record.date(item).map { $0.date?.iso ?? $0.text ?? "不詳" }
    }
}
