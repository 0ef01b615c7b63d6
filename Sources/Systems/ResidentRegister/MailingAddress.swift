import Messaging
import ParticipantStore

/// 送付先情報 (F3) of people with one 送付先 (B7-01): header F3-1 to F3-37, each person F3-38 to F3-67.
///
/// Layout v1 has 61 items and the 通知カード, until the day it was abolished (2020-05-25); v2 has 67.
struct MailingAddress {
    /// 印刷区分 (CL-7).
    enum Category: String {
        case notificationCard, individualNumberNotice, applicationFormOnly
    }

    let controlNumber: String
    let people: [ResidentRecord]
    let category: Category
    let processedOn: CivilDate
    let operatorID: OperatorID
    let terminal: TerminalID?
    let office: CityOffice
    /// Five digits.
    let municipalityCode: String

    /// The day from which 個人番号通知書 are sent.
    static let noticeSince = CivilDate(year: 2020, month: 5, day: 25)

    /// v1 before that day, whatever was asked for; v2 since.
    private var isFirstGeneration: Bool {
        Self.noticeSince.map { processedOn < $0 } ?? false
    }

    var topic: String {
        isFirstGeneration ? "mailing-address.extracted/v1" : "mailing-address.extracted/v2"
    }

    func fields() -> JSONFields {
        var fields: JSONFields = [
            "mailingControlNumber": .text(controlNumber),
            "municipalityCode": .text(municipalityCode),
            "targetPersonCount": .integer(Int64(people.count)),
            "processedDate": .text(processedOn.date8),
            "operatorId": .text(operatorID.rawValue),
            "terminalId": .text(terminal?.rawValue ?? "none"),
            "printCategory": .text(
                (isFirstGeneration ? .notificationCard : category).rawValue),
            "targetPersons": .array(people.map { .object(person($0)) }),
        ]
        let head = people.first
        put("mailingAddress", Self.address(of: head), into: &fields)
        put(
            "mailingName", head?.text(.householdHeadName) ?? head?.text(.nameKanji) ?? "",
            into: &fields)
        fields["mailingPostalCode"] = head?[.currentPostalCode] ?? .text("0000000")
        put("municipalityName", office.municipality, hasGaijiCount: false, into: &fields)
        put("municipalityAddress", office.address, into: &fields)
        fields["municipalityPostalCode"] = .text(office.postalCode)
        fields["municipalityPhone"] = .text(office.phone)
        for place in ["issuePlace", "cardDeliveryPlace"] {
            put(place + "Name", office.name, into: &fields)
            put(place + "Address", office.address, into: &fields)
            fields[place + "PostalCode"] = .text(office.postalCode)
            fields[place + "Phone"] = .text(office.phone)
        }
        return fields
    }

    private func person(_ record: ResidentRecord) -> JSONFields {
        var fields: JSONFields = [
            "juminhyoCode": record[.juminhyoCode] ?? .null, "sex": record[.sexCode] ?? .text("0"),
            "individualNumber": record[.individualNumber] ?? .null,
            "birthDate": .text(record.date(.birthDate)?.date8 ?? "00000000"),
            "postalCode": record[.currentPostalCode] ?? .text("0000000"),
            "article30_45Category": record[.article30_45Category] ?? .null,
            "periodOfStayExpiry": record.text(.periodOfStayExpiry)
                .map { .text($0.filter { $0 != "-" }) } ?? .null,
        ]
        let name = record.text(.nameKanji) ?? ""
        put("nameKanji", name, into: &fields)
        let kana = record.text(.nameKana).map { Furigana.hiragana(fromKatakana: $0) }
        fields["nameKana"] = kana.map { .text($0) } ?? .null
        fields["nameKanaLength"] = .integer(Int64(kana?.count ?? 0))
        let address = Self.address(of: record)
        put("address", address, into: &fields)
        substitute(GaijiText(text: name), GaijiText(text: address), into: &fields)
        guard !isFirstGeneration else { return fields }
        secondGeneration(record, into: &fields)
        return fields
    }

    /// F3-53 to F3-61: what a printer without the 外字 prints instead, and where.
    private func substitute(
        _ name: GaijiText, _ address: GaijiText, into fields: inout JSONFields
    ) {
        let found = [name.substitute, address.substitute].compactMap(\.self)
        fields["substituteCharResult"] = .text(
            found.isEmpty ? "none" : found.allSatisfy(\.isComplete) ? "replaced" : "failed")
        fields["gaijiFlag"] = .text(found.isEmpty ? "0" : "1")
        fields["gaijiPattern"] = .null
        for (item, text) in [("substituteName", name), ("substituteAddress", address)] {
            let replaced = text.substitute?.text
            fields[item] = replaced.map { .text($0) } ?? .null
            fields[item + "Length"] = replaced.map { .integer(Int64($0.count)) } ?? .null
            fields[item + "Positions"] =
                replaced.map { _ in .array(text.positions.map { .integer(Int64($0)) }) } ?? .null
        }
    }

    /// F3-62 to F3-67: 旧氏 and ローマ字; F1 has no ローマ字, so only a name that is one already has it (INF).
    private func secondGeneration(_ record: ResidentRecord, into fields: inout JSONFields) {
        let former = record.text(.formerSurnameKanji)
        fields["formerSurnameKanji"] = former.map { .text($0) } ?? .null
        fields["formerSurnameGaijiCount"] =
            former.map { .integer(Int64(GaijiText(text: $0).count)) } ?? .null
        fields["formerSurnameFurigana"] =
            record.text(.formerSurnameKana)
            .map { .text(Furigana.hiragana(fromKatakana: $0)) } ?? .null
        fields["formerSurnameGaijiChangeSeq"] = .null
        let isRomaji = record.text(.nameKanji)?.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || [0x20, 0x27, 0x2D].contains($0)
        }
        fields["romajiName"] = isRomaji == true ? record[.nameKanji] : .null
        fields["romajiFormerSurname"] = .null
    }

    /// 住所 with its 方書.
    private static func address(of record: ResidentRecord?) -> String {
        [record?.text(.currentAddress), record?.text(.currentAddressAnnex)].compactMap(\.self)
            .joined(separator: "　")
    }

    /// A text item with its 項目長 and 外字数.
    private func put(
        _ item: String, _ text: String, hasGaijiCount: Bool = true, into fields: inout JSONFields
    ) {
        let gaiji = GaijiText(text: text)
        fields[item] = .text(text)
        fields[item + "Length"] = .integer(Int64(gaiji.length))
        if hasGaijiCount { fields[item + "GaijiCount"] = .integer(Int64(gaiji.count)) }
    }
}
