import GRDB
import Messaging
import Participant
import ParticipantStore

/// Numbers that come over the CS: free 住民票コード (C11) and generated 個人番号 (A1-07).
extension RegisterHandler {
    func replenishCodes(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let pool = try PayloadCoding.decode(CodePool.self, from: message.payload)
        let added = try NumberStore.replenish(
            pool.juminhyoCodes, batch: pool.batchNumber, transaction.database)
        try dispatch.record(
            Evidence(
                "code-pool.replenished", result: "done", step: "C11",
                reference: pool.batchNumber, count: added),
            in: message.zone, for: Cause(message), transaction)
    }

    /// A1-07: 突合 with what was asked for, check digit, nobody else's; what does not fit waits for a person.
    func registerNumber(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let assigned = try PayloadCoding.decode(NumberAssigned.self, from: message.payload)
        let database = transaction.database
        let request = try NumberStore.request(juminhyoCode: assigned.juminhyoCode, database)
        let cause = try cause(
            caseNumber: request?.caseNumber ?? caseNumber(of: message, transaction), of: message,
            transaction)
        if assigned.result == "refused" {
            guard let request, request.state == .outstanding else { return }
            try NumberStore.note(.refused, of: assigned.juminhyoCode, database)
            return try quarantine(
                "number-generation-refused", assigned.code, request, message, transaction)
        }
        guard let number = assigned.individualNumber else { throw Refuse("payload-unreadable") }
        var refusal: String?
        if let request, try isKnown(number, request, database) {
            // The same number once more: it stands already.
        } else {
            refusal = try attempt(transaction) {
                guard let request, request.state == .outstanding else {
                    throw Declined("juminhyo-code-mismatch")
                }
                try register(number, request, for: cause, transaction)
            }
        }
        if let refusal {
            try quarantine("number-mismatch", refusal, request, message, transaction)
        }
        try acknowledge(assigned.juminhyoCode, refusal, cause, transaction)
    }

    private func isKnown(
        _ number: String, _ request: NumberStore.Request, _ database: Database
    ) throws -> Bool {
        guard request.state == .assigned else { return false }
        let person = try RegisterStore.current(
            addresseeNumber: request.addresseeNumber, database)
        return person?.record.text(.individualNumber) == number
    }

    /// The number becomes part of the 住民票 by itself: its own row of the history, the old number stays in the one before.
    private func register(
        _ number: String, _ request: NumberStore.Request, for cause: Cause,
        _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard IndividualNumber.isValid(number) else { throw Declined("individual-number-invalid") }
        guard
            let current = try RegisterStore.current(
                addresseeNumber: request.addresseeNumber, database), current.state != .removed
        else { throw Declined("not-resident") }
        guard current.record.text(.individualNumber) != number else {
            throw Declined("individual-number-unchanged")
        }
        if try RegisterStore.isOthers(individualNumber: number, than: current.record, database) {
            throw Declined("individual-number-in-use")
        }
        var record = current.record
        record[.individualNumber] = .text(number)
        record[.moveReason] = .text(
            (request.reason.kind == .numberRequest
                ? request.reason : .individualNumberExOfficioEntry).rawValue)
        let reception = try ReceptionStore.reception(request.receptionNumber, database)
        let author = ChangeDesk.Author(
            draftNumber: try RegisterStore.numbered("A", on: transaction.now.day, database),
            receptionNumber: request.receptionNumber, receptionType: reception?.type ?? "other",
            drafter: request.drafter, approver: request.approver, moveDate: transaction.now.day)
        try NumberStore.note(.assigned, of: request.juminhyoCode, database)
        try desk.apply(
            record, state: current.state, over: current, by: author, for: cause, transaction)
        try dispatch.record(
            Evidence(
                "register.change.automatic", result: "done", step: "A1-02",
                reference: author.draftNumber),
            in: nil, for: cause, transaction)
        _ = try extractMailing(
            of: [record], category: .individualNumberNotice, operatorID: request.approver,
            terminal: request.terminal, for: cause, transaction)
    }

    private func acknowledge(
        _ code: String, _ refusal: String?, _ cause: Cause, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [
            "juminhyoCode": .text(code), "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["code"] = refusal.map { .text($0) }
        let draft = try Draft("individual-number.ack/v1", fields)
            .ordered(by: "juminhyoCode:\(code)")
        for recipient in dispatch.recipients(of: "individual-number.ack") {
            try dispatch.send(draft, to: recipient, for: cause, transaction)
        }
    }

    private func quarantine(
        _ code: String, _ cause: String?, _ request: NumberStore.Request?,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var details: JSONFields = ["cause": cause.map { .text($0) } ?? .null]
        details["receptionNumber"] = request.map { .text($0.receptionNumber) }
        try ManualCaseStore.open(
            code, reference: message.envelope.id.rawValue, details: details,
            for: message.envelope.correlation, transaction)
    }
}
