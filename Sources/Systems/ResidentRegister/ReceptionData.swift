import GRDB
import Messaging
import Participant
import ParticipantStore

/// 異動受付データ from 異動受付支援 (C10), v1 or v2.
struct ReceptionData: Decodable {
    struct Subject: Decodable {
        let addresseeNumber: String?
        let nameKanji: String?
        let birthDate: FuzzyDate?
    }

    let supportNumber: String
    let operation: String
    let subject: Subject
    let notificationType: String?
    let moveDate: CivilDate?
    let notifiedDate: CivilDate?
    let counterInput: JSONFields?

    /// The 異動事由 the kind of 届出 leads to; nil where the counter has to say more than 異動受付支援 can.
    var reason: Reason? {
        switch notificationType {
        case "addressChange": .addressChange
        case "moveOut": .domesticMoveOut
        case "householdChange": .householdChange
        default: nil
        }
    }
}

extension RegisterHandler {
    /// C10: becomes a draft that a second person confirms; 4情報 and 続柄 are no longer given (AMB-19).
    func takeReceptionData(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let data = try PayloadCoding.decode(ReceptionData.self, from: message.payload)
        var reply: JSONFields = ["supportNumber": .text(data.supportNumber)]
        let refusal = try attempt(transaction) {
            let (reception, draft) = try draft(data, message, transaction)
            reply["receptionNumber"] = .text(reception)
            reply["draftNumber"] = .text(draft)
        }
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        try dispatch.send(
            try Draft("reception.reply/v1", reply).performing("C10"), to: message.envelope.source,
            for: Cause(message), transaction)
        try dispatch.record(
            Evidence(
                "reception.change-data", result: refusal == nil ? "accepted" : "refused",
                code: refusal, step: "C10", reference: data.supportNumber),
            in: message.zone, for: Cause(message), transaction)
    }

    private func draft(
        _ data: ReceptionData, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> (reception: String, draft: String) {
        guard data.operation == "change" else { throw Declined("read-not-offered") }
        guard let operatorID = message.envelope.operatorID else {
            throw Declined("operator-missing")
        }
        guard let type = data.notificationType, let moved = data.moveDate, let reason = data.reason
        else { throw Declined("notification-type-not-supported") }
        let subject = try subject(of: data, transaction.database)
        let addressee = subject.record.text(.addresseeNumber) ?? ""
        let number = try receive(
            type: type, channel: "receptionSupport", movedOn: moved, about: addressee,
            subject.record.text(.nameKanji) ?? "", message, transaction)
        var request = DraftRequest(
            receptionNumber: number, moveReason: reason.rawValue,
            subject: DraftRequest.Subject(addresseeNumber: addressee),
            counterInput: data.counterInput ?? [:])
        if reason == .domesticMoveOut { request.plannedMoveOutDate = moved }
        let draft = try Drafting(
            request: request, drafter: operatorID, ownMunicipality: organisation.rawValue,
            settings: settings
        ).perform(terminal: message.envelope.terminal, transaction)
        return (number, draft)
    }

    private func subject(
        of data: ReceptionData, _ database: Database
    ) throws -> RegisterStore.Current {
        if let number = data.subject.addresseeNumber {
            guard let known = try RegisterStore.current(addresseeNumber: number, database) else {
                throw Declined("subject-unknown")
            }
            return known
        }
        let fitting = try PopulationStore.residents(name: data.subject.nameKanji ?? "", database)
            .filter { $0.record.date(.birthDate) == data.subject.birthDate }
        guard let found = fitting.first else { throw Declined("subject-unknown") }
        guard fitting.count == 1 else { throw Declined("subject-ambiguous") }
        return found
    }
}
