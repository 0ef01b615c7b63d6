import GRDB
import Messaging
import ParticipantStore

/// 特例転入 after its thirty days (SC-12, AMB-11): technically possible, but a supervisor decides before 本更新.
enum DeadlineFlag {
    static let code = "special-move-in-deadline-exceeded"

    /// Opens a case for a draft that uses a certificate whose last day is over.
    static func raise(
        draftNumber: String, for correlation: CorrelationID, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let draft = try DraftStore.draft(draftNumber, database),
            draft.reason == .domesticMoveIn,
            let reception = try ReceptionStore.reception(draft.receptionNumber, database)
        else { return }
        for member in draft.members {
            guard let juminhyoCode = member.record.text(.juminhyoCode),
                let held = try CertificateStore.held(juminhyoCode, database)
            else { continue }
            let rule = ThirtyDayRule(plannedDate: held.plannedDate)
            // The 届出 stops the clock: who came in time is in time, however long the entry takes.
            guard reception.notifiedDate > rule.lastDay else { continue }
            try ManualCaseStore.open(
                code, reference: draftNumber,
                details: [
                    "receptionNumber": .text(draft.receptionNumber),
                    "plannedMoveOutDate": .text(held.plannedDate.iso),
                    "lastDay": .text(rule.lastDay.iso),
                    "originMunicipalityCode": .text(held.origin),
                ], for: correlation, transaction)
            return
        }
    }

    /// Whether a draft waits for the supervisor.
    static func waits(_ draftNumber: String, _ database: Database) throws -> Bool {
        try ManualCaseStore.open(database).contains {
            $0.code == code && $0.reference == draftNumber
        }
    }
}
