import Messaging
import Participant
import ParticipantStore

/// 届出 that do not come over the counter (窓口以外の受付): from 法務省, 電子申請 or 異動受付支援, with numbers of the register's own.
extension RegisterHandler {
    /// Makes a reception and returns its number, `R20251006-90001`: the counter's own numbers stay below.
    func receive(
        type: String, channel: String = "counter", movedOn: CivilDate, about addressee: String?,
        _ name: String, hasCard: Bool = false, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws -> String {
        let day = transaction.now.day
        let serial = try RegisterStore.next("reception-\(day.date8)", transaction.database)
        let number = "R\(day.date8)-\(90_000 + serial)"
        var subject: JSONFields = [
            "nameKanji": .text(name), "hasIndividualNumberCard": .flag(hasCard),
        ]
        subject["addresseeNumber"] = addressee.map { .text($0) }
        let fields: JSONFields = [
            "receptionNumber": .text(number), "notificationType": .text(type),
            "channel": .text(channel), "subjects": .array([.object(subject)]),
            "moveDate": .text(movedOn.iso), "notifiedDate": .text(day.iso),
        ]
        try ReceptionStore.accept(
            PayloadCoding.decode(
                NotificationAccepted.self, from: PayloadCoding.encode(JSONValue.object(fields))),
            caseNumber: caseNumber(of: message, transaction), at: transaction.now,
            transaction.database)
        return number
    }
}
