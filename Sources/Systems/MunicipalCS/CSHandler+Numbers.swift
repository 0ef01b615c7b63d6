import GRDB
import Messaging
import Participant
import ParticipantStore

/// 個人番号の生成要求 and its answer (A1-05 to A1-07), and the codes for those who have none yet (C11).
extension CSHandler {
    private static let generator = "individualNumberGenerator"

    func receiveNumber(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "individual-number.generate.request": try generate(message, transaction)
        case "individual-number.assigned": try assigned(message, transaction)
        case "individual-number.ack": try registered(message, transaction)
        case "juminhyo-code.pool.replenished":
            try forward(message, to: Self.register, step: "C11", orderedBy: nil, transaction)
        default: return false
        }
        return true
    }

    /// A1-06. The answer to what cannot go out is `individual-number.assigned` with its code.
    private func generate(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        var fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let code = fields["juminhyoCode"]?.text else { throw Refuse("payload-unreadable") }
        let control = fields["requestControlNumber"]?.text ?? ""
        let database = transaction.database
        if let before = try NumberRequestStore.find(code, database),
            before.state == .outstanding || before.state == .delivered
        {
            // The same request once more needs no second answer.
            guard before.controlNumber != control else { return }
            return try refuseGeneration(code, "request-outstanding", message, transaction)
        }
        let standing = try IdentityStore.standing(code, database)
        guard let standing, !standing.isRemoved else {
            return try refuseGeneration(code, "match-failed", message, transaction)
        }
        try NumberRequestStore.open(
            code, controlNumber: control, now: transaction.now, database)
        fields["municipalityCode"] = .text(ownCode)
        let draft = try Draft("individual-number.generate.forward/v1", fields)
            .performing("A1-06").ordered(by: order(code))
        try dispatch.send(
            draft, to: ParticipantID(Self.generator), for: Cause(message), transaction)
    }

    private func refuseGeneration(
        _ code: String, _ refusal: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let fields: JSONFields = [
            "juminhyoCode": .text(code), "result": .text("refused"), "code": .text(refusal),
        ]
        let draft = try Draft("individual-number.assigned/v1", fields)
            .performing("A1-07").ordered(by: order(code))
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    /// A1-07: only what was asked for, with a good check digit and nobody else's, goes on to the register.
    private func assigned(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let code = fields["juminhyoCode"]?.text else { throw Refuse("payload-unreadable") }
        let database = transaction.database
        let request = try NumberRequestStore.find(code, database)
        guard fields["result"]?.text == "accepted", let number = fields["individualNumber"]?.text
        else {
            guard request?.state == .outstanding else { return }
            try NumberRequestStore.set(.refused, code, database)
            return try forward(
                message, to: Self.register, step: "A1-07", orderedBy: code, transaction)
        }
        if try isRepeated(number, of: code, request, message, transaction) { return }
        if let fault = try fault(of: number, for: code, request, database) {
            return try quarantine(code, fault, message, transaction)
        }
        try NumberRequestStore.set(.delivered, code, number: number, database)
        try forward(message, to: Self.register, step: "A1-07", orderedBy: code, transaction)
    }

    /// The same number for the same person again: answered as before, nothing done twice.
    private func isRepeated(
        _ number: String, of code: String, _ request: NumberRequestStore.Request?,
        _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch request?.state {
        case .delivered: return request?.individualNumber == number
        case .assigned:
            guard request?.individualNumber == number else { return false }
            try acknowledge(code, refusal: nil, message, transaction)
            return true
        case .outstanding, .refused, .quarantined, nil: return false
        }
    }

    private func fault(
        of number: String, for code: String, _ request: NumberRequestStore.Request?,
        _ database: Database
    ) throws -> String? {
        guard let request, request.state == .outstanding else { return "number-not-requested" }
        guard IndividualNumber.isValid(number) else { return "individual-number-invalid" }
        return try IdentityStore.isOthers(individualNumber: number, than: [code], database)
            ? "individual-number-in-use" : nil
    }

    /// The number is not kept: what waits for a person is that it came.
    private func quarantine(
        _ code: String, _ fault: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        try ManualCaseStore.open(
            "number-quarantined", reference: message.envelope.id.rawValue,
            details: ["code": .text(fault)], for: message.envelope.correlation, transaction)
        try acknowledge(code, refusal: fault, message, transaction)
    }

    private func acknowledge(
        _ code: String, refusal: String?, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [
            "juminhyoCode": .text(code), "result": .text(refusal == nil ? "accepted" : "refused"),
        ]
        fields["code"] = refusal.map { .text($0) }
        let draft = try Draft("individual-number.ack/v1", fields)
            .performing("A1-07").ordered(by: order(code))
        try dispatch.send(
            draft, to: ParticipantID(Self.generator), for: Cause(message), transaction)
    }

    /// The register has it, or will not take it; the generator hears the same.
    private func registered(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let code = fields["juminhyoCode"]?.text else { throw Refuse("payload-unreadable") }
        let database = transaction.database
        guard let request = try NumberRequestStore.find(code, database),
            request.state == .delivered
        else { return }
        let refusal =
            fields["result"]?.text == "accepted" ? nil : fields["code"]?.text ?? "refused"
        if let refusal {
            try NumberRequestStore.set(.quarantined, code, database)
            try ManualCaseStore.open(
                "number-quarantined", reference: message.envelope.id.rawValue,
                details: ["code": .text(refusal)], for: message.envelope.correlation, transaction)
        } else {
            try NumberRequestStore.set(
                .assigned, code, number: request.individualNumber, database)
        }
        try acknowledge(code, refusal: refusal, message, transaction)
    }
}
