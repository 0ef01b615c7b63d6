import Messaging
import ParticipantStore

/// What a 副本 may hold: 世帯情報 by the items of 番号法, and nothing else of a 住民票.
enum ReplicaLayout {
    /// What is wrong with an import: the first field, and why; never its value.
    struct Fault: Hashable {
        let field: String
        let code: String
    }

    private enum Form {
        case text, municipality, fuzzyDate, furigana
        case digits(Int)
        case code(Set<String>)
    }

    private static let forms: [String: Form] = [
        "householdNumber": .digits(10), "householdHeadName": .text, "nameKanji": .text,
        "nameKana": .furigana, "sexCode": .code(["0", "1", "2", "9"]), "birthDate": .fuzzyDate,
        "relationshipCode": .text, "currentPostalCode": .digits(7),
        "currentMunicipalityCode": .municipality, "currentAddress": .text,
        "currentAddressAnnex": .text, "becameResidentDate": .fuzzyDate,
        "addressFixedDate": .fuzzyDate, "moveReason": .code(moveReasons),
        "removalCategory": .code(["none", "movedOut", "deceased", "exOfficio", "other"]),
        "removalMoveDate": .fuzzyDate, "formerSurnameKana": .text, "formerSurnameKanji": .text,
    ]

    private static let required = [
        "householdNumber", "householdHeadName", "nameKanji", "nameKana", "sexCode", "birthDate",
        "relationshipCode", "currentMunicipalityCode", "currentAddress", "moveReason",
        "removalCategory",
    ]

    /// CL-1.
    private static let moveReasons: Set<String> = [
        "domesticMoveIn", "overseasMoveIn", "birth", "exOfficioEntryNaturalised",
        "exOfficioEntryNationalityLoss", "exOfficioEntry", "reformat", "reissue", "cancelIncrease",
        "domesticMoveOut", "overseasMoveOut", "death", "exOfficioRemovalNaturalised",
        "exOfficioRemovalNationalityLoss", "exOfficioRemoval", "cancelDecrease", "addressChange",
        "minorCorrection", "exOfficioCorrection", "clericalCorrection",
        "individualNumberChangeRequest", "individualNumberExOfficioCorrection",
        "individualNumberExOfficioEntry", "juminhyoCodeChangeRequest", "juminhyoCodeExOfficioEntry",
        "householdSplit", "householdMerge", "householdChange", "householdHeadChange",
        "formerSurnameEntry", "formerSurnameChange", "formerSurnameRemoval", "aliasEntry",
        "aliasRemoval", "cancelCorrection",
    ]

    /// What can be asked for (itemSet), and flagged.
    static func isItem(_ name: String) -> Bool { forms[name] != nil }

    /// The format and code-list check before an import: the first field at fault, in the order of names.
    static func fault(in items: JSONFields) -> Fault? {
        for name in required.sorted() where items[name] == nil || items[name] == .null {
            return Fault(field: name, code: "item-missing")
        }
        for (name, value) in items.sorted(by: { $0.key < $1.key }) {
            guard let form = forms[name] else {
                return Fault(field: name, code: "item-not-permitted")
            }
            if value == .null, !required.contains(name) { continue }
            if let code = fault(of: value, form) { return Fault(field: name, code: code) }
        }
        return nil
    }

    private static func fault(of value: JSONValue, _ form: Form) -> String? {
        switch form {
        case .text: return isText(value.text) ? nil : "form-invalid"
        case .digits(let count):
            guard let text = value.text, text.utf8.count == count,
                text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return "form-invalid" }
            return nil
        case .municipality:
            guard let text = value.text, (try? MunicipalityCode(text)) != nil else {
                return "code-not-in-list"
            }
            return nil
        case .code(let list):
            return value.text.map(list.contains) == true ? nil : "code-not-in-list"
        case .furigana:
            guard case .flag? = value["certified"] else { return "form-invalid" }
            let reading = value["value"] ?? .null
            return reading == .null || isText(reading.text) ? nil : "form-invalid"
        case .fuzzyDate: return isDate(value) ? nil : "date-invalid"
        }
    }

    private static func isText(_ text: String?) -> Bool {
        guard let text, (1...200).contains(text.unicodeScalars.count) else { return false }
        return text.unicodeScalars.allSatisfy { $0.value > 0x1F && $0.value != 0x7F }
    }

    /// DT-2: an exact day exists; 不詳 and days outside the calendar are kept as they are.
    private static func isDate(_ value: JSONValue) -> Bool {
        switch value["kind"]?.text {
        case "exact": value["date"]?.text.flatMap { try? CivilDate(iso: $0) } != nil
        case "nonCalendar", "unknown": true
        default: false
        }
    }
}
