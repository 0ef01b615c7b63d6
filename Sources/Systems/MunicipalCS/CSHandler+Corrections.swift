import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報の訂正 at the CS: 入力, 許可 of the 管理責任者, 確認 by another person.
extension CSHandler {
    func receiveCorrection(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "identity.correction.request": try enterCorrection(message, transaction)
        case "identity.correction.confirm": try decideCorrection(message, transaction)
        default: return false
        }
        return true
    }

    private func operatorName(_ message: ReceivedMessage) throws -> String {
        guard let name = message.envelope.operatorID?.rawValue else {
            throw Refuse("operator-missing")
        }
        return name
    }

    private func enterCorrection(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(CorrectionRequest.self, from: message.payload)
        let name = try operatorName(message)
        let database = transaction.database
        let items = request.items ?? [:]
        _ = try OperationLogStore.record(
            "identity.correction", message, purpose: nil,
            applicationReference: request.applicationReference, keys: "juminhyoCode",
            now: transaction.now, database)
        if let refusal = try refusal(of: items, for: request.juminhyoCode, database) {
            return try answer(
                message, "identity.correction.reply/v1", [:], refusal: refusal, transaction)
        }
        let number = try CorrectionStore.enter(
            request.juminhyoCode, items: items, isRemoval: request.remove == true,
            reason: request.reason, applicationReference: request.applicationReference, by: name,
            now: transaction.now, database)
        try answer(
            message, "identity.correction.reply/v1",
            ["correctionNumber": .text(number), "state": .text("entered")], transaction)
    }

    private func refusal(
        of items: JSONFields, for code: String, _ database: Database
    ) throws -> String? {
        guard let standing = try IdentityStore.standing(code, database), !standing.isRemoved else {
            return "match-failed"
        }
        if try CorrectionStore.isOpen(for: code, database) { return "correction-open" }
        guard let number = items["individualNumber"]?.text else { return nil }
        guard IndividualNumber.isValid(number) else { return "individual-number-invalid" }
        return try IdentityStore.isOthers(individualNumber: number, than: [code], database)
            ? "individual-number-in-use" : nil
    }

    private func decideCorrection(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let decision = try PayloadCoding.decode(CorrectionDecision.self, from: message.payload)
        let name = try operatorName(message)
        let database = transaction.database
        let correction = try CorrectionStore.find(decision.correctionNumber, database)
        guard let correction else {
            return try refuse(message, "correction-unknown", decision, transaction)
        }
        switch (decision.decision, correction.state) {
        case (_, .applied), (_, .rejected):
            try refuse(message, "correction-closed", decision, transaction)
        case ("reject", _):
            try CorrectionStore.close(
                correction, as: .rejected, by: name, now: transaction.now, database)
            try tell(message, correction, "rejected", transaction)
        case ("permit", _):
            guard settings.managers.contains(name), name != correction.enteredBy else {
                return try refuse(message, "permit-not-authorised", decision, transaction)
            }
            try CorrectionStore.permit(
                correction, id: decision.permitId ?? "", by: name, database)
            try tell(message, correction, "permitted", transaction)
        case (_, .entered):
            try refuse(message, "permit-missing", decision, transaction)
        case (_, .permitted):
            guard name != correction.enteredBy else {
                return try refuse(message, "same-person", decision, transaction)
            }
            try apply(correction, by: name, message, transaction)
        }
    }

    private func refuse(
        _ message: ReceivedMessage, _ code: String, _ decision: CorrectionDecision,
        _ transaction: Transaction
    ) throws {
        try answer(
            message, "identity.correction.reply/v1",
            ["correctionNumber": .text(decision.correctionNumber)], refusal: code, transaction)
    }

    private func tell(
        _ message: ReceivedMessage, _ correction: CorrectionStore.Correction, _ state: String,
        sequence: Int64? = nil, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [
            "correctionNumber": .text(correction.number), "state": .text(state),
        ]
        fields["updateSequence"] = sequence.map { .integer($0) }
        try answer(message, "identity.correction.reply/v1", fields, transaction)
    }

    /// The row changes, the record is written, the prefecture hears of it, what 整合性確認 had found of the person is closed.
    private func apply(
        _ correction: CorrectionStore.Correction, by name: String, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        let database = transaction.database
        guard let row = try IdentityStore.row(correction.code, database),
            (row["recordStatusFlag"] as String?) == "current"
        else {
            return try answer(
                message, "identity.correction.reply/v1",
                ["correctionNumber": .text(correction.number)], refusal: "match-failed",
                transaction)
        }
        var before: JSONFields = [:]
        for name in correction.items.keys {
            let value: DatabaseValue = row[name]
            before[name] =
                String.fromDatabaseValue(value).map { .text($0) }
                ?? Int64.fromDatabaseValue(value).map { .integer($0) } ?? .null
        }
        let isFlagOnly =
            !correction.isRemoval && Set(correction.items.keys) == ["updateForbiddenFlag"]
        var items = correction.items
        if !isFlagOnly && !correction.isRemoval {
            items["moveReason"] = items["moveReason"] ?? .text("exOfficioCorrection")
            items["moveDate"] = items["moveDate"] ?? .text(transaction.now.day.date8)
        }
        try CorrectionStore.record(
            correction, by: name, before: before, now: transaction.now, database)
        let sequence = try IdentityStore.correct(
            correction.code, items, remove: correction.isRemoval, now: transaction.now, database)
        try CorrectionStore.close(
            correction, as: .applied, by: name, now: transaction.now, database)
        if !isFlagOnly {
            try notifyPrefecture(correction.code, step: "A1-04", for: message, transaction)
            _ = try ConsistencyStore.close(correction.code, with: correction.number, database)
        }
        try dispatch.record(
            Evidence("identity.correction", result: "done", reference: correction.number),
            in: message.zone, for: Cause(message), transaction)
        try tell(message, correction, "applied", sequence: sequence, transaction)
    }
}

/// 訂正の入力.
private struct CorrectionRequest: Decodable {
    let juminhyoCode: String
    let items: JSONFields?
    let remove: Bool?
    let reason: String
    let applicationReference: String
}

/// 許可, 確認 or 却下.
private struct CorrectionDecision: Decodable {
    let correctionNumber: String
    let decision: String
    let permitId: String?
}
