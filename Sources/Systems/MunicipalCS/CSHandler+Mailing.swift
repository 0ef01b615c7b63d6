import GRDB
import Messaging
import Participant
import ParticipantStore

/// 送付先情報通知 (B7): taken from the register only, matched with 機構 (B5), sent, acknowledged, erased (C8).
extension CSHandler {
    /// An unanswered question is asked again after this long.
    private static let askAgainSeconds = 120
    /// Questions of one tick.
    private static let askLimit = 50
    /// The last day of 通知カード was the day before (CL-7).
    private static let firstNoticeDay = "20200525"
    /// From here on 一定期間 instead of at the ack (別添3).
    private static let delayedPurgeDay = "20200529"

    func receiveMailing(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "mailing-address.extracted": try takeMailing(message, transaction)
        case "mailing-address.ack": try mailingAcknowledged(message, transaction)
        default: return false
        }
        return true
    }

    // MARK: 抽出 (B7-01)

    private func takeMailing(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let number = fields["mailingControlNumber"]?.text,
            case .array(let list)? = fields["targetPersons"]
        else { throw Refuse("payload-unreadable") }
        let persons = try list.map { person -> JSONFields in
            guard case .object(let members) = person else { throw Refuse("payload-unreadable") }
            return members
        }
        let database = transaction.database
        if let fault = try mailingFault(number, fields, persons, database) {
            let draft = try result(number, state: "extracted", refusal: fault)
            return try dispatch.send(
                draft, to: message.envelope.source, for: Cause(message), transaction)
        }
        try MailingStore.store(fields, persons, from: message, database)
        try askAboutMailing(number, transaction)
    }

    /// V-9, CL-7, R-094; nil when the mailing is good.
    private func mailingFault(
        _ number: String, _ fields: JSONFields, _ persons: [JSONFields], _ database: Database
    ) throws -> String? {
        if let known = try MailingStore.find(number, database),
            known.state != .extracted && known.state != .heldMismatch
        {
            return "already-sent"
        }
        guard fields["targetPersonCount"]?.integer == Int64(persons.count) else {
            return "person-count-mismatch"
        }
        let day = fields["processedDate"]?.text ?? ""
        let isCard = fields["printCategory"]?.text == "notificationCard"
        if isCard && day >= Self.firstNoticeDay { return "notification-card-abolished" }
        if fields["printCategory"]?.text == "individualNumberNotice" && day < Self.firstNoticeDay {
            return "notice-not-yet-introduced"
        }
        for person in persons {
            guard let number = person["individualNumber"]?.text,
                IndividualNumber.isValid(number)
            else { return "individual-number-invalid" }
            guard let code = person["juminhyoCode"]?.text,
                let standing = try IdentityStore.standing(code, database), !standing.isRemoved
            else { return "match-failed" }
        }
        return nil
    }

    private func result(_ number: String, state: String, refusal: String? = nil) throws -> Draft {
        var fields: JSONFields = [
            "mailingControlNumber": .text(number), "state": .text(state),
            "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["code"] = refusal.map { .text($0) }
        return try Draft("mailing-address.result/v1", fields).performing("B7-01")
    }

    private func tellRegister(
        _ mailing: MailingStore.Mailing, state: String, refusal: String? = nil,
        _ transaction: Transaction
    ) throws {
        try dispatch.send(
            result(mailing.number, state: state, refusal: refusal), to: mailing.asker,
            for: causation(mailing), transaction)
    }

    private func causation(_ mailing: MailingStore.Mailing) -> Cause {
        Cause(
            zone: mailing.zone, causation: mailing.request, operatorID: nil, terminal: nil
        ) { _ in mailing.correlation }
    }

    // MARK: 突合

    /// 機構 is asked once the prefecture has the person's current row: until then it knows an older one.
    private func askAboutMailing(_ number: String, _ transaction: Transaction) throws {
        let database = transaction.database
        guard let mailing = try MailingStore.find(number, database), mailing.state == .extracted
        else { return }
        for person in try MailingStore.people(number, database) where person["matched"] == 0 {
            try ask(person, of: mailing, transaction)
        }
    }

    private func ask(
        _ person: Row, of mailing: MailingStore.Mailing, _ transaction: Transaction
    ) throws {
        let code: String = person["juminhyoCode"]
        let position: Int = person["position"]
        let database = transaction.database
        let row = try IdentityStore.row(code, database)
        let prefecture: String = row?["prefecture"] ?? "none"
        let next = transaction.now + .seconds(Self.askAgainSeconds)
        try database.execute(
            sql: """
                UPDATE mailing_person SET askAt = ? WHERE mailingControlNumber = ? AND position = ?
                """, arguments: [next.nanosecondsSince1970, mailing.number, position])
        guard prefecture == "accepted" || prefecture == "none" else { return }
        let fields: JSONFields = [
            "juminhyoCode": .text(code), "purpose": .text("mailingAddress"),
            "applicationReference": .text("F3:\(mailing.number):\(position)"),
        ]
        let draft = try Draft("identity.inquiry.request/v1", fields)
            .performing("B5-01").forgotten()
        try dispatch.send(
            draft, to: ParticipantID(Self.nation), for: cause(of: mailing.correlation),
            transaction)
    }

    /// The prefecture has answered: what waited for it is asked now.
    func askAboutMailings(of code: String, _ transaction: Transaction) throws {
        let numbers = try String.fetchAll(
            transaction.database,
            sql: """
                SELECT DISTINCT mailingControlNumber FROM mailing_person
                WHERE juminhyoCode = ? AND matched = 0 AND askAt IS NOT NULL
                """, arguments: [code])
        for number in numbers { try askAboutMailing(number, transaction) }
    }

    /// A question that got no answer is asked again: a query is never replayed.
    func askAgain(_ transaction: Transaction) throws {
        let due = try Row.fetchAll(
            transaction.database,
            sql: """
                SELECT p.* FROM mailing_person p JOIN mailing m USING (mailingControlNumber)
                WHERE m.state = 'extracted' AND p.matched = 0 AND p.askAt <= ? LIMIT \(Self.askLimit)
                """, arguments: [transaction.now.nanosecondsSince1970])
        for person in due {
            let number: String = person["mailingControlNumber"]
            guard let mailing = try MailingStore.find(number, transaction.database) else {
                continue
            }
            try ask(person, of: mailing, transaction)
        }
    }

    /// Takes an answer of B5 that the CS itself asked for; false when it is a terminal's.
    func compareMailing(
        _ result: InquiryResult, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        let parts = result.applicationReference.split(separator: ":")
        guard parts.count == 3, parts[0] == "F3", let position = Int(parts[2]) else {
            return false
        }
        let number = String(parts[1])
        let database = transaction.database
        guard let mailing = try MailingStore.find(number, database), mailing.state == .extracted,
            let person = try MailingStore.people(number, database)
                .first(where: { $0["position"] == position }), person["matched"] == 0
        else { return true }
        let differing = Self.differences(of: person, from: result)
        guard differing.isEmpty else {
            try hold(mailing, differing, transaction)
            return true
        }
        try database.execute(
            sql: """
                UPDATE mailing_person SET matched = 1, askAt = NULL
                WHERE mailingControlNumber = ? AND position = ?
                """, arguments: [number, position])
        if try MailingStore.people(number, database).allSatisfy({ $0["matched"] == 1 }) {
            try notifyMailing(mailing, transaction)
        }
        return true
    }

    /// The names of the items that are not as 機構 has them; the values stay where they are.
    private static func differences(of person: Row, from result: InquiryResult) -> [String] {
        guard result.matched, let items = result.items else { return ["notFound"] }
        let compared: [F3Item] = [
            .juminhyoCode, .nameKanji, .address, .birthDate, .sex, .individualNumber,
        ]
        return compared.map(\.rawValue).filter {
            items[$0]?.text != (person[$0] as String?)
        }
    }

    private func hold(
        _ mailing: MailingStore.Mailing, _ differing: [String], _ transaction: Transaction
    ) throws {
        try MailingStore.set(.heldMismatch, mailing.number, transaction.database)
        try ManualCaseStore.open(
            "mailing-mismatch", reference: mailing.number,
            details: ["items": .text(differing.joined(separator: ","))], for: mailing.correlation,
            transaction)
        try tellRegister(
            mailing, state: "heldMismatch", refusal: "mailing-mismatch", transaction)
    }

    // MARK: 通知 (B7-02)

    private func notifyMailing(
        _ mailing: MailingStore.Mailing, _ transaction: Transaction
    ) throws {
        let fields = try MailingStore.fields(mailing, transaction.database)
        try MailingStore.set(.sent, mailing.number, transaction.database)
        let draft = try Draft("mailing-address.notify/v\(mailing.major)", fields)
            .performing("B7-02").forgotten()
        try dispatch.send(
            draft, to: ParticipantID("cardManagement"), for: cause(of: mailing.correlation),
            transaction)
    }

    /// T0 of the retention.
    private func mailingAcknowledged(
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let ack = try PayloadCoding.decode(MailingAck.self, from: message.payload)
        let database = transaction.database
        guard let mailing = try MailingStore.find(ack.mailingControlNumber, database),
            mailing.state == .sent
        else { return }
        guard ack.result == "accepted" else {
            try MailingStore.set(.refused, mailing.number, database)
            try ManualCaseStore.open(
                "mailing-refused", reference: mailing.number,
                details: ["code": ack.code.map { .text($0) } ?? .null], for: mailing.correlation,
                transaction)
            return try tellRegister(
                mailing, state: "sent", refusal: ack.code ?? "refused", transaction)
        }
        try MailingStore.set(
            .acked, mailing.number, purgeAt: retentionEnd(of: transaction.now), database)
        try tellRegister(mailing, state: "acked", transaction)
        try purgeMailings(transaction)
    }

    private func retentionEnd(of acknowledged: Instant) -> Instant {
        let isAtOnce =
            switch settings.mailingPolicy {
            case .v1: true
            case .v2: false
            case .byDate: acknowledged.day.date8 < Self.delayedPurgeDay
            }
        guard !isAtOnce else { return acknowledged }
        return acknowledged.day.adding(days: settings.mailingRetentionDays).startInstant
    }

    // MARK: 消去 (C8)

    func purgeMailings(_ transaction: Transaction) throws {
        guard let purged = try MailingStore.purge(transaction.now, transaction.database) else {
            return
        }
        transaction.erases()
        try dispatch.record(
            Evidence(
                "retention.purged", result: "done", step: "C8",
                reference: "F3:\(purged.digest)", count: purged.people), in: nil,
            for: cause(of: CorrelationID("cs-retention-\(transaction.now.day.date8)")), transaction)
    }

    /// F3 keeps nothing of the dead; what is left of a mailing that waited goes on without them.
    func forgetMailings(
        ofDead code: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let numbers = try MailingStore.deletePerson(code, transaction.database)
        guard !numbers.isEmpty else { return }
        transaction.erases()
        try dispatch.record(
            Evidence(
                "retention.purged", result: "done", step: "C8", reference: "F3:death",
                count: numbers.count), in: message.zone, for: Cause(message), transaction)
        for number in numbers {
            guard let mailing = try MailingStore.find(number, transaction.database),
                mailing.state == .extracted,
                try MailingStore.people(number, transaction.database)
                    .allSatisfy({ $0["matched"] == 1 })
            else { continue }
            try notifyMailing(mailing, transaction)
        }
    }

    /// The decision of a person about a held or refused mailing: matched again and sent, or erased.
    func decideMailing(
        _ number: String, _ decision: String, _ transaction: Transaction
    ) throws -> String? {
        let database = transaction.database
        guard let mailing = try MailingStore.find(number, database) else {
            return decision == "discard" ? nil : "mailing-unknown"
        }
        switch (decision, mailing.state) {
        case ("discard", _):
            let people = try MailingStore.delete(number, database)
            transaction.erases()
            try dispatch.record(
                Evidence(
                    "retention.purged", result: "done", step: "C8", reference: number,
                    count: people), in: mailing.zone, for: causation(mailing), transaction)
            return nil
        case ("resend", .heldMismatch):
            try MailingStore.set(.extracted, number, database)
            try askAboutMailing(number, transaction)
            return nil
        case ("resend", .refused):
            try notifyMailing(mailing, transaction)
            return nil
        default: return "decision-unknown"
        }
    }
}

/// 送付先情報の通知の受領.
private struct MailingAck: Decodable {
    let mailingControlNumber: String
    let result: String
    let code: String?
}
