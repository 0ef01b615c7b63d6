import GRDB
import Messaging
import Participant
import ParticipantStore

/// The approval of a change (確認・本更新): drafter and approver are two people.
struct Committing {
    let request: CommitRequest
    let approver: OperatorID?
    let ownMunicipality: String
    let token: () -> UInt64

    /// Makes the draft the current row, and says what has to leave; throws ``Declined`` before it writes anything.
    func perform(_ transaction: Transaction) throws -> (FanOut, caseNumber: Int64) {
        let database = transaction.database
        guard let approver else { throw Declined("operator-missing") }
        guard let draft = try RegisterStore.provisional(request.draftNumber, database) else {
            throw Declined("draft-unknown")
        }
        guard draft.drafter != approver else { throw Declined("same-operator") }
        guard let reception = try ReceptionStore.reception(draft.receptionNumber, database) else {
            throw Declined("reception-unknown")
        }
        var record = draft.record
        guard let code = record.text(.juminhyoCode) else { throw Declined("subject-unknown") }
        let current = try RegisterStore.current(juminhyoCode: code, database)
        if current != nil, record.text(.moveReason) == Reason.domesticMoveIn.rawValue {
            throw Declined("already-resident")
        }
        try number(&record, transaction)
        let subjectID = current?.certificateSubjectID ?? "c\(Hexadecimal.text(token()))"
        let change = RegisterStore.Change(
            draft: draft, approver: approver, version: (current?.version ?? 0) + 1,
            at: transaction.now)
        try RegisterStore.commit(record, certificateSubjectID: subjectID, change, database)
        try CertificateStore.consume(code, database)
        try ReceptionStore.advance(draft.receptionNumber, to: "committed", database)
        let fanOut = FanOut(
            record: record, version: change.version, certificateSubjectID: subjectID,
            draftNumber: draft.draftNumber, ownMunicipality: ownMunicipality)
        return (fanOut, reception.caseNumber)
    }

    /// 宛名番号 and 世帯番号 (V-6) for who has none yet.
    private func number(_ record: inout ResidentRecord, _ transaction: Transaction) throws {
        for (item, counter) in [
            (F1Item.addresseeNumber, "addressee"), (.householdNumber, "household"),
        ]
        where record[item] == nil {
            let serial = String(try RegisterStore.next(counter, transaction.database))
            let padded = String(repeating: "0", count: max(0, 9 - serial.count)) + serial
            record[item] = AddresseeNumber.completed(serial: padded).map { .text($0) }
        }
    }
}
