import GRDB
import Messaging
import Participant
import ParticipantStore

/// What people do at the 中間サーバー接続端末: log-in, decisions, flags, exports, erasure; the owner's own terminal only.
struct TerminalDesk {
    let dispatch: Dispatch
    let policy: ServerPolicy
    let provision: Provision

    /// Who acts, once it is established that he may (操作者).
    private struct Officer {
        let operatorID: OperatorID
        let terminal: TerminalID
    }

    // MARK: Sessions

    func open(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let session = try PayloadCoding.decode(StaffSession.self, from: message.payload)
        let officer = try person(message)
        try StaffStore.open(
            session, by: officer.operatorID, at: officer.terminal, message.envelope.organisation,
            now: transaction.now, transaction.database)
        try log("session.opened", session.sessionId, nil, message, transaction)
    }

    func close(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let session = try PayloadCoding.decode(StaffSession.self, from: message.payload)
        let officer = try person(message)
        let closed = try StaffStore.close(
            officer.operatorID, officer.terminal, message.envelope.organisation,
            cause: session.cause ?? "logout", now: transaction.now, transaction.database)
        try log(
            "session.closed", session.sessionId, closed > 0 ? nil : "session-missing", message,
            transaction)
    }

    private func person(_ message: ReceivedMessage) throws -> Officer {
        guard message.envelope.source.family == "intermediateTerminal" else {
            throw Refuse("source-not-permitted")
        }
        guard let operatorID = message.envelope.operatorID,
            let terminal = message.envelope.terminal
        else { throw Refuse("operator-missing") }
        return Officer(operatorID: operatorID, terminal: terminal)
    }

    /// Why this person may not: nil when logged in here and appointed.
    private func refusal(
        of officer: Officer, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> String? {
        let isLoggedIn = try StaffStore.isLoggedIn(
            officer.operatorID, officer.terminal, message.envelope.organisation,
            since: transaction.now - .seconds(policy.sessionHours * 3_600), transaction.database)
        guard isLoggedIn else { return "session-missing" }
        return policy.officers.contains(officer.operatorID.rawValue)
            ? nil : "operator-not-authorised"
    }

    /// One row here and one record at the hub for each operation.
    private func log(
        _ operation: String, _ reference: String, _ code: String?, _ message: ReceivedMessage,
        count: Int? = nil, _ transaction: Transaction
    ) throws {
        try StaffStore.log(
            operation, reference: reference, result: code ?? "accepted", for: message,
            now: transaction.now, transaction.database)
        let evidence = Evidence(
            "intermediate-server.\(operation)", result: code == nil ? "accepted" : "refused",
            code: code, reference: reference, count: count)
        try dispatch.record(evidence, in: nil, for: Cause(message), transaction)
    }

    private func reply(
        _ topic: String, _ key: String, _ value: String, _ code: String?,
        with more: JSONFields = [:], to message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        var fields = more
        fields[key] = .text(value)
        fields["result"] = .text(code == nil ? "accepted" : "refused")
        fields["code"] = code.map { .text($0) }
        var draft = try Draft(topic, fields)
        if key == "integratedAddresseeNumber" { draft = draft.ordered(by: "\(key):\(value)") }
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }

    // MARK: 内容確認後の提供 (C1-04)

    func decide(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let decision = try PayloadCoding.decode(ManualDecision.self, from: message.payload)
        let officer = try person(message)
        let code = try decide(decision, by: officer, message, transaction)
        try log(
            "provision.\(decision.decision.rawValue)", decision.requestId, code, message,
            transaction)
        try reply(
            "info-provision.decision.reply/v1", "requestId", decision.requestId, code, to: message,
            transaction)
    }

    private func decide(
        _ decision: ManualDecision, by officer: Officer, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws -> String? {
        if let code = try refusal(of: officer, message, transaction) { return code }
        let organisation = message.envelope.organisation
        let database = transaction.database
        guard let held = try ProvisionStore.held(decision.requestId, organisation, database) else {
            return try ProvisionStore.isKnown(decision.requestId, organisation, database)
                ? "request-not-held" : "request-unknown"
        }
        let original = Cause(
            zone: message.zone, causation: held.requestMessage, operatorID: officer.operatorID,
            terminal: officer.terminal, correlation: { _ in held.correlation })
        let reference = decision.requestId
        func refuse(_ reason: Provision.Reason, as state: ProvisionStore.State) throws {
            try ProvisionStore.settle(
                reference, as: state, reason: reason.rawValue, provided: [],
                by: officer.operatorID, organisation, transaction)
            try provision.refuse(
                reference, reason, step: "C1-04", original, to: held.source, transaction)
            try provision.recorded(reference, "refused", reason, original, transaction)
        }
        guard decision.decision == .release else {
            try refuse(.heldManualRejected, as: .rejected)
            return nil
        }
        guard let replica = try ReplicaStore.find(held.subject, organisation, database),
            replica.isAnswerable
        else {
            try refuse(.noReplica, as: .refused)
            return nil
        }
        // Only what the person has looked at goes out.
        guard replica.version == held.replicaVersion else {
            try ProvisionStore.noteShown(
                reference, version: replica.version, organisation, database)
            try provision.show(reference, organisation, replica, original, transaction)
            return "content-changed"
        }
        let items = Provision.items(held.itemSet, of: replica)
        guard
            let answer = provision.answer(
                reference, held.listVersion, held.routeId, items, to: held.requesterPublicKey,
                isManual: true)
        else {
            try refuse(.permitMissingOrInvalid, as: .refused)
            return nil
        }
        try ProvisionStore.settle(
            reference, as: .released, reason: nil, provided: Array(items.keys),
            by: officer.operatorID, organisation, transaction)
        try provision.send(answer, step: "C1-04", original, to: held.source, transaction)
        try provision.recorded(reference, "accepted", nil, original, transaction)
        return nil
    }

    // MARK: 自動応答不可フラグ

    func flag(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(FlagRequest.self, from: message.payload)
        let officer = try person(message)
        let organisation = message.envelope.organisation
        let number = request.integratedAddresseeNumber
        var code = try refusal(of: officer, message, transaction)
        if code == nil, let item = request.item, !ReplicaLayout.isItem(item) {
            code = "item-unknown"
        }
        if code == nil, try ReplicaStore.find(number, organisation, transaction.database) == nil {
            code = "replica-unknown"
        }
        if code == nil {
            try ReplicaStore.setFlag(
                request, by: officer.operatorID, organisation, now: transaction.now,
                transaction.database)
        }
        // The 団体内統合宛名番号 stays out of evidence: the message's own id stands for it.
        try log(
            request.noAutomaticAnswer ? "flag.set" : "flag.cleared",
            message.envelope.id.rawValue, code, message, transaction)
        try reply(
            "replica.flag.reply/v1", "integratedAddresseeNumber", number, code, to: message,
            transaction)
    }

    // MARK: 副本照合 (C3)

    func export(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(ExportRequest.self, from: message.payload)
        let officer = try person(message)
        switch try medium(for: request, officer, message, transaction) {
        case .failure(let refusal):
            try log("replica.exported", request.exportId, refusal.code, message, transaction)
            try reply(
                "replica.exported/v1", "exportId", request.exportId, refusal.code, to: message,
                transaction)
        case .success(let medium):
            try write(request, to: medium, message, transaction)
        }
    }

    /// Log-in, approval by somebody else, registered medium, entry in the 管理簿, encryption.
    private func medium(
        for request: ExportRequest, _ officer: Officer, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws -> Result<ApprovedMedium, Refuse> {
        if let code = try refusal(of: officer, message, transaction) {
            return .failure(Refuse(code))
        }
        guard let approver = request.approver else { return .failure(Refuse("approval-missing")) }
        guard approver != officer.operatorID.rawValue else {
            return .failure(Refuse("approver-is-operator"))
        }
        guard policy.approvers.contains(approver) else {
            return .failure(Refuse("approver-not-authorised"))
        }
        guard let medium = request.mediumId, policy.media.contains(medium) else {
            return .failure(Refuse("medium-not-registered"))
        }
        guard let entry = request.ledgerEntryId else {
            return .failure(Refuse("ledger-entry-missing"))
        }
        let used = try StaffStore.export(
            of: entry, message.envelope.organisation, transaction.database)
        guard used == nil || used == request.exportId else {
            return .failure(Refuse("ledger-entry-used"))
        }
        guard let key = request.mediumPublicKey.flatMap(Base64URL.bytes),
            (try? SealedContent([], to: key, for: .replicaExport, reference: "")) != nil
        else { return .failure(Refuse("medium-not-encrypted")) }
        return .success(
            ApprovedMedium(medium: medium, ledgerEntry: entry, approver: approver, publicKey: key))
    }

    private func write(
        _ request: ExportRequest, to medium: ApprovedMedium, _ message: ReceivedMessage,
        _ transaction: Transaction
    ) throws {
        let organisation = message.envelope.organisation
        let limit = min(max(request.limit, 1), 100)
        let found = try ReplicaStore.page(
            selection(request, on: transaction.now.day), after: request.after, limit: limit + 1,
            organisation, transaction.database)
        let rows: [JSONValue] = found.prefix(limit).map { replica in
            .object([
                "integratedAddresseeNumber": .text(replica.integratedNumber),
                "replicaVersion": .integer(replica.version),
                "recordVersion": .integer(replica.recordVersion),
                "removalCategory": .text(replica.removalCategory),
                "items": .object(replica.items),
            ])
        }
        let plain = try PayloadCoding.encode(JSONValue.object(["rows": .array(rows)]))
        let sealed = try SealedContent(
            plain, to: medium.publicKey, for: .replicaExport, reference: request.exportId)
        try StaffStore.noteMedium(
            medium, export: request.exportId, for: message, now: transaction.now,
            transaction.database)
        let use = Evidence(
            "media.ledger.recorded", result: "done", reference: medium.ledgerEntry,
            count: rows.count)
        try dispatch.record(use, in: nil, for: Cause(message), transaction)
        try log(
            "replica.exported", request.exportId, nil, message, count: rows.count, transaction)
        try reply(
            "replica.exported/v1", "exportId", request.exportId, nil,
            with: [
                "count": .integer(Int64(rows.count)), "more": .flag(found.count > limit),
                "encapsulatedKey": .text(Base64URL.text(sealed.encapsulatedKey)),
                "ciphertext": .text(Base64URL.text(sealed.ciphertext)),
            ], to: message, transaction)
    }

    private func selection(
        _ request: ExportRequest, on day: CivilDate
    ) -> ReplicaStore.Selection {
        switch request.scope {
        case .all: .all
        case .removed: .removed
        case .retentionExpired: .removedBy(day.adding(days: -policy.replicaRetentionDays))
        case .listed: .listed(request.integratedAddresseeNumbers ?? [])
        }
    }

    // MARK: 消去 (C8, R-099)

    func purge(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(PurgeRequest.self, from: message.payload)
        let officer = try person(message)
        let organisation = message.envelope.organisation
        var code = try refusal(of: officer, message, transaction)
        var count = 0
        if code == nil {
            (code, count) = try erase(request, organisation, transaction)
        }
        try log("replica.purged", request.purgeId, code, message, count: count, transaction)
        try reply(
            "replica.purge.reply/v1", "purgeId", request.purgeId, code,
            with: code == nil ? ["count": .integer(Int64(count))] : [:], to: message, transaction)
    }

    private func erase(
        _ request: PurgeRequest, _ organisation: OrganisationCode, _ transaction: Transaction
    ) throws -> (String?, Int) {
        let database = transaction.database
        let limit = transaction.now.day.adding(days: -policy.replicaRetentionDays)
        guard let number = request.integratedAddresseeNumber else {
            guard request.cause == .retentionExpired else { return ("cause-not-for-all", 0) }
            return (nil, try ReplicaStore.erase(.removedBy(limit), organisation, database))
        }
        guard try ReplicaStore.find(number, organisation, database) != nil else {
            return ("replica-unknown", 0)
        }
        if request.cause == .retentionExpired,
            try !ReplicaStore.isRemoved(number, by: limit, organisation, database)
        {
            return ("retention-not-expired", 0)
        }
        return (nil, try ReplicaStore.erase(.listed([number]), organisation, database))
    }
}
