import GRDB
import Messaging
import ParticipantStore

/// What the bus says of an encrypted medium (A6-02): ledger entry, medium, digest, approver; no application data (corrections 10).
struct MediaTransfer: Decodable {
    let ledgerEntryId: String
    let mediumId: String
    let digest: String
    let approverId: String
    let applicationNumber: String?
}

/// The terminal's word that medium and copies are destroyed.
struct MediumErasure: Decodable {
    let ledgerEntryId: String
    let mediumId: String
    let eraseRecordId: String
}

/// An application as マイナポータル delivered it (電子申請データ), read from the medium.
struct ElectronicApplication: Decodable {
    enum Procedure: String, Decodable {
        case moveOut, moveOutCancellation, moveInReservation, addressChangeReservation
    }

    struct Person: Decodable {
        let nameKanji: String
        let birthDate: FuzzyDate
        let individualNumber: String?
        let source: String?
        let hasIndividualNumberCard: Bool?

        /// a 個人番号 comes from the card's chip or not at all.
        var isTypedByHand: Bool { individualNumber != nil && source != "card" }
    }

    let applicationNumber: String
    let version: Int64
    let procedure: Procedure
    let cancels: String?
    let applicant: Person
    let movers: [Person]?
    let plannedMoveOutDate: CivilDate?
    let plannedMoveOutMunicipalityCode: String?
    let plannedMoveOutPostalCode: String?
    let plannedMoveOutAddress: String?
    let plannedMoveOutAddressAnnex: String?
    let plannedMoveOutHouseholdHeadName: String?

    /// The items of F1 the 転出届 fills.
    var destination: JSONFields {
        let texts: [(F1Item, String?)] = [
            (.plannedMoveOutMunicipalityCode, plannedMoveOutMunicipalityCode),
            (.plannedMoveOutPostalCode, plannedMoveOutPostalCode),
            (.plannedMoveOutAddress, plannedMoveOutAddress),
            (.plannedMoveOutAddressAnnex, plannedMoveOutAddressAnnex),
            (.plannedMoveOutHouseholdHeadName, plannedMoveOutHouseholdHeadName),
        ]
        var fields: JSONFields = [:]
        for (item, text) in texts { fields[item.rawValue] = text.map { .text($0) } }
        return fields
    }
}

/// What a person has to resolve (要確認) before an application can go on.
struct NeedsPerson: Error, Hashable {
    let code: String

    init(_ code: String) { self.code = code }
}

extension ElectronicApplication {
    /// The applicant in the register: by the 個人番号 of the card, with name and birth date as the second look.
    func applicant(_ database: Database) throws -> RegisterStore.Current {
        guard let number = applicant.individualNumber,
            let found = try PopulationStore.resident(individualNumber: number, database)
        else { throw NeedsPerson("applicant-unknown") }
        guard applicant.describes(found.record) else { throw NeedsPerson("applicant-mismatch") }
        guard found.state != .removed else { throw NeedsPerson("applicant-removed") }
        return found
    }

    /// Each mover with what the application says of him; those without a number are looked for in the applicant's household.
    func movers(
        with applicant: RegisterStore.Current, _ database: Database
    ) throws -> [(mover: Person, resident: RegisterStore.Current)] {
        let household = try RegisterStore.household(
            applicant.record.text(.householdNumber) ?? "", database)
        return try (movers ?? [self.applicant]).map { mover in
            let fitting = household.filter { resident in
                mover.describes(resident.record)
                    && (mover.individualNumber == nil
                        || mover.individualNumber == resident.record.text(.individualNumber))
            }
            guard let resident = fitting.first, fitting.count == 1 else {
                throw NeedsPerson("mover-unknown")
            }
            return (mover, resident)
        }
    }
}

extension ElectronicApplication.Person {
    fileprivate func describes(_ record: ResidentRecord) -> Bool {
        record.text(.nameKanji) == nameKanji && record.date(.birthDate) == birthDate
    }
}
