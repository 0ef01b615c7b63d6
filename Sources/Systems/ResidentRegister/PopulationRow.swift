import Messaging
import ParticipantStore

/// Why a row of an 初期登録 is not taken (登録不可): a code and the items, never their values.
struct RowRefusal: Error, Hashable {
    let code: String
    let items: [String]

    init(_ code: String, _ items: [String]) {
        self.code = code
        self.items = items
    }

    init(_ code: String, _ items: [F1Item]) { self.init(code, items.map(\.rawValue)) }
}

/// One person of an 初期登録 (SC-26): the 83 items as they stand in the system before, and what is completed of them.
///
/// The store holds F1 alone: an item that is none of them is refused. Text is kept code point for code point.
struct PopulationRow {
    static let certifiedField = "nameKanaCertified"

    let fields: JSONFields
    let ownMunicipality: String
    let today: CivilDate

    func record() throws(RowRefusal) -> ResidentRecord {
        let unknown = fields.keys.filter {
            $0 != Self.certifiedField && F1Item(rawValue: $0) == nil
        }
        guard unknown.isEmpty else { throw RowRefusal("item-unknown", unknown.sorted()) }
        var record = ResidentRecord()
        for item in F1Item.allCases { record[item] = fields[item.rawValue] }
        record.furiganaCertified = fields[Self.certifiedField] == .flag(true)
        let missing = Self.needed.filter { record[$0] == nil }
        guard missing.isEmpty else { throw RowRefusal("item-missing", missing) }
        // V-5: the one item whose form is made the same; text stays code point for code point.
        if let normal = record.text(.residenceCardNumber).flatMap(ResidenceCardNumber.normalised) {
            record[.residenceCardNumber] = .text(normal)
        }
        complete(&record)
        let violations = RecordConsistency.violations(of: record)
        if let first = violations.first {
            throw RowRefusal(first.code, violations.filter { $0.code == first.code }.map(\.item))
        }
        return record
    }

    private static let needed: [F1Item] = [
        .juminhyoCode, .nameKanji, .sexCode, .birthDate, .relationshipCode, .currentAddress,
    ]

    /// What a register before ours may leave out [INF].
    private func complete(_ record: inout ResidentRecord) {
        record[.removalCategory] = record[.removalCategory] ?? .text("none")
        record[.moveReason] = record[.moveReason] ?? .text(Reason.reformat.rawValue)
        record[.currentMunicipalityCode] =
            record[.currentMunicipalityCode] ?? .text(ownMunicipality)
        record[.addressFixedDate] = record[.addressFixedDate] ?? record[.becameResidentDate]
        record[.becameResidentDate] = record[.becameResidentDate] ?? record[.addressFixedDate]
        record[.addressFixedNotifiedDate] =
            record[.addressFixedNotifiedDate] ?? record[.becameResidentNotifiedDate]
            ?? .text((record.date(.addressFixedDate)?.date ?? today).iso)
    }
}
