import GRDB
import Messaging
import Participant
import ParticipantStore

/// The 取消し of a committed change (異動の取消し): a draft of what stood before, which another person commits.
///
/// History is appended, nothing is deleted; only what is still the latest can be taken back, and a 転出 only before the removal.
struct Cancelling {
    let request: CancelRequest
    let drafter: OperatorID?

    /// The number of the 取消し's draft; throws ``Declined``.
    func perform(terminal: TerminalID?, _ transaction: Transaction) throws -> String {
        let database = transaction.database
        guard let drafter else { throw Declined("operator-missing") }
        guard let reception = try ReceptionStore.reception(request.receptionNumber, database)
        else { throw Declined("reception-unknown") }
        let versions = try ChangeStore.versions(of: request.draftNumber, database)
        guard !versions.isEmpty else { throw Declined("draft-unknown") }
        guard try !DraftStore.takesBack(request.draftNumber, database) else {
            throw Declined("already-drafted")
        }
        let members = try versions.map { addresseeNumber, version in
            try member(addresseeNumber, version, reception, transaction)
        }
        let reason = members.first?.record.text(.moveReason).flatMap(Reason.init(rawValue:))
        let draft = DraftStore.Provisional(
            draftNumber: try RegisterStore.numbered("D", on: transaction.now.day, database),
            receptionNumber: request.receptionNumber, reason: reason ?? .cancelCorrection,
            drafter: drafter, terminal: terminal, verificationReference: nil,
            needsVerification: false, plannedDate: nil, wholeHousehold: false,
            cancels: request.draftNumber, members: members)
        try DraftStore.add(draft, at: transaction.now, database)
        try ReceptionStore.advance(request.receptionNumber, to: "drafted", database)
        return draft.draftNumber
    }

    private func member(
        _ addresseeNumber: String, _ version: Int64, _ reception: ReceptionStore.Reception,
        _ transaction: Transaction
    ) throws -> DraftStore.Member {
        let database = transaction.database
        guard
            let current = try RegisterStore.current(addresseeNumber: addresseeNumber, database)
        else { throw Declined("already-archived") }
        guard current.version == version else {
            let moved = try MoveOutStore.plan(of: addresseeNumber, database)?.draftNumber
            throw Declined(
                current.state == .removed && moved == request.draftNumber
                    ? "already-removed" : "not-latest")
        }
        let reason = current.record.text(.moveReason).flatMap(Reason.init(rawValue:))
        if reason?.kind == .codeChange || reason?.kind == .numberRequest {
            throw Declined("cannot-cancel")
        }
        var record: ResidentRecord
        if let before = try RegisterStore.history(
            addresseeNumber: addresseeNumber, version: version - 1, database)
        {
            record = before.record
            let returns = current.state == .removed && before.state != .removed
            record[.moveReason] = .text(
                (returns ? Reason.cancelIncrease : .cancelCorrection).rawValue)
        } else {
            record = current.record
            Removal.mark(
                &record, reason: .cancelDecrease, on: FuzzyDate(reception.moveDate).json,
                notified: .text(reception.notifiedDate.iso))
        }
        return DraftStore.Member(record: record, baseVersion: version, hasCard: false)
    }
}
