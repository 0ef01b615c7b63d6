import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認情報の更新 (A1-03, A1-04, B3-05), 初期登録, 再送 (SC-09) and the 150 years of R-095.
extension CSHandler {
    func receiveIdentity(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "identity.update.request": try update(message, transaction)
        case "identity.load.request": try load(message, transaction)
        case "identity.update.ack": try notePrefecture(message, transaction)
        case "identity.notice.resend.request": try resend(message, transaction)
        case "move-in-notice.deliver": try moveInNotice(message, transaction)
        default: return false
        }
        return true
    }

    private func update(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        let request = try PayloadCoding.decode(IdentityUpdateRequest.self, from: message.payload)
        let refusal = try refusal(of: request, transaction.database)
        if refusal == nil { try apply(request, message, transaction) }
        try reply("identity.update.reply/v1", to: request, message, refusal, transaction)
    }

    private func reply(
        _ topic: String, to request: IdentityUpdateRequest, _ message: ReceivedMessage,
        _ refusal: String?, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [
            "juminhyoCode": .text(request.juminhyoCode),
            "updateSequence": .integer(request.updateSequence),
        ]
        fields["requestControlNumber"] = request.requestControlNumber.map { .text($0) }
        try answer(
            message, topic, fields, refusal: refusal, orderedBy: request.juminhyoCode, transaction)
    }

    /// 突合 on 住民票コード and the order of updates; nil when the update is good.
    private func refusal(of request: IdentityUpdateRequest, _ database: Database) throws -> String?
    {
        guard JuminhyoCode.isValid(request.juminhyoCode) else { return "juminhyo-code-invalid" }
        let standing = try IdentityStore.standing(request.juminhyoCode, database)
        let refusal =
            request.moveReason == "juminhyoCodeChange"
            ? try codeChangeRefusal(request, isKnown: standing != nil, database)
            : Self.refusal(of: request, against: standing)
        return try refusal ?? numberRefusal(of: request, database)
    }

    private static func refusal(
        of request: IdentityUpdateRequest, against standing: IdentityStore.Standing?
    ) -> String? {
        guard let standing else { return request.isEntry ? nil : "match-failed" }
        if request.updateSequence <= standing.registerSequence { return "stale-sequence" }
        if standing.isForbidden { return "update-forbidden" }
        return standing.isRemoved && !request.isEntry ? "already-removed" : nil
    }

    /// V-1, V-11.
    private func numberRefusal(
        of request: IdentityUpdateRequest, _ database: Database
    ) throws -> String? {
        guard let number = request.individualNumber else { return nil }
        guard IndividualNumber.isValid(number) else { return "individual-number-invalid" }
        let own = [request.juminhyoCode] + (request.replacedCode.map { [$0] } ?? [])
        return try IdentityStore.isOthers(individualNumber: number, than: own, database)
            ? "individual-number-in-use" : nil
    }

    /// 住民票コードの変更 (SC-17): matched by the 旧住民票コード; the new code must be new.
    private func codeChangeRefusal(
        _ request: IdentityUpdateRequest, isKnown: Bool, _ database: Database
    ) throws -> String? {
        guard let former = request.formerJuminhyoCode, former != request.juminhyoCode else {
            return "former-code-missing"
        }
        guard let standing = try IdentityStore.standing(former, database), !standing.isRemoved
        else { return "match-failed" }
        if isKnown { return "juminhyo-code-in-use" }
        return standing.isForbidden ? "update-forbidden" : nil
    }

    /// The notice to the prefecture leaves at once, but that of a 転入 from another municipality together with the 転入通知.
    private func apply(
        _ request: IdentityUpdateRequest, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let database = transaction.database
        try alarmAtGap(request, message, transaction)
        try IdentityStore.update(request, from: message, now: transaction.now, database)
        if request.moveReason == "death" {
            try forgetMailings(ofDead: request.juminhyoCode, message, transaction)
        }
        let held =
            request.isEntry ? try HoldingStore.consume(request.juminhyoCode, database) : false
        let comesFromElsewhere =
            request.moveReason == "moveIn"
            && request.previousMunicipalityCode != nil
        guard comesFromElsewhere else {
            return try notifyPrefecture(
                request.juminhyoCode, step: "A1-04", for: message, transaction)
        }
        try SimultaneousStore.updateCame(for: request.juminhyoCode, isSpecial: held, database)
        try sendTogether(request.juminhyoCode, for: message, transaction)
    }

    /// The hub keeps a person's order, so that a hole in it means a lost update: the newer one is good, people look.
    private func alarmAtGap(
        _ request: IdentityUpdateRequest, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let standing = try IdentityStore.standing(
            request.replacedCode ?? request.juminhyoCode, transaction.database)
        guard let standing, !standing.isRemoved,
            request.updateSequence > standing.registerSequence + 1
        else { return }
        try ManualCaseStore.open(
            "sequence-gap", reference: message.envelope.id.rawValue,
            details: [
                "expected": .integer(standing.registerSequence + 1),
                "received": .integer(request.updateSequence),
            ], for: message.envelope.correlation, transaction)
    }

    /// 初期登録 (SC-26): as an update, but the prefecture knows these people already.
    private func load(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try requireRegister(message)
        let request = try PayloadCoding.decode(IdentityUpdateRequest.self, from: message.payload)
        let database = transaction.database
        let refusal: String? =
            if let standing = try IdentityStore.standing(request.juminhyoCode, database) {
                request.updateSequence <= standing.registerSequence
                    ? "stale-sequence" : "already-loaded"
            } else if !JuminhyoCode.isValid(request.juminhyoCode) {
                "juminhyo-code-invalid"
            } else {
                try numberRefusal(of: request, database)
            }
        if refusal == nil {
            try IdentityStore.update(request, from: message, now: transaction.now, database)
        }
        try reply("identity.load.reply/v1", to: request, message, refusal, transaction)
    }

    // MARK: 転入通知 (A1-09, A1-10, B3-05, C6)

    private func moveInNotice(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: message.payload)
        guard isFromRegister(message) else {
            guard isSent(message, by: notice.currentMunicipalityCode) else {
                return try setAside(message, naming: notice.currentMunicipalityCode, transaction)
            }
            return try forward(
                message, to: Self.register, step: "C6", orderedBy: notice.juminhyoCode,
                transaction)
        }
        try SimultaneousStore.noticeCame(
            message.payload, for: notice.juminhyoCode, transaction.database)
        try sendTogether(notice.juminhyoCode, for: message, transaction)
    }

    /// B3-05 「同時に」: both are queued in this transaction, or neither.
    private func sendTogether(
        _ code: String, for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        guard let pair = try SimultaneousStore.take(code, transaction.database) else { return }
        let payload = Array(pair.notice.utf8)
        let notice = try PayloadCoding.decode(RoutedNotice.self, from: payload)
        guard let previous = notice.previousMunicipalityCode else { throw Refuse("no-destination") }
        let draft = try Draft("move-in-notice.deliver/v1", relaying: payload)
            .performing(pair.isSpecial ? "B3-05" : "A1-10").ordered(by: order(code))
        try dispatch.send(draft, to: peer(previous), for: Cause(message), transaction)
        try notifyPrefecture(
            code, step: pair.isSpecial ? "B3-05" : "A1-04", for: message, transaction)
    }

    // MARK: 都道府県への通知 (A1-04)

    func notifyPrefecture(
        _ code: String, step: String, for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let fields = try IdentityStore.noticeFields(code, transaction.database)
        let draft = try Draft("identity.update.notice/v3", fields)
            .performing(step).ordered(by: order(code))
        try dispatch.send(
            draft, to: ParticipantID(Self.prefecture), for: Cause(message), transaction)
        try IdentityStore.notePrefecture("waiting", of: code, transaction.database)
    }

    /// What waited for the prefecture's answer goes on: 送付先情報 is matched with what 機構 now knows.
    private func notePrefecture(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let ack = try PayloadCoding.decode(NoticeAck.self, from: message.payload)
        try IdentityStore.notePrefecture(ack.result, of: ack.juminhyoCode, transaction.database)
        if ack.result == "refused" {
            try ManualCaseStore.open(
                "notice-refused", reference: message.envelope.id.rawValue,
                details: ["code": ack.code.map { .text($0) } ?? .null],
                for: message.envelope.correlation, transaction)
        }
        try askAboutMailings(of: ack.juminhyoCode, transaction)
    }

    /// SC-09: the notice goes out once more under a new F2-29 and closes what 整合性確認 had found of this person.
    private func resend(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let code = request["juminhyoCode"]?.text else { throw Refuse("payload-unreadable") }
        let database = transaction.database
        var fields: JSONFields = ["juminhyoCode": .text(code)]
        let entry = try OperationLogStore.record(
            "identity.notice.resend", message, purpose: nil,
            applicationReference: request["applicationReference"]?.text
                ?? request["batchId"]?.text, keys: "juminhyoCode", now: transaction.now, database)
        let refusal: String? =
            try IdentityStore.standing(code, database) == nil ? "match-failed" : nil
        if refusal == nil {
            let sequence = try IdentityStore.renumber(code, now: transaction.now, database)
            let reference = "N\(entry)"
            try notifyPrefecture(code, step: "A1-04", for: message, transaction)
            fields["updateSequence"] = .integer(sequence)
            fields["resendReference"] = .text(reference)
            fields["closedMismatches"] = .integer(
                try ConsistencyStore.close(code, with: reference, database))
        }
        try answer(
            message, "identity.notice.resend.reply/v1", fields, refusal: refusal, orderedBy: code,
            transaction)
    }

    // MARK: 150年

    func purgeIdentities(_ transaction: Transaction) throws {
        let count = try IdentityStore.purge(transaction.now, transaction.database)
        guard count > 0 else { return }
        transaction.erases()
        try dispatch.record(
            Evidence(
                "retention.purged", result: "done", reference: "F2-\(transaction.now.day.date8)",
                count: count),
            in: nil, for: cause(of: CorrelationID("cs-retention-\(transaction.now.day.date8)")),
            transaction)
    }
}
