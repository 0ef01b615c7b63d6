import GRDB
import Messaging
import Participant
import ParticipantStore

/// How a 転出 ends (消除): by the 転入通知 of the 転入地 (C6), or on the planned day when none came.
extension RegisterHandler {
    /// Removals carried out in one tick.
    private static let removalsPerTick = 200

    /// SC-03a: the planned day has come, and no notice.
    func removeDue(_ transaction: Transaction) throws {
        let due = try MoveOutStore.due(
            transaction.now, limit: Self.removalsPerTick, transaction.database)
        for plan in due {
            guard
                let current = try RegisterStore.current(
                    addresseeNumber: plan.addresseeNumber, transaction.database),
                current.state == .plannedMoveOut
            else {
                try MoveOutStore.settle(plan.addresseeNumber, transaction.database)
                continue
            }
            try depart(
                current, plan, on: plan.plannedDate, notice: nil,
                for: cause(caseNumber: plan.caseNumber, of: nil, transaction), transaction)
        }
    }

    /// C6: F1-41 to F1-45 are filled, F1-36 to F1-40 stay; a notice that fits nobody's 転出 waits for a person.
    func moveInNoticed(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(MoveInNotice.self, from: message.payload)
        guard notice.previousMunicipalityCode == organisation.rawValue else {
            throw Refuse("destination-mismatch")
        }
        let database = transaction.database
        guard let person = try RegisterStore.current(juminhyoCode: notice.juminhyoCode, database),
            let addressee = person.record.text(.addresseeNumber)
        else { return try undecidable("move-in-notice-unknown", notice, message, transaction) }
        let plan = try MoveOutStore.plan(of: addressee, database)
        let isLeaving =
            person.state == .plannedMoveOut
            || person.state == .removed
                && person.record.text(.removalMoveReason) == plan?.reason.rawValue
        let isNew = try MoveOutStore.keep(
            notice, content: message.payload, of: addressee,
            state: isLeaving && plan != nil ? "applied" : "manual", at: transaction.now, database)
        guard isNew else { return }
        guard isLeaving, let plan else {
            return try undecidable("move-in-notice-unexpected", notice, message, transaction)
        }
        let number = try caseNumber(of: message, transaction)
        try CaseStore.join(number, into: plan.caseNumber, database)
        let movedIn = notice.becameResidentDate.date ?? plan.plannedDate
        try depart(
            person, plan, on: min(plan.plannedDate, movedIn), notice: notice,
            for: cause(caseNumber: plan.caseNumber, of: message, transaction), transaction)
    }

    private func undecidable(
        _ code: String, _ notice: MoveInNotice, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        try ManualCaseStore.open(
            code, reference: message.envelope.id.rawValue,
            details: [
                "municipalityCode": .text(notice.currentMunicipalityCode),
                "movedIn": (notice.becameResidentDate.date?.iso).map { .text($0) } ?? .null,
            ], for: message.envelope.correlation, transaction)
    }

    /// The 住民票 becomes a 除票, or the 除票 learns where the person went: V-9 min(転出予定, 転入日).
    private func depart(
        _ current: RegisterStore.Current, _ plan: MoveOutStore.Plan, on day: CivilDate,
        notice: MoveInNotice?, for cause: Cause, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        var record = current.record
        if let notice { Self.confirm(notice, in: &record) }
        Removal.mark(&record, reason: plan.reason, on: FuzzyDate(day).json, notified: nil)
        let reception = try ReceptionStore.reception(plan.receptionNumber, database)
        let author = ChangeDesk.Author(
            draftNumber: try RegisterStore.numbered("A", on: transaction.now.day, database),
            receptionNumber: plan.receptionNumber, receptionType: reception?.type ?? "moveOut",
            drafter: plan.drafter, approver: plan.approver, moveDate: day)
        if notice != nil, plan.certificate == .sent {
            try MoveOutStore.note(.answered, of: plan.addresseeNumber, database)
        }
        try desk.apply(
            record, state: .removed, over: current, by: author, for: cause, transaction)
        try dispatch.record(
            Evidence(
                "register.change.automatic", result: "done", step: "A1-02",
                reference: author.draftNumber),
            in: nil, for: cause, transaction)
    }

    /// A 職権消除 takes over what the notice says that waited for a person.
    func confirmed(
        _ record: ResidentRecord, _ reason: Reason, _ database: Database
    ) throws -> ResidentRecord {
        guard reason.kind == .removal, reason != .death,
            let addressee = record.text(.addresseeNumber),
            let notice = try MoveOutStore.undecided(addressee, database)
        else { return record }
        var record = record
        Self.confirm(notice, in: &record)
        try MoveOutStore.decided(addressee, "applied", database)
        return record
    }

    /// 転出確定地.
    private static func confirm(_ notice: MoveInNotice, in record: inout ResidentRecord) {
        record[.confirmedMoveOutMunicipalityCode] = .text(notice.currentMunicipalityCode)
        record[.confirmedMoveOutPostalCode] = notice.currentPostalCode.map { .text($0) }
        record[.confirmedMoveOutAddress] = .text(notice.currentAddress)
        record[.confirmedMoveOutAddressAnnex] = notice.currentAddressAnnex.map { .text($0) }
        // 転入通知情報 has no 世帯主 (F1-45): who is entered at the counter stays.
    }
}
