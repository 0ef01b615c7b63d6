import Messaging
import ParticipantStore

/// What must agree within one 住民票 (整合性の点検; V-1 to V-6, V-9): names the items, never their values.
enum RecordConsistency {
    /// One disagreement: a stable code and the item a person has to look at.
    struct Violation: Hashable {
        let code: String
        let item: F1Item
    }

    /// The violations of a record, in the order of the items; empty for a sound one.
    static func violations(of record: ResidentRecord) -> [Violation] {
        let found = numbers(of: record) + dates(of: record) + foreigner(record)
        let order = Dictionary(
            uniqueKeysWithValues: F1Item.allCases.enumerated().map { ($1, $0) })
        return found.sorted { (order[$0.item] ?? 0) < (order[$1.item] ?? 0) }
    }

    /// Check digits and forms (V-1 to V-6).
    private static func numbers(of record: ResidentRecord) -> [Violation] {
        var found: [Violation] = []
        func check(_ item: F1Item, _ code: String, _ isValid: (String) -> Bool) {
            if let text = record.text(item), !isValid(text) {
                found.append(Violation(code: code, item: item))
            }
        }
        check(.individualNumber, "check-digit-wrong") { IndividualNumber.isValid($0) }
        check(.juminhyoCode, "check-digit-wrong") { JuminhyoCode.isValid($0) }
        check(.addresseeNumber, "check-digit-wrong") { AddresseeNumber.isValid($0) }
        check(.householdNumber, "check-digit-wrong") { AddresseeNumber.isValid($0) }
        check(.residenceCardNumber, "form-wrong") { ResidenceCardNumber.normalised($0) == $0 }
        for item in [
            F1Item.currentMunicipalityCode, .registeredDomicileMunicipalityCode,
            .previousMunicipalityCode, .plannedMoveOutMunicipalityCode,
            .confirmedMoveOutMunicipalityCode, .lastRegisteredMunicipalityCode,
        ] {
            check(item, "check-digit-wrong") { (try? MunicipalityCode($0)) != nil }
        }
        return found
    }

    /// 未届期間 ends after it began (F1-51 ≤ F1-52).
    private static func dates(of record: ResidentRecord) -> [Violation] {
        guard let start = record.text(.unregisteredPeriodStart),
            let end = record.text(.unregisteredPeriodEnd), end < start
        else { return [] }
        return [Violation(code: "period-reversed", item: .unregisteredPeriodEnd)]
    }

    /// A foreign resident has a nationality and no 本籍; a 中長期在留者 a card, a status, and a period (住基法30条の45).
    private static func foreigner(_ record: ResidentRecord) -> [Violation] {
        guard let category = record.text(.article30_45Category) else { return [] }
        var found: [Violation] = []
        func require(_ items: [F1Item]) {
            for item in items where record[item] == nil {
                found.append(Violation(code: "item-missing", item: item))
            }
        }
        require([.nationalityCode])
        for item in [
            F1Item.registeredDomicileMunicipalityCode, .registeredDomicilePostalCode,
            .registeredDomicile, .familyRegisterHeadName,
        ] where record[item] != nil {
            found.append(Violation(code: "item-not-for-foreigners", item: item))
        }
        if category == "midLongTerm" {
            require([
                .residenceCardNumber, .residenceStatusCode, .periodOfStay, .periodOfStayExpiry,
            ])
        }
        return found
    }
}
