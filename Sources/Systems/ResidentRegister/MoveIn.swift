import Messaging
import ParticipantStore

/// What follows from an entry (転入等の処理): what the certificate says, and what the 異動 itself fills in.
enum MoveIn {
    /// The items of a held 転出証明書情報.
    static func copy(
        _ certificate: CertificateStore.Held, into record: inout ResidentRecord
    ) throws {
        let mover = certificate.mover
        let origin = try MunicipalityCode(certificate.origin).six
        let texts: [(F1Item, String?)] = [
            (.juminhyoCode, mover.juminhyoCode), (.individualNumber, mover.individualNumber),
            (.nameKanji, mover.nameKanji), (.nameKana, mover.nameKana), (.sexCode, mover.sexCode),
            (.relationshipCode, mover.relationshipCode),
            (.registeredDomicileMunicipalityCode, mover.registeredDomicileMunicipalityCode),
            (.registeredDomicile, mover.registeredDomicile),
            (.familyRegisterHeadName, mover.familyRegisterHeadName),
            (.previousMunicipalityCode, origin),
            (.previousPostalCode, mover.currentPostalCode),
            (.previousAddress, mover.currentAddress),
            (.previousAddressAnnex, mover.currentAddressAnnex),
            (.currentPostalCode, mover.plannedMoveOutPostalCode),
            (.currentAddress, mover.plannedMoveOutAddress),
            (.currentAddressAnnex, mover.plannedMoveOutAddressAnnex),
            (.householdHeadName, mover.plannedMoveOutHouseholdHeadName),
            (.formerSurnameKana, mover.formerSurnameKana),
            (.formerSurnameKanji, mover.formerSurnameKanji),
        ]
        for (item, text) in texts { record[item] = text.map { .text($0) } }
        record[.birthDate] = mover.birthDate.json
    }

    /// Reasons, dates of the 届出 and 最終住民登録地 where the counter has entered nothing else.
    static func complete(
        _ record: inout ResidentRecord, reason: Reason, reception: ReceptionStore.Reception,
        ownMunicipality: String
    ) {
        let moved = record[.addressFixedDate] ?? record[.becameResidentDate]
        let moveDate = reason == .birth ? record[.birthDate] : FuzzyDate(reception.moveDate).json
        let notified = JSONValue.text(reception.notifiedDate.iso)
        record[.addressFixedDate] = moved ?? moveDate
        record[.addressFixedNotifiedDate] = record[.addressFixedNotifiedDate] ?? notified
        record[.becameResidentDate] = record[.becameResidentDate] ?? record[.addressFixedDate]
        record[.becameResidentNotifiedDate] =
            record[.becameResidentNotifiedDate] ?? record[.addressFixedNotifiedDate]
        let why = JSONValue.text(reason.rawValue)
        for item in [F1Item.moveReason, .addressFixedReason, .addressFixedNotifiedReason] {
            record[item] = why
        }
        record[.removalCategory] = .text("none")
        record[.currentMunicipalityCode] = .text(ownMunicipality)
        if reason == .domesticMoveIn {
            let last: [(F1Item, F1Item)] = [
                (.lastRegisteredMunicipalityCode, .previousMunicipalityCode),
                (.lastRegisteredPostalCode, .previousPostalCode),
                (.lastRegisteredAddress, .previousAddress),
                (.lastRegisteredAddressAnnex, .previousAddressAnnex),
            ]
            for (item, previous) in last { record[item] = record[item] ?? record[previous] }
        }
        completeForeigner(&record, why: why)
        if record.text(.relationshipCode) == "世帯主" {
            record[.householdHeadName] = record[.householdHeadName] ?? record[.nameKanji]
            record[.householdHeadNameKana] = record[.householdHeadNameKana] ?? record[.nameKana]
        }
    }

    /// 外国人住民 have dates and reasons of their own beside those of everybody (F1-72 to F1-78).
    private static func completeForeigner(_ record: inout ResidentRecord, why: JSONValue) {
        guard record[.article30_45Category] != nil else { return }
        let copies: [(F1Item, F1Item)] = [
            (.foreignBirthDate, .birthDate), (.foreignBecameResidentDate, .becameResidentDate),
            (.foreignBecameResidentNotifiedDate, .becameResidentNotifiedDate),
            (.foreignAddressFixedDate, .addressFixedDate),
            (.foreignAddressFixedNotifiedDate, .addressFixedNotifiedDate),
        ]
        for (item, source) in copies { record[item] = record[item] ?? record[source] }
        record[.foreignAddressFixedReason] = record[.foreignAddressFixedReason] ?? why
        record[.foreignAddressFixedNotifiedReason] =
            record[.foreignAddressFixedNotifiedReason] ?? why
    }
}
