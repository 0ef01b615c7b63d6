import GRDB
import Messaging
import Participant
import ParticipantStore

/// 取消し (SC-11): of a draft at once, of a committed change by another person, of a 特例転出 only with the peer's consent.
extension RegisterHandler {
    func cancel(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CancelRequest.self, from: message.payload)
        let database = transaction.database
        var reply: JSONFields = ["receptionNumber": .text(request.receptionNumber)]
        let refusal = try attempt(transaction) {
            if let draft = try DraftStore.draft(request.draftNumber, database) {
                try drop(draft, database)
                reply["draftNumber"] = .text(draft.draftNumber)
            } else {
                reply["draftNumber"] = .text(
                    try Cancelling(request: request, drafter: message.envelope.operatorID)
                        .perform(terminal: message.envelope.terminal, transaction))
            }
        }
        try answer(
            message, reply, refusal: refusal, operation: "register.change.cancel", transaction)
    }

    /// A draft is dropped: the 届出 is open again, its certificates are held again (corrections 7).
    func drop(_ draft: DraftStore.Provisional, _ database: Database) throws {
        guard try CancellationStore.pending(draftNumber: draft.draftNumber, database) == nil else {
            throw Declined("withdrawal-pending")
        }
        try DraftStore.remove(draft.draftNumber, database)
        try CertificateStore.release(draft.receptionNumber, database)
        try ReceptionStore.advance(draft.receptionNumber, to: "accepted", database)
    }

    /// Asks the peer for every certificate that is out; false when none is.
    func withdrawFirst(
        _ approved: Committing.Approved, asked message: ReceivedMessage, for cause: Cause,
        _ transaction: Transaction
    ) throws -> Bool {
        let database = transaction.database
        let draft = approved.draft
        guard let cancelled = draft.cancels else { return false }
        guard try CancellationStore.pending(draftNumber: draft.draftNumber, database) == nil else {
            throw Declined("withdrawal-pending")
        }
        let plans = try MoveOutStore.plans(draftNumber: cancelled, database)
            .filter { $0.isSpecial && $0.certificate == .sent }
        guard !plans.isEmpty else { return false }
        try CancellationStore.add(
            draft, cancelled: cancelled, approver: approved.approver, asked: message,
            waiting: plans.count, at: transaction.now, database)
        for plan in plans {
            guard
                let person = try RegisterStore.current(
                    addresseeNumber: plan.addresseeNumber, database)
            else { continue }
            try MoveOutStore.note(.withdrawing, of: plan.addresseeNumber, database)
            try sendWithdrawal(
                of: person.record, plan, reason: "moveOutCancelled", for: cause, transaction)
        }
        return true
    }

    /// The peer's answer: the last one decides; what the peer has used already waits for a person.
    func withdrawalAnswered(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let ack = try PayloadCoding.decode(CertificateWithdrawal.self, from: message.payload)
        let database = transaction.database
        guard
            let person = try RegisterStore.current(juminhyoCode: ack.juminhyoCode, database),
            let plan = try person.record.text(.addresseeNumber).flatMap({
                try MoveOutStore.plan(of: $0, database)
            }), plan.certificate == .withdrawing, plan.groupID == ack.groupId
        else { return }
        let refusal = ack.result == "accepted" ? nil : ack.code ?? "withdrawal-refused"
        try MoveOutStore.note(
            refusal == nil ? .withdrawn : .sent, of: plan.addresseeNumber, database)
        guard
            let pending = try CancellationStore.answered(
                cancelled: plan.draftNumber, refusal: refusal, database), pending.waiting == 0
        else { return }
        guard let refused = pending.refusal else {
            return try finish(pending, transaction)
        }
        try ManualCaseStore.open(
            Self.withdrawalRefused, reference: pending.draftNumber,
            details: [
                "cancelled": .text(pending.cancelled), "cause": .text(refused),
                "destinationMunicipalityCode": .text(ack.destinationMunicipalityCode),
            ], for: pending.correlation, transaction)
        try reply(to: pending, refusal: refused, transaction)
    }

    static let withdrawalRefused = "withdrawal-refused"
    static let withdrawalUnanswered = "withdrawal-unanswered"

    /// Carries out a 取消し that waited, and answers who asked for it.
    func finish(
        _ pending: CancellationStore.Pending, answering: Bool = true, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try CancellationStore.remove(pending.draftNumber, database)
        let refusal = try attempt(transaction) {
            let approved = try Committing(
                request: CommitRequest(draftNumber: pending.draftNumber),
                approver: pending.approver
            ).check(database)
            let cause = cause(
                caseNumber: approved.reception.caseNumber, of: nil, transaction)
            try performCancellation(approved, for: cause, transaction)
        }
        if answering { try reply(to: pending, refusal: refusal, transaction) }
    }

    /// The 取消し is given up: the 転出 stands as it was.
    func abandon(
        _ pending: CancellationStore.Pending, answering: Bool, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try CancellationStore.remove(pending.draftNumber, database)
        try DraftStore.remove(pending.draftNumber, database)
        for plan in try MoveOutStore.plans(draftNumber: pending.cancelled, database)
        where plan.certificate == .withdrawing {
            try MoveOutStore.note(.sent, of: plan.addresseeNumber, database)
        }
        if answering { try reply(to: pending, refusal: "withdrawal-unanswered", transaction) }
    }

    private func reply(
        to pending: CancellationStore.Pending, refusal: String?, _ transaction: Transaction
    ) throws {
        try answer(
            pending.cause, at: pending.asker, step: pending.step,
            ["draftNumber": .text(pending.draftNumber)], refusal: refusal,
            operation: "register.change.commit", zone: pending.zone, transaction)
    }

    /// Everybody's row becomes again what it was before, as a new version.
    func performCancellation(
        _ approved: Committing.Approved, for cause: Cause, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        for member in approved.draft.members {
            guard let addressee = member.record.text(.addresseeNumber),
                let current = try RegisterStore.current(addresseeNumber: addressee, database)
            else { throw Declined("already-archived") }
            let before = try RegisterStore.history(
                addresseeNumber: addressee, version: member.baseVersion - 1, database)
            let state = before?.state ?? .removed
            try desk.apply(
                member.record, state: state, over: current, by: approved.author,
                isCancellation: true, for: cause, transaction)
            guard let plan = try MoveOutStore.plan(of: addressee, database) else { continue }
            if state == .plannedMoveOut {
                try MoveOutStore.plan(plan, database)
            } else {
                try MoveOutStore.settle(addressee, database)
            }
        }
        try DraftStore.remove(approved.draft.draftNumber, database)
        try ReceptionStore.advance(
            approved.draft.receptionNumber, to: "committed", database)
    }

    /// A peer that does not answer is no peer that refuses: after a while a person hears of it.
    func remindOfWithdrawals(_ transaction: Transaction) throws {
        let since = transaction.now - .seconds(settings.withdrawalDays * 86_400)
        for pending in try CancellationStore.unanswered(since: since, transaction.database) {
            try ManualCaseStore.open(
                Self.withdrawalUnanswered, reference: pending.draftNumber,
                details: ["cancelled": .text(pending.cancelled)], for: pending.correlation,
                transaction)
        }
    }
}
