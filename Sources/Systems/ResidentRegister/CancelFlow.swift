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
        let all = try MoveOutStore.plans(draftNumber: cancelled, database)
        guard !all.contains(where: { $0.certificate == .withdrawing }) else {
            throw Declined("withdrawal-pending")
        }
        let plans = all.filter { $0.isSpecial && $0.certificate == .sent }
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
        let refusal = ack.result == "accepted" ? nil : ack.code ?? "withdrawal-refused"
        guard
            let person = try RegisterStore.current(juminhyoCode: ack.juminhyoCode, database),
            let plan = try person.record.text(.addresseeNumber).flatMap({
                try MoveOutStore.plan(of: $0, database)
            }), plan.certificate == .withdrawing, plan.groupID == ack.groupId
        else { return try answeredLate(ack, refusal: refusal, message, transaction) }
        try MoveOutStore.note(
            refusal == nil ? .withdrawn : .sent, of: plan.addresseeNumber, database)
        guard
            let pending = try CancellationStore.answered(
                cancelled: plan.draftNumber, refusal: refusal, database)
        else {
            return try openLate(
                refusal == nil ? Self.withdrawalLate : Self.withdrawalRefusedLate, ack,
                refusal: refusal, message, transaction)
        }
        guard pending.waiting == 0 else { return }
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

    /// An answer to a withdrawal no 取消し waits for: given up meanwhile, or sent for another reason (死亡, SC-24).
    private func answeredLate(
        _ ack: CertificateWithdrawal, refusal: String?, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        guard refusal == nil else {
            return try openLate(
                Self.withdrawalRefusedLate, ack, refusal: refusal, message, transaction)
        }
        let database = transaction.database
        // One that is withdrawn, or of another group by now, is what we asked for.
        guard
            let person = try RegisterStore.current(juminhyoCode: ack.juminhyoCode, database),
            let plan = try person.record.text(.addresseeNumber).flatMap({
                try MoveOutStore.plan(of: $0, database)
            }), plan.groupID == ack.groupId, plan.certificate != .withdrawn
        else { return }
        try MoveOutStore.note(.withdrawn, of: plan.addresseeNumber, database)
        try openLate(Self.withdrawalLate, ack, refusal: nil, message, transaction)
    }

    private func openLate(
        _ code: String, _ ack: CertificateWithdrawal, refusal: String?,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var details: JSONFields = [
            "destinationMunicipalityCode": .text(ack.destinationMunicipalityCode)
        ]
        details["cause"] = refusal.map { .text($0) }
        try ManualCaseStore.open(
            code, reference: ack.groupId, details: details, for: message.envelope.correlation,
            transaction)
    }

    /// The peer gave back a certificate whose 転出 stands.
    static let withdrawalLate = "withdrawal-late"
    static let withdrawalRefusedLate = "withdrawal-refused-late"
    /// The peer consented, but the 取消し can no longer be carried out.
    static let cancellationNotApplied = "cancellation-not-applied"
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
        if let refusal {
            try standAgain(pending.cancelled, database)
            try ManualCaseStore.open(
                Self.cancellationNotApplied, reference: pending.draftNumber,
                details: ["cancelled": .text(pending.cancelled), "cause": .text(refusal)],
                for: pending.correlation, transaction)
        }
        if answering { try reply(to: pending, refusal: refusal, transaction) }
    }

    /// Nobody waits for these certificates any more: what was not answered is out as before.
    private func standAgain(_ cancelled: String, _ database: Database) throws {
        for plan in try MoveOutStore.plans(draftNumber: cancelled, database)
        where plan.certificate == .withdrawing {
            try MoveOutStore.note(.sent, of: plan.addresseeNumber, database)
        }
    }

    /// The 取消し is given up: the 転出 stands as it was.
    func abandon(
        _ pending: CancellationStore.Pending, answering: Bool, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try CancellationStore.remove(pending.draftNumber, database)
        try DraftStore.remove(pending.draftNumber, database)
        try standAgain(pending.cancelled, database)
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
