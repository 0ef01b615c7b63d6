import GRDB
import Messaging
import ParticipantStore

/// A change of somebody's 住民票 (修正, 消除, 転出の予定), before it is approved.
struct Amendment {
    let person: DraftRequest.Person
    let current: RegisterStore.Current
    let input: EntryInput
    let reason: Reason
    let reception: ReceptionStore.Reception
    let plannedDate: CivilDate?
    let ownMunicipality: String
    /// Where a 通称 was entered (F1-80).
    let municipalityName: String

    private var why: JSONValue { .text(reason.rawValue) }
    private var moveDate: JSONValue { FuzzyDate(reception.moveDate).json }
    private var notified: JSONValue { .text(reception.notifiedDate.iso) }

    func record(_ database: Database) throws -> ResidentRecord {
        if current.state == .plannedMoveOut, reason.kind == .moveOut || reason == .addressChange {
            throw Declined("move-out-planned")
        }
        var record = current.record
        input.apply(to: &record)
        switch reason.kind {
        case .moveOut: planMoveOut(&record)
        case .removal: Removal.mark(&record, reason: reason, on: removalDate, notified: notified)
        case .numberRequest:
            record[.moveReason] = current.record[.moveReason]
            return record
        case .amendment: try amend(&record, database)
        case .codeChange, .entry, .cancellation: break
        }
        record[.moveReason] = why
        if reason.kind == .amendment, let violation = RecordConsistency.violations(of: record).first
        {
            throw Declined(violation.code)
        }
        return record
    }

    private var removalDate: JSONValue { input[.removalMoveDate] ?? moveDate }

    /// AMB-18: F1-54 holds 転出予定年月日 until the removal.
    private func planMoveOut(_ record: inout ResidentRecord) {
        record[.removalMoveDate] = plannedDate.map { FuzzyDate($0).json }
        record[.removalNotifiedDate] = input[.removalNotifiedDate] ?? notified
        record[.removalNotifiedReason] = why
    }

    private func amend(_ record: inout ResidentRecord, _ database: Database) throws {
        switch reason {
        case .addressChange: changeAddress(&record)
        case .formerSurnameEntry, .formerSurnameChange:
            guard record[.formerSurnameKanji] != nil else { throw Declined("items-missing") }
        case .formerSurnameRemoval:
            record[.formerSurnameKanji] = nil
            record[.formerSurnameKana] = nil
        case .aliasEntry, .aliasRemoval: try changeAlias(&record)
        case .householdSplit where input[.householdNumber] == nil && person.joinHouseholdOf == nil:
            record[.householdNumber] = nil
        default: break
        }
        if let mate = person.joinHouseholdOf { try Household.join(mate, &record, database) }
        if record.text(.relationshipCode) == "世帯主", reason != .addressChange {
            record[.householdHeadName] = input[.householdHeadName] ?? record[.nameKanji]
            record[.householdHeadNameKana] = input[.householdHeadNameKana] ?? record[.nameKana]
        }
    }

    private func changeAddress(_ record: inout ResidentRecord) {
        record[.addressFixedDate] = input[.addressFixedDate] ?? moveDate
        record[.addressFixedNotifiedDate] = input[.addressFixedNotifiedDate] ?? notified
        record[.addressFixedReason] = why
        record[.addressFixedNotifiedReason] = why
        // A building belongs to its address: one that is not entered again is gone.
        if input.items[.currentAddressAnnex] == nil {
            record[.currentAddressAnnex] = nil
            record[.currentAddressAnnexCode] = input[.currentAddressAnnexCode]
        }
        guard record[.article30_45Category] != nil else { return }
        record[.foreignAddressFixedDate] =
            input[.foreignAddressFixedDate] ?? record[.addressFixedDate]
        record[.foreignAddressFixedNotifiedDate] =
            input[.foreignAddressFixedNotifiedDate] ?? record[.addressFixedNotifiedDate]
        record[.foreignAddressFixedReason] = why
        record[.foreignAddressFixedNotifiedReason] = why
    }

    /// 通称: F1-60, F1-61 hold the one in use, F1-80 all of them with their days.
    private func changeAlias(_ record: inout ResidentRecord) throws {
        guard record[.article30_45Category] != nil else { throw Declined("not-foreign-resident") }
        var history: [JSONValue] = []
        if case .array(let known)? = record[.aliasHistory] { history = known }
        let day = JSONValue.text(reception.moveDate.iso)
        if let last = history.indices.last, case .object(var alias) = history[last],
            alias["to"] ?? .null == .null
        {
            alias["to"] = day
            history[last] = .object(alias)
        }
        if reason == .aliasRemoval {
            record[.foreignAliasKanji] = nil
            record[.foreignAliasKana] = nil
        } else {
            guard let alias = record[.foreignAliasKanji] else { throw Declined("items-missing") }
            history.append(
                .object([
                    "alias": alias, "from": day, "to": .null,
                    "municipality": .text(municipalityName),
                ]))
        }
        record[.aliasHistory] = .array(history)
    }
}
