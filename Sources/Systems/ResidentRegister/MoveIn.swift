import Messaging
import ParticipantStore

/// A 住民票 in the making (転入処理の仮更新): what the certificate says, and what was entered at the counter.
struct MoveIn {
    let certificate: CertificateStore.Held
    let input: JSONFields
    let ownMunicipality: String

    func record() throws -> ResidentRecord {
        var record = ResidentRecord()
        try copyCertificate(into: &record)
        for (name, value) in input {
            guard let item = F1Item(rawValue: name) else { throw Declined("item-unknown") }
            record[item] = value
        }
        complete(&record)
        return record
    }

    private func copyCertificate(into record: inout ResidentRecord) throws {
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
            (.lastRegisteredMunicipalityCode, origin),
            (.lastRegisteredPostalCode, mover.currentPostalCode),
            (.lastRegisteredAddress, mover.currentAddress),
            (.lastRegisteredAddressAnnex, mover.currentAddressAnnex),
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

    /// What follows from the 異動 itself.
    private func complete(_ record: inout ResidentRecord) {
        let reason = JSONValue.text(Reason.domesticMoveIn.rawValue)
        record[.moveReason] = reason
        record[.addressFixedReason] = reason
        record[.addressFixedNotifiedReason] = reason
        record[.removalCategory] = .text("none")
        record[.currentMunicipalityCode] = .text(ownMunicipality)
        record[.becameResidentDate] = record[.becameResidentDate] ?? record[.addressFixedDate]
        record[.becameResidentNotifiedDate] =
            record[.becameResidentNotifiedDate] ?? record[.addressFixedNotifiedDate]
        if record.text(.relationshipCode) == "世帯主" {
            record[.householdHeadName] = record[.householdHeadName] ?? record[.nameKanji]
            record[.householdHeadNameKana] = record[.householdHeadNameKana] ?? record[.nameKana]
        }
    }
}
