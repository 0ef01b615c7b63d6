import Messaging
import Participant
import ParticipantStore

/// 住民情報の再同期: 庁内連携 is new or has lost its data, and gets everybody, some at a time (A1-11).
extension RegisterHandler {
    private struct Request: Decodable {
        let resyncId: String
    }

    func beginResync(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(Request.self, from: message.payload)
        try ResyncStore.begin(
            request.resyncId, for: message.envelope.source.rawValue,
            caseNumber: caseNumber(of: message, transaction), transaction.database)
        try continueResync(transaction)
    }

    /// The next residents of the run; after the last, its end. Running changes go beside it: a newer version wins there.
    func continueResync(_ transaction: Transaction) throws {
        let database = transaction.database
        guard let run = try ResyncStore.running(database) else { return }
        let cause = cause(caseNumber: run.caseNumber, of: nil, transaction)
        let residents = try PopulationStore.residents(
            afterAddressee: run.cursor, limit: settings.resyncPerTick, database)
        for current in residents {
            let number = current.record.text(.addresseeNumber) ?? ""
            let isRestricted = try RestrictionStore.isRestricted(number, database)
            for (recipient, _, draft) in try announcement(of: current)
            where recipient == run.recipient {
                try dispatch.send(
                    isRestricted ? try draft.restricted() : draft, to: ParticipantID(recipient),
                    for: cause, transaction)
            }
        }
        let sent = run.sent + Int64(residents.count)
        let isLast = residents.count < settings.resyncPerTick
        try ResyncStore.advance(
            run.resyncID, to: residents.last?.record.text(.addresseeNumber) ?? run.cursor,
            sent: sent, isLast: isLast, database)
        guard isLast else { return }
        let done: JSONFields = ["resyncId": .text(run.resyncID), "sent": .integer(sent)]
        try dispatch.send(
            try Draft("resident.resync.completed/v1", done).performing("A1-11"),
            to: ParticipantID(run.recipient), for: cause, transaction)
    }
}
