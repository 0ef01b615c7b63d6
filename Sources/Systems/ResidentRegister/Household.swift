import GRDB
import ParticipantStore

/// 世帯: who lives together shares 世帯番号, 世帯主 and, when somebody is entered, the address.
enum Household {
    /// Puts a person into the household of `mate`; items the counter has entered stay.
    static func join(
        _ mate: String, _ record: inout ResidentRecord, _ database: Database
    ) throws {
        guard let found = try RegisterStore.current(addresseeNumber: mate, database),
            found.state != .removed
        else { throw Declined("household-unknown") }
        for item in shared { record[item] = found.record[item] }
        for item in address { record[item] = record[item] ?? found.record[item] }
    }

    private static let shared: [F1Item] = [
        .householdNumber, .householdHeadName, .householdHeadNameKana,
    ]
    private static let address: [F1Item] = [
        .administrativeDistrictCode, .currentPostalCode, .currentMunicipalityCode,
        .currentTownAreaCode, .currentAddress, .currentAddressAnnexCode, .currentAddressAnnex,
    ]
}
