import GRDB
import Messaging
import Participant
import ParticipantStore

/// What a committed change sends (本更新後の連携): everything, in the transaction of the commit (A1-02 → A1-03, A1-09 … A4-04).
///
/// Each message names its recipient and step; zone, legal basis and expiry are the catalogue's.
struct FanOut {
    let record: ResidentRecord
    let version: Int64
    let certificateSubjectID: String
    let draftNumber: String
    /// The city's own code, six digits.
    let ownMunicipality: String

    func send(by dispatch: Dispatch, for cause: Cause, _ transaction: Transaction) throws {
        for (recipient, draft) in try drafts() {
            try dispatch.send(draft, to: ParticipantID(recipient), for: cause, transaction)
            guard let step = draft.step, Self.answered.contains(step.rawValue) else { continue }
            try RegisterStore.await(
                step: step.rawValue, addresseeNumber: record.text(.addresseeNumber) ?? "",
                version: version, transaction.database)
        }
    }

    /// Steps whose receiver answers.
    private static let answered: Set<String> = ["A1-03", "A1-12", "A1-13", "A4-04"]

    func drafts() throws -> [(recipient: String, draft: Draft)] {
        var drafts = [("municipalCS", try identityUpdate())]
        if movesInFromElsewhere { drafts.append(("municipalCS", try moveInNotice())) }
        drafts.append(("officeLinkage", try residentSync(withNumber: false)))
        drafts.append(("integratedAddressee", try residentSync(withNumber: true)))
        drafts.append(("integratedAddressee", try replicaUpdate()))
        drafts.append(("certificateIssuance", try certificateUpdate()))
        if let supplement = try supplement() { drafts.append(supplement) }
        return drafts
    }

    private var movesInFromElsewhere: Bool {
        record.text(.moveReason) == Reason.domesticMoveIn.rawValue
            && record.text(.previousMunicipalityCode) != nil
    }

    private var byCode: String { "juminhyoCode:\(record.text(.juminhyoCode) ?? "")" }
    private var byAddressee: String { "addresseeNumber:\(record.text(.addresseeNumber) ?? "")" }

    private func identityUpdate() throws -> Draft {
        let update = IdentityUpdate(record: record, sequence: version, controlNumber: draftNumber)
        return try Draft("identity.update.request/v3", update.fields())
            .performing("A1-03").ordered(by: byCode)
    }

    /// 転入通知情報: no 個人番号 (※特定個人情報を含まない).
    private func moveInNotice() throws -> Draft {
        let items: [F1Item] = [
            .juminhyoCode, .nameKanji, .nameKana, .birthDate, .sexCode, .currentMunicipalityCode,
            .currentPostalCode, .currentAddress, .currentAddressAnnex, .becameResidentDate,
            .previousMunicipalityCode, .previousAddress,
        ]
        return try Draft("move-in-notice.deliver/v1", record.fields(items))
            .performing("A1-09").ordered(by: byCode)
    }

    /// To 団体内統合宛名 with the 個人番号, to 庁内連携 without.
    private func residentSync(withNumber: Bool) throws -> Draft {
        var items: [F1Item] = [
            .addresseeNumber, .householdNumber, .householdHeadName, .householdHeadNameKana,
            .nameKanji, .sexCode, .birthDate, .relationshipCode, .administrativeDistrictCode,
            .currentPostalCode, .currentMunicipalityCode, .currentTownAreaCode, .currentAddress,
            .currentAddressAnnexCode, .currentAddressAnnex, .moveReason, .removalCategory,
            .removalMoveDate, .becameResidentDate, .addressFixedDate, .formerSurnameKana,
            .formerSurnameKanji,
        ]
        if withNumber { items.append(.individualNumber) }
        var fields = record.fields(items)
        fields["nameKana"] = record.furigana
        fields["moveDate"] =
            (record.date(.addressFixedDate)?.date?.iso).map { .text($0) }
            ?? record[.addressFixedNotifiedDate]
        fields["recordVersion"] = .integer(version)
        return try Draft("resident.sync/v2", fields).performing("A1-11").ordered(by: byAddressee)
    }

    /// 住民票関係情報 for the 副本, hop 1: 世帯情報 only, no 本籍, 住民票コード or 個人番号.
    private func replicaUpdate() throws -> Draft {
        let items: [F1Item] = [
            .addresseeNumber, .householdNumber, .householdHeadName, .nameKanji, .sexCode,
            .birthDate,
            .relationshipCode, .currentPostalCode, .currentMunicipalityCode, .currentAddress,
            .currentAddressAnnex, .becameResidentDate, .addressFixedDate, .moveReason,
            .removalCategory, .removalMoveDate, .formerSurnameKana, .formerSurnameKanji,
        ]
        var fields = record.fields(items)
        fields["nameKana"] = record.furigana
        fields["recordVersion"] = .integer(version)
        return try Draft("replica.update.request/v2", fields)
            .performing("A1-12").ordered(by: byAddressee)
    }

    /// 証明書記載情報, keyed by a number of its own and never by 個人番号.
    private func certificateUpdate() throws -> Draft {
        let items: [F1Item] = [
            .householdHeadName, .nameKanji, .sexCode, .birthDate, .relationshipCode,
            .currentPostalCode, .currentAddress, .currentAddressAnnex, .becameResidentDate,
            .addressFixedDate, .addressFixedNotifiedDate, .registeredDomicileMunicipalityCode,
            .registeredDomicile, .familyRegisterHeadName, .previousAddress, .juminhyoCode,
            .individualNumber, .formerSurnameKana, .formerSurnameKanji,
        ]
        var fields = record.fields(items)
        fields["nameKana"] = record.furigana
        fields["certificateSubjectId"] = .text(certificateSubjectID)
        fields["recordVersion"] = .integer(version)
        fields["removed"] = .flag(record.text(.removalCategory) != "none")
        return try Draft("certificate-data.update/v1", fields)
            .performing("A1-13").ordered(by: "certificateSubjectId:\(certificateSubjectID)")
    }

    /// 戸籍の附票: to the 本籍地 through the CS (A4-01), or to our own 戸籍 system (A4-04); nobody's without 本籍.
    private func supplement() throws -> (recipient: String, draft: Draft)? {
        guard let domicile = record.text(.registeredDomicileMunicipalityCode),
            record[.registeredDomicile] != nil, record[.familyRegisterHeadName] != nil
        else { return nil }
        let items: [F1Item] = [
            .juminhyoCode, .nameKanji, .nameKana, .birthDate, .sexCode,
            .registeredDomicileMunicipalityCode, .registeredDomicile, .familyRegisterHeadName,
            .currentMunicipalityCode, .currentPostalCode, .currentAddress, .currentAddressAnnex,
            .addressFixedDate,
        ]
        let fields = record.fields(items)
        if domicile == ownMunicipality {
            let draft = try Draft("family-register-supplement.apply/v1", fields)
            return ("familyRegister", try draft.performing("A4-04").ordered(by: byCode))
        }
        let draft = try Draft("family-register-supplement.deliver/v1", fields)
        return ("municipalCS", try draft.performing("A4-01").ordered(by: byCode))
    }
}
