import GRDB
import Messaging
import Participant
import ParticipantStore

/// 送付先情報の抽出 (B7-01): when somebody is newly 通知対象, and again on demand; nothing of it is kept here.
extension RegisterHandler {
    /// Sends one 送付先 for people who share it; its number, or nil when there is nobody to notify.
    func extractMailing(
        of people: [ResidentRecord], category: MailingAddress.Category, operatorID: OperatorID,
        terminal: TerminalID?, for cause: Cause, _ transaction: Transaction
    ) throws -> String? {
        let database = transaction.database
        let notified = people.filter { $0[.individualNumber] != nil }
        guard let first = notified.first, let addressee = first.text(.addresseeNumber) else {
            return nil
        }
        let number = try RegisterStore.numbered(
            "S", on: transaction.now.day, digits: 6, database)
        let mailing = MailingAddress(
            controlNumber: number, people: notified, category: category,
            processedOn: transaction.now.day, operatorID: operatorID, terminal: terminal,
            office: settings.office,
            municipalityCode: try MunicipalityCode(organisation.rawValue).five)
        // Extracted again, never sent again: no copy outlives the acknowledgement (SC-15).
        let draft = try Draft(mailing.topic, mailing.fields())
            .ordered(by: "addresseeNumber:\(addressee)").forgotten()
        for recipient in dispatch.recipients(of: "mailing-address.extracted") {
            try dispatch.send(draft, to: recipient, for: cause, transaction)
        }
        try MailingStore.add(number, for: notified, database)
        return number
    }

    func mailingResult(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(MailingResult.self, from: message.payload)
        try MailingStore.note(
            result.mailingControlNumber, state: result.state, transaction.database)
    }

    /// B7-01 on demand: one 送付先 a household.
    func extractAgain(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ExtractRequest.self, from: message.payload)
        let database = transaction.database
        var mailings = 0
        let refusal = try attempt(transaction) {
            guard let operatorID = message.envelope.operatorID else {
                throw Declined("operator-missing")
            }
            var households: [String: [ResidentRecord]] = [:]
            for number in request.addresseeNumbers {
                guard
                    let person = try RegisterStore.current(addresseeNumber: number, database)
                else { throw Declined("subject-unknown") }
                guard person.state != .removed else { throw Declined("not-resident") }
                guard person.record[.individualNumber] != nil else {
                    throw Declined("no-individual-number")
                }
                households[person.record.text(.householdNumber) ?? number, default: []]
                    .append(person.record)
            }
            let category =
                request.printCategory.flatMap(MailingAddress.Category.init(rawValue:))
                ?? .individualNumberNotice
            for (_, people) in households.sorted(by: { $0.key < $1.key }) {
                let sent = try extractMailing(
                    of: people, category: category, operatorID: operatorID,
                    terminal: message.envelope.terminal, for: crossing(message, transaction),
                    transaction)
                if sent != nil { mailings += 1 }
            }
        }
        var fields: JSONFields = ["result": .text(refusal == nil ? "accepted" : "refused")]
        fields["code"] = refusal.map { .text($0) }
        if refusal == nil { fields["mailings"] = .integer(Int64(mailings)) }
        var draft = try Draft("mailing-address.extract.reply/v1", fields)
        draft.step = message.envelope.step
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }
}
