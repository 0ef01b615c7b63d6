import GRDB
import Messaging
import Participant
import ParticipantStore

/// A 法務省通知 as its terminal hands it over (A3-02).
struct MojNotice: Decodable {
    let noticeNumber: String
    let noticeDate: CivilDate
    let reason: String
    let residenceCardNumber: String
    let nameKanji: String
    let birthDate: FuzzyDate
    /// Everything, for the items that may change.
    let fields: JSONFields

    private enum Key: String, CodingKey {
        case noticeNumber, noticeDate, reason, residenceCardNumber, nameKanji, birthDate
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        noticeNumber = try container.decode(String.self, forKey: .noticeNumber)
        noticeDate = try container.decode(CivilDate.self, forKey: .noticeDate)
        reason = try container.decode(String.self, forKey: .reason)
        residenceCardNumber = try container.decode(String.self, forKey: .residenceCardNumber)
        nameKanji = try container.decode(String.self, forKey: .nameKanji)
        birthDate = try container.decode(FuzzyDate.self, forKey: .birthDate)
        fields = try decoder.singleValueContainer().decode(JSONFields.self)
    }

    /// 出国 and 在留資格喪失 end the residence; everything else corrects items.
    var endsResidence: Bool { ["departure", "statusLoss"].contains(reason) }

    /// The record as the notice wants it.
    func applied(to record: ResidentRecord) -> ResidentRecord {
        var changed = record
        if endsResidence {
            let reason = JSONValue.text(Reason.exOfficioRemoval.rawValue)
            changed[.moveReason] = reason
            changed[.removalCategory] = .text("exOfficio")
            changed[.removalMoveDate] = FuzzyDate(noticeDate).json
            changed[.removalMoveReason] = reason
            changed[.removalNotifiedReason] = reason
            changed[.removalNotifiedDate] = .text(noticeDate.iso)
            return changed
        }
        for item in Self.items {
            guard let value = fields[item.rawValue], value != .null else { continue }
            changed[item] = value
        }
        if let number = fields["newResidenceCardNumber"]?.text {
            changed[.residenceCardNumber] =
                ResidenceCardNumber.normalised(number).map { .text($0) }
        }
        if changed != record {
            changed[.moveReason] = .text(Reason.exOfficioCorrection.rawValue)
        }
        return changed
    }

    /// What 法務省 may change (F1-59, F1-64 to F1-71), beside the card.
    private static let items: [F1Item] = [
        .foreignLegalNameKanji, .nationalityCode, .nationalityName, .residenceStatusCode,
        .residenceStatusName, .article30_45Category, .periodOfStay, .periodOfStayExpiry,
    ]
}

/// What 法務省 said to a file of 市町村通知 (A3-04).
struct MunicipalNoticeResult: Decodable {
    struct Fault: Decodable {
        let noticeSequence: Int
        let code: String
    }

    let fileNumber: String
    let result: String
    let acceptedCount: Int
    let errors: [Fault]?
}

/// The 突合 of a notice with the register: old card, name, birth date; what does not fit, a person resolves.
private enum NoticeMatch {
    case found(RegisterStore.Current)
    case manual(code: String)

    init(_ notice: MojNotice, _ database: Database) throws {
        guard let card = ResidenceCardNumber.normalised(notice.residenceCardNumber) else {
            self = .manual(code: "residence-card-unknown")
            return
        }
        let holders = try PopulationStore.residents(residenceCardNumber: card, database)
        guard let holder = holders.first, holders.count == 1 else {
            self = .manual(
                code: holders.isEmpty ? "residence-card-unknown" : "residence-card-ambiguous")
            return
        }
        let record = holder.record
        let names = [record.text(.nameKanji), record.text(.foreignLegalNameKanji)]
        let births = [record.date(.birthDate), record.date(.foreignBirthDate)]
        if !names.contains(notice.nameKanji) || !births.contains(notice.birthDate) {
            self = .manual(code: "notice-mismatch")
        } else if record[.article30_45Category] == nil {
            self = .manual(code: "not-foreign-resident")
        } else if holder.state == .removed {
            self = .manual(code: "resident-removed")
        } else if try PopulationStore.openDraft(
            juminhyoCode: record.text(.juminhyoCode) ?? "", database) != nil
        {
            self = .manual(code: "draft-open")
        } else {
            self = .found(holder)
        }
    }
}

extension RegisterHandler {
    /// A3-02: match, list the differences, make a draft that a second person confirms; nothing is committed here.
    func takeNotice(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(MojNotice.self, from: message.payload)
        let database = transaction.database
        guard let operatorID = message.envelope.operatorID else { throw Refuse("operator-missing") }
        var reply: JSONFields = ["noticeNumber": .text(notice.noticeNumber)]
        if try MojNoticeStore.isTaken(notice.noticeNumber, database) {
            reply["result"] = .text("refused")
            reply["code"] = .text("notice-already-taken")
            try answer(reply, to: message, transaction)
            return
        }
        var disposition = "manual"
        switch try NoticeMatch(notice, database) {
        case .manual(let code):
            let caseID = try ManualCaseStore.open(
                code, reference: notice.noticeNumber, details: ["reason": .text(notice.reason)],
                for: message.envelope.correlation, transaction)
            reply["result"] = .text("manual")
            reply["code"] = .text(code)
            reply["caseId"] = .text(caseID)
        case .found(let current):
            let changed = notice.applied(to: current.record)
            reply["result"] = .text("accepted")
            reply["differences"] = .array(differences(current.record, changed))
            disposition = changed == current.record ? "unchanged" : "drafted"
            reply["disposition"] = .text(disposition)
            if changed != current.record {
                let (reception, draft) = try draft(
                    changed, of: current, by: operatorID, message, transaction)
                reply["receptionNumber"] = .text(reception)
                reply["draftNumber"] = .text(draft)
            }
        }
        try MojNoticeStore.take(
            notice.noticeNumber, disposition: disposition,
            draftNumber: reply["draftNumber"]?.text, at: transaction.now, database)
        try answer(reply, to: message, transaction)
    }

    private func draft(
        _ record: ResidentRecord, of current: RegisterStore.Current, by operatorID: OperatorID,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> (reception: String, draft: String) {
        let number = try receive(
            type: MunicipalNotice.ministryReception, movedOn: transaction.now.day,
            about: current.record.text(.addresseeNumber), record.text(.nameKanji) ?? "", message,
            transaction)
        let draft = DraftStore.Provisional(
            draftNumber: try RegisterStore.numbered(
                "D", on: transaction.now.day, transaction.database),
            receptionNumber: number,
            reason: record.text(.moveReason).flatMap(Reason.init(rawValue:))
                ?? .exOfficioCorrection,
            drafter: operatorID, terminal: message.envelope.terminal, verificationReference: nil,
            needsVerification: false, plannedDate: nil, wholeHousehold: false, cancels: nil,
            members: [
                DraftStore.Member(record: record, baseVersion: current.version, hasCard: false)
            ])
        try DraftStore.add(draft, at: transaction.now, transaction.database)
        try ReceptionStore.advance(number, to: "drafted", transaction.database)
        return (number, draft.draftNumber)
    }

    /// The list the second person looks at: items with their values before and after.
    private func differences(_ before: ResidentRecord, _ after: ResidentRecord) -> [JSONValue] {
        F1Item.allCases.filter { before[$0] != after[$0] && $0 != .moveReason }.map { item in
            func value(_ record: ResidentRecord) -> JSONValue {
                record.text(item).map { .text($0) }
                    ?? record.date(item)?.date.map { .text($0.iso) } ?? .null
            }
            return .object([
                "item": .text(item.rawValue), "before": value(before), "after": value(after),
            ])
        }
    }

    private func answer(
        _ reply: JSONFields, to message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        try dispatch.send(
            try Draft("moj-notice.result/v1", reply).performing("A3-02"),
            to: message.envelope.source, for: Cause(message), transaction)
        let result = reply["result"]?.text ?? ""
        try dispatch.record(
            Evidence(
                "moj-notice.import", result: result == "manual" ? "done" : result,
                code: reply["code"]?.text, step: "A3-02", reference: reply["noticeNumber"]?.text),
            in: message.zone, for: Cause(message), transaction)
    }

    /// A3-04: the processing result is recorded, its errors are a person's to look at.
    func noteMunicipalNotice(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(
            MunicipalNoticeResult.self, from: message.payload)
        try MojNoticeStore.answered(result, at: transaction.now, transaction.database)
        guard result.result != "accepted" else { return }
        var details: JSONFields = ["accepted": .integer(Int64(result.acceptedCount))]
        for fault in (result.errors ?? []).prefix(10) {
            details["notice\(fault.noticeSequence)"] = .text(fault.code)
        }
        try ManualCaseStore.open(
            "municipal-notice-refused", reference: result.fileNumber, details: details,
            for: message.envelope.correlation, transaction)
    }
}
