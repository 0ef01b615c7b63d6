import GRDB
import Messaging
import Participant
import ParticipantStore

/// The approval of a change (確認・本更新): drafter and approver are two people, and nothing has changed meanwhile.
struct Committing {
    let request: CommitRequest
    let approver: OperatorID?

    /// A draft that may become the register now, with its 届出 and its approver.
    struct Approved {
        let draft: DraftStore.Provisional
        let reception: ReceptionStore.Reception
        let approver: OperatorID

        var author: ChangeDesk.Author {
            ChangeDesk.Author(
                draftNumber: draft.draftNumber, receptionNumber: draft.receptionNumber,
                receptionType: reception.type, drafter: draft.drafter, approver: approver,
                verificationReference: draft.verificationReference, moveDate: reception.moveDate)
        }
    }

    /// Throws ``Declined`` and writes nothing.
    func check(_ database: Database) throws -> Approved {
        guard let approver else { throw Declined("operator-missing") }
        guard var draft = try DraftStore.draft(request.draftNumber, database) else {
            throw Declined("draft-unknown")
        }
        guard draft.drafter != approver else { throw Declined("same-operator") }
        guard let reception = try ReceptionStore.reception(draft.receptionNumber, database) else {
            throw Declined("reception-unknown")
        }
        draft.verificationReference = request.verificationReference ?? draft.verificationReference
        if draft.needsVerification, draft.verificationReference == nil {
            throw Declined("verification-required")
        }
        guard try !DeadlineFlag.waits(draft.draftNumber, database) else {
            throw Declined("supervisor-decision-pending")
        }
        for member in draft.members { try checkBase(of: member, draft.reason, database) }
        return Approved(draft: draft, reception: reception, approver: approver)
    }

    private func checkBase(
        of member: DraftStore.Member, _ reason: Reason, _ database: Database
    ) throws {
        let record = member.record
        let current: RegisterStore.Current?
        if let number = record.text(.addresseeNumber) {
            current = try RegisterStore.current(addresseeNumber: number, database)
        } else {
            current = try record.text(.juminhyoCode).flatMap {
                try RegisterStore.current(juminhyoCode: $0, database)
            }
        }
        if reason.kind == .entry, let current, current.state != .removed {
            throw Declined("already-resident")
        }
        guard current?.version ?? 0 == member.baseVersion else { throw Declined("draft-outdated") }
        guard reason.kind == .entry, let number = record.text(.individualNumber) else { return }
        if try RegisterStore.isOthers(individualNumber: number, than: record, database) {
            throw Declined("individual-number-in-use")
        }
    }
}
