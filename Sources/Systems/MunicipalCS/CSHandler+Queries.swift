import GRDB
import Messaging
import Participant
import ParticipantStore

/// 本人確認 (B2), 本人確認情報検索 (B4), 機構への照会 (B5): asked, logged, answered, not stored.
extension CSHandler {
    /// Rows one search shows.
    private static let hitLimit = 50

    func receiveQuery(
        _ type: String, _ message: ReceivedMessage, _ transaction: Transaction
    ) throws -> Bool {
        switch type {
        case "identity.verify.request": try verify(message, transaction)
        case "identity.verify.result": try verified(message, transaction)
        case "identity.search.request": try search(message, transaction)
        case "identity.search.result": try found(message, transaction)
        case "identity.inquiry.request": try inquire(message, transaction)
        case "identity.inquiry.result": try inquired(message, transaction)
        default: return false
        }
        return true
    }

    // MARK: 本人確認 (B2-02 to B2-04)

    private func verify(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(VerificationRequest.self, from: message.payload)
        try log(
            "identity.verify", message, request.purpose, request.applicationReference, nil,
            transaction)
        // B2-② is the terminal's sending, B2-③ the CS's (one text for two numbers).
        let step = message.envelope.step
        try pass(
            message, to: Self.nation, detail: request.applicationReference,
            step: step?.rawValue == "B2-02" ? StepID("B2-03") : step, transaction)
    }

    private func verified(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(VerificationResult.self, from: message.payload)
        try OperationLogStore.note(
            "identity.verify", applicationReference: result.applicationReference,
            outcome: result.matched ? "matched" : "notMatched",
            reference: result.verificationReference, transaction.database)
        try passBack(
            message, as: "identity.verify.request", detail: result.applicationReference,
            transaction)
    }

    // MARK: 検索 (B4-01)

    private func search(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        guard let key = SearchKey(fields) else { throw Refuse("payload-unreadable") }
        let application = fields["applicationReference"]?.text
        let isGood = key.suffices(settings)
        let entry = try log(
            "identity.search", message, fields["purpose"]?.text, application, key.kinds,
            refusal: isGood ? nil : "search-keys-insufficient", transaction)
        guard isGood else {
            return try refuseSearch(message, application, transaction)
        }
        switch try scope(fields["municipalityCode"]?.text) {
        case .own: try searchHere(key, entry, message, application, transaction)
        case .elsewhere(let server):
            try pass(message, to: server, detail: application ?? "", transaction)
        }
    }

    private enum Scope {
        case own
        case elsewhere(String)
    }

    /// V-3, AMB-26: the first two digits tell the prefecture.
    private func scope(_ municipality: String?) throws -> Scope {
        guard let municipality else { return .own }
        let code = try MunicipalityCode(municipality)
        if code.five == ownCode { return .own }
        return .elsewhere(
            code.prefecture == String(ownCode.prefix(2)) ? Self.prefecture : Self.nation)
    }

    private func refuseSearch(
        _ message: ReceivedMessage, _ application: String?, _ transaction: Transaction
    ) throws {
        var fields: JSONFields = [:]
        fields["applicationReference"] = application.map { .text($0) }
        try OperationLogStore.note(
            "identity.search", applicationReference: application, outcome: "refused",
            reference: nil, transaction.database)
        try answerQuery(
            message, "identity.search.result/v1", fields, refusal: "search-keys-insufficient",
            transaction)
    }

    private func searchHere(
        _ key: SearchKey, _ entry: Int64, _ message: ReceivedMessage, _ application: String?,
        _ transaction: Transaction
    ) throws {
        let rows = try IdentityStore.search(key, limit: Self.hitLimit + 1, transaction.database)
        let items: [F2Item] = [
            .juminhyoCode, .nameKanji, .nameFurigana, .birthDate, .sex, .municipalityCode, .address,
        ]
        let hits = rows.prefix(Self.hitLimit).map { row -> JSONValue in
            .object(
                Dictionary(
                    uniqueKeysWithValues: items.map { item in
                        (
                            item.rawValue,
                            (row[item.rawValue] as String?).map { .text($0) } ?? .null
                        )
                    }))
        }
        var fields: JSONFields = [
            "searchReference": .text("L\(entry)"), "scope": .text("own"), "hits": .array(hits),
            "truncated": .flag(rows.count > Self.hitLimit),
        ]
        fields["applicationReference"] = application.map { .text($0) }
        try OperationLogStore.note(
            "identity.search", applicationReference: application,
            outcome: rows.isEmpty ? "notFound" : "found", reference: "L\(entry)",
            transaction.database)
        try answerQuery(message, "identity.search.result/v1", fields, transaction)
    }

    private func found(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        let application = fields["applicationReference"]?.text
        let outcome =
            switch fields["hits"] {
            case .array(let hits) where !hits.isEmpty: "found"
            case .array: "notFound"
            default: "refused"
            }
        try OperationLogStore.note(
            "identity.search", applicationReference: application, outcome: outcome,
            reference: fields["searchReference"]?.text, transaction.database)
        try passBack(
            message, as: "identity.search.request", detail: application ?? "", transaction)
    }

    // MARK: 照会 (B5-01, B5-02)

    private func inquire(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let fields = try PayloadCoding.decode(JSONFields.self, from: message.payload)
        let application = fields["applicationReference"]?.text ?? ""
        let kinds = ["individualNumber", "juminhyoCode", "fourItems"].filter {
            fields[$0] != nil
        }
        try log(
            "identity.inquiry", message, fields["purpose"]?.text, application,
            kinds.joined(separator: "+"), transaction)
        try pass(message, to: Self.nation, detail: application, transaction)
    }

    /// The result id that R-048 asks for goes to the terminal; the CS's own questions end at 送付先情報.
    private func inquired(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let result = try PayloadCoding.decode(InquiryResult.self, from: message.payload)
        if try compareMailing(result, message, transaction) { return }
        try OperationLogStore.note(
            "identity.inquiry", applicationReference: result.applicationReference,
            outcome: result.matched ? "matched" : "notMatched",
            reference: result.verificationReference, transaction.database)
        try passBack(
            message, as: "identity.inquiry.request", detail: result.applicationReference,
            transaction)
    }

    // MARK: Passing on

    @discardableResult
    private func log(
        _ operation: String, _ message: ReceivedMessage, _ purpose: String?,
        _ application: String?, _ keys: String?, refusal: String? = nil, _ transaction: Transaction
    ) throws -> Int64 {
        let entry = try OperationLogStore.record(
            operation, message, purpose: purpose, applicationReference: application, keys: keys,
            now: transaction.now, transaction.database)
        // what cannot be checked against 申請文書等 is seen in the hub's report too.
        let isFlagged = application?.isEmpty ?? true
        let evidence = Evidence(
            operation, result: refusal == nil ? "accepted" : "refused",
            code: refusal ?? (isFlagged ? "application-missing" : nil),
            step: message.envelope.step?.rawValue, reference: "L\(entry)")
        try dispatch.record(evidence, in: message.zone, for: Cause(message), transaction)
        return entry
    }

    /// The question passes on and is not stored.
    private func pass(
        _ message: ReceivedMessage, to recipient: String, detail: String, step: StepID? = nil,
        _ transaction: Transaction
    ) throws {
        try relays.remember(
            message, detail: detail,
            until: message.envelope.expiry ?? transaction.now + .seconds(300), transaction)
        var draft = Draft(message.envelope.topic.rawValue, relaying: message.payload).forgotten()
        draft.step = step ?? message.envelope.step
        draft.expiry = message.envelope.expiry
        try dispatch.send(
            draft, to: ParticipantID(recipient), for: Cause(message), transaction)
    }

    /// Shown once at the terminal that asked. An answer nobody waits for any more goes no further.
    private func passBack(
        _ message: ReceivedMessage, as request: String, detail: String, _ transaction: Transaction
    ) throws {
        let relayed = try relays.take(request, answeredBy: message, detail: detail, transaction)
        guard let relayed else { return }
        var draft = Draft(message.envelope.topic.rawValue, relaying: message.payload).forgotten()
        draft.step = message.envelope.step
        draft.expiry = message.envelope.expiry
        try dispatch.send(
            draft, to: relayed.asker, for: Cause(message).answering(relayed.request), transaction)
    }

    private func answerQuery(
        _ message: ReceivedMessage, _ topic: String, _ fields: JSONFields, refusal: String? = nil,
        _ transaction: Transaction
    ) throws {
        var reply = fields
        reply["result"] = .text(refusal == nil ? "accepted" : "refused")
        reply["code"] = refusal.map { .text($0) }
        var draft = try Draft(topic, reply).forgotten()
        draft.step = message.envelope.step
        draft.expiry = message.envelope.expiry
        try dispatch.send(draft, to: message.envelope.source, for: Cause(message), transaction)
    }
}
