import GRDB
import Messaging
import Participant
import ParticipantStore

/// What a committed change sends (本更新後の連携), in the transaction of the commit (A1-02 → A1-03, A1-09 … A4-04).
///
/// What leaves is decided by what changed (corrections 5); recipients, steps, zones and legal bases are the catalogue's.
struct FanOut {
    /// The record of a resident before; nil for somebody entered.
    let before: ResidentRecord?
    let record: ResidentRecord
    let version: Int64
    let certificateSubjectID: String
    let draftNumber: String
    /// The city's own code, six digits.
    let ownMunicipality: String
    /// 異動年月日 where the record has no item for it.
    let moveDate: CivilDate
    /// The kind of 届出 the change came by.
    let receptionType: String
    /// A 取消し tells the CS again what stands, whatever the CS may have noted meanwhile (SC-11).
    var isCancellation = false
    /// F2-25, once a 住民票コード was changed.
    var codeUsedFrom: CivilDate?
    /// Whether a birth tells the 戸籍の附票 [INF].
    var supplementOnBirth = false

    func send(by dispatch: Dispatch, for cause: Cause, _ transaction: Transaction) throws {
        let isRestricted = try RestrictionStore.isRestricted(
            addresseeNumber, transaction.database)
        for draft in try drafts(transaction) {
            let type = try Topic(draft.topic).type.rawValue
            for recipient in dispatch.recipients(of: type) {
                let addressed = try addressed(draft, to: recipient)
                try dispatch.send(
                    isRestricted ? try addressed.restricted() : addressed, to: recipient,
                    for: cause, transaction)
            }
            guard let step = AnswerStore.step(ofRequest: type) else { continue }
            try AnswerStore.await(
                step: step, addresseeNumber: addresseeNumber, version: version,
                sequence: try sequence(in: draft), transaction.database)
        }
    }

    private var addresseeNumber: String { record.text(.addresseeNumber) ?? "" }
    private var messages: PersonMessages {
        PersonMessages(
            record: record, version: version, certificateSubjectID: certificateSubjectID)
    }

    private func drafts(_ transaction: Transaction) throws -> [Draft] {
        var drafts: [Draft] = []
        if tellsIdentity { drafts.append(try identityUpdate(transaction.database)) }
        if movesInFromElsewhere { drafts.append(try messages.moveInNotice()) }
        if isVisible { drafts.append(try messages.residentSync()) }
        if tellsReplica { drafts.append(try messages.replicaUpdate()) }
        if isVisible { drafts.append(try messages.certificateUpdate()) }
        if let supplement = try supplement() { drafts.append(supplement) }
        if let notice = try municipalNotice(transaction) { drafts.append(notice) }
        return drafts
    }

    /// To 庁内連携 without the 個人番号 (R-023, AMB-09).
    private func addressed(_ draft: Draft, to recipient: ParticipantID) throws -> Draft {
        recipient.family == "officeLinkage" && draft.topic.hasPrefix("resident.sync/")
            ? try messages.residentSync(withNumber: false) : draft
    }

    // MARK: What changed

    private var isRemoved: Bool { record.text(.removalCategory) ?? "none" != "none" }
    private var wasRemoved: Bool { before?.text(.removalCategory) ?? "none" != "none" }

    private func changed(_ items: [F1Item]) -> Bool {
        guard let before else { return true }
        return items.contains { before[$0] != record[$0] }
    }

    /// A resident, somebody who just ceased to be one, or a 除票 whose date was corrected.
    private var isVisible: Bool {
        !isRemoved || !wasRemoved || changed([.removalMoveDate]) || isCancellation
    }

    /// A1-03 only when an item of 本人確認情報 changed.
    private var tellsIdentity: Bool {
        guard let before else { return true }
        if isRemoved != wasRemoved || isCancellation { return true }
        // The CS keeps the row of somebody removed as it is; what is wrong there is corrected there.
        if isRemoved { return false }
        return IdentityUpdate.differs(before, record)
    }

    /// A1-12 only when an item of the 副本 changed.
    private var tellsReplica: Bool {
        before.map { before in
            before.furigana != record.furigana || changed(PersonMessages.replicaItems)
        } ?? true
    }

    private var movesInFromElsewhere: Bool {
        guard before == nil, let previous = record.text(.previousMunicipalityCode) else {
            return false
        }
        return record.text(.moveReason) == Reason.domesticMoveIn.rawValue
            && previous != ownMunicipality
    }

    /// A 住所異動: an entry with an address, a changed address, or a 国外転出 (SC-03b); a birth by choice.
    private var movesAddress: Bool {
        let reason = record.text(.moveReason).flatMap(Reason.init(rawValue:))
        guard before != nil else { return reason != .birth || supplementOnBirth }
        if isRemoved { return !wasRemoved && reason == .overseasMoveOut }
        return changed([.currentMunicipalityCode, .currentAddress, .currentAddressAnnex])
    }

    // MARK: Messages

    private func identityUpdate(_ database: Database) throws -> Draft {
        let update = IdentityUpdate(
            record: record,
            sequence: try RegisterStore.nextIdentitySequence(addresseeNumber, database),
            controlNumber: draftNumber, moveDate: moveDate,
            formerCode: before?.text(.juminhyoCode), codeUsedFrom: codeUsedFrom)
        return try Draft("identity.update.request/v3", update.fields())
            .ordered(by: messages.order)
    }

    private func sequence(in draft: Draft) throws -> Int64 {
        let fields = try PayloadCoding.decode(JSONFields.self, from: draft.payload)
        return fields["updateSequence"]?.integer ?? fields["recordVersion"]?.integer ?? version
    }

    /// 戸籍の附票: to the 本籍地 through the CS (A4-01), or to our own 戸籍 system (A4-04); nobody's without 本籍.
    private func supplement() throws -> Draft? {
        guard movesAddress, let domicile = record.text(.registeredDomicileMunicipalityCode),
            record[.registeredDomicile] != nil, record[.familyRegisterHeadName] != nil
        else { return nil }
        let topic =
            domicile == ownMunicipality
            ? "family-register-supplement.apply/v1" : "family-register-supplement.deliver/v1"
        return try Draft(topic, messages.supplement(abroad: isRemoved)).ordered(by: messages.order)
    }

    /// A3-03: a notifiable change of a foreign resident that did not come from 法務省 itself.
    private func municipalNotice(_ transaction: Transaction) throws -> Draft? {
        func draft(_ fileNumber: String) throws -> Draft? {
            try MunicipalNotice.draft(
                before: before, after: record, receptionType: receptionType,
                fileNumber: fileNumber, ownMunicipality: ownMunicipality, at: transaction.now)
        }
        guard isVisible, try draft("MN-0") != nil else { return nil }
        return try draft(MunicipalNotice.nextFileNumber(transaction))
    }
}
