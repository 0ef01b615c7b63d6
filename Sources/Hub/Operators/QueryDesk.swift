import JSONSchema
import Journal
import Logging
import Messaging
import Operations
import Platform

/// Looks things up for operators on the reader's thread (照会担当): the views, and bodies only masked.
final class QueryDesk: @unchecked Sendable {
    // Used by the reader's thread alone, which it is handed to before that thread starts.
    private(set) var views: ViewStore
    private let directory: String
    private let logger: Logger
    let catalogue: Catalogue
    let registry: Registry
    let zone: ZoneID
    private let deadlines: StepDeadlines
    private let pseudonyms: Pseudonyms
    private let clock: any TimeSource

    /// The most rows one answer holds.
    static let rowLimit = 500

    init(
        views: ViewStore, directory: String, logger: Logger, catalogue: Catalogue,
        registry: Registry, zone: ZoneID,
        pseudonyms: Pseudonyms, clock: any TimeSource,
        deadlines: StepDeadlines = StepDeadlines()
    ) {
        self.views = views
        self.directory = directory
        self.logger = logger
        self.catalogue = catalogue
        self.registry = registry
        self.zone = zone
        self.pseudonyms = pseudonyms
        self.clock = clock
        self.deadlines = deadlines
    }

    /// Lets the views follow the journal by one bounded slice, so that they lag little when asked.
    /// Views that fail are made anew: they are rebuildable, and no reason to stop a hub.
    func follow(_ journal: JournalReader, isIdle: Bool) {
        do {
            let patience = isIdle ? Self.idlePatience : ViewStore.busyPatience
            try views.catchUp(with: journal, patience: patience)
        } catch {
            rebuild(after: error)
        }
    }

    private func rebuild(after error: any Error) {
        logger.error("views.rebuilt", metadata: ["cause": "\(error)"])
        do {
            views = try ViewStore.remake(directory: directory)
        } catch {
            logger.error("views.unavailable", metadata: ["cause": "\(error)"])
        }
    }

    private static let idlePatience = Duration.milliseconds(200)

    func answer(_ query: OperatorQuery, from journal: JournalReader) -> OperatorAnswer {
        do {
            try views.catchUp(with: journal)
            return OperatorAnswer(query: query, found: try find(query.lookup, journal))
        } catch {
            rebuild(after: error)
            let fault = OperationFault(
                code: "views-unavailable", message: "照会用索引を作り直しています (the views are being rebuilt)",
                hint: "ask again in a moment")
            return OperatorAnswer(query: query, found: .nothing(fault))
        }
    }

    private func find(
        _ lookup: OperatorQuery.Lookup, _ journal: JournalReader
    ) throws -> OperatorAnswer.Found {
        switch lookup {
        case .messages(let query): return .page(try page(query))
        case .message(let reference): return try message(reference, journal)
        case .trace(let reference): return try trace(reference)
        case .lane(_, let summary, let positions):
            let messages = try positions.prefix(Self.rowLimit).compactMap { position in
                try views.message(at: Position(rawValue: position)).map(self.summary)
            }
            return .lane(LaneDetail(summary: summary, messages: messages))
        case .deadLetters(let facts):
            return .deadLetters(DeadLetterList(deadLetters: try facts.compactMap(self.summary)))
        case .deadLetter(let fact, let party): return try deadLetter(fact, party, journal)
        case .repair(let fact, let order):
            guard let summary = try summary(fact) else { return .nothing(Self.deadLetterUnknown) }
            return .repair(summary, order)
        case .flows: return .flows(try flows())
        case .refusals(let query): return .refusals(try refusals(query))
        case .counts(let query): return try counts(query)
        case .audit(let query): return try audit(query)
        }
    }

    private func page(_ query: MessageQuery) throws -> MessagePage {
        let limit = min(max(1, query.limit), Self.rowLimit)
        let rows = try views.messages(
            ViewQuery(
                before: query.before.map(Position.init(rawValue:)), limit: limit,
                source: query.source,
                recipient: query.recipient, type: query.type, step: query.step,
                correlation: query.correlation))
        return MessagePage(
            messages: rows.map(summary),
            next: rows.count == limit ? rows.last?.position.rawValue : nil)
    }

    private func message(
        _ reference: MessageReference, _ journal: JournalReader
    ) throws -> OperatorAnswer.Found {
        let row: ViewedMessage? =
            if let position = reference.position {
                try views.message(at: Position(rawValue: position))
            } else if let id = reference.id {
                try position(ofMessage: id, journal).flatMap { try views.message(at: $0) }
            } else {
                nil
            }
        guard let row else {
            return .nothing(
                OperationFault(
                    code: "message-unknown", message: "この連携基盤にその電文はありません (no such message here)",
                    hint: "jukihub msg ls"))
        }
        let masked = try content(of: row, journal).flatMap { mask($0) }
        return .detail(
            MessageDetail(
                summary: summary(row), maskedPayload: masked,
                content: masked == nil ? "destroyed" : "held"))
    }

    /// The message with its content, as long as anybody holds it: the journal, or a held lane's own copy.
    private func content(of row: ViewedMessage, _ journal: JournalReader) throws -> StoredMessage? {
        let stored = try journal.message(at: row.position)
        if case .payload? = stored?.content { return stored }
        for recipient in row.envelope.recipients {
            guard let index = registry.index(text: recipient.rawValue) else { continue }
            let held = try journal.exception(
                subscription: registry[index].number, position: row.position)
            if let held { return held }
        }
        return stored
    }

    /// An id is source, incarnation and number: the journal knows where that number went.
    private func position(ofMessage id: String, _ journal: JournalReader) throws -> Position? {
        guard let id = try? MessageID(id), let producer = registry.index(text: id.source.rawValue),
            case .admitted(let position) = try journal.original(
                producer: registry[producer].number, incarnation: id.number.incarnation,
                sequence: id.number.sequence)?.answer
        else { return nil }
        return position
    }

    private func mask(_ stored: StoredMessage) -> String? {
        guard case .payload(let payload) = stored.content else { return nil }
        return masked(payload, stored.envelope)
    }

    private func masked(_ payload: [UInt8], _ envelope: [UInt8]) -> String {
        guard let header = try? Envelope(parsing: envelope),
            let schema = catalogue.privacySchema(for: header.topic)
        else { return "［解釈できない内容 \(payload.count) bytes］" }
        return Masking.mask(payload: payload, schema: schema)
    }

    private func trace(_ reference: CaseReference) throws -> OperatorAnswer.Found {
        let rows = try views.messages(correlation: reference.correlation, limit: Self.rowLimit)
        guard !rows.isEmpty else {
            return .nothing(
                OperationFault(
                    code: "case-unknown", message: "この連携基盤にその案件はありません (no such case here)",
                    hint: "jukihub msg ls"))
        }
        return .trace(
            CaseTrace(
                zone: zone.rawValue, correlation: reference.correlation, hops: hops(rows),
                state: "complete"))
    }

    private func deadLetter(
        _ fact: DeadLetterFact, _ party: PartyNumber, _ journal: JournalReader
    ) throws -> OperatorAnswer.Found {
        guard let summary = try summary(fact) else {
            return .nothing(Self.deadLetterUnknown)
        }
        let stored = try journal.exception(
            subscription: party, position: Position(rawValue: fact.position))
        let masked = stored.flatMap { mask($0) }
        return .deadLetter(
            DeadLetterDetail(
                summary: summary, maskedPayload: masked,
                content: masked == nil ? "destroyed" : "held"))
    }

    private static let deadLetterUnknown = OperationFault(
        code: "dead-letter-unknown", message: "その処理不能電文はありません (no such dead letter)",
        hint: "jukihub dead-letter ls")

    private func summary(_ fact: DeadLetterFact) throws -> DeadLetterSummary? {
        guard let row = try views.message(at: Position(rawValue: fact.position)) else { return nil }
        let held = HeldCode(fact.code)
        var summary = DeadLetterSummary(
            recipient: fact.recipient, position: fact.position, id: row.envelope.id.rawValue,
            topic: row.envelope.topic.rawValue, step: row.envelope.step?.rawValue,
            source: row.envelope.source.rawValue, correlation: row.envelope.correlation.rawValue,
            since: fact.since, code: held.code, failures: fact.failures, lane: fact.lane,
            waitingBehind: fact.waitingBehind)
        if !held.pointers.isEmpty { summary.pointers = held.pointers }
        return summary
    }

    private func flows() throws -> FlowTotals {
        FlowTotals(
            flows: try views.flowTotals().map {
                FlowTotals.Flow(
                    step: $0.step, topic: $0.topic, source: $0.source, recipient: $0.recipient,
                    messages: $0.messages)
            })
    }

    private func refusals(_ query: RefusalQuery) throws -> RefusalPage {
        let rows = try views.refusals(limit: min(max(1, query.limit), Self.rowLimit))
        return RefusalPage(
            refusals: rows.map { row in
                RefusalView(
                    time: row.at.rfc3339,
                    source: row.producer.flatMap { registry.index(number: $0) }.map {
                        registry[$0].text
                    } ?? row.source, number: row.number?.description, code: row.code,
                    pointer: row.pointer, topic: nil, recipient: nil, count: 1)
            })
    }

    /// The messages of a case, each with its deadline: late is what had to be followed by something and was not.
    private func hops(_ rows: [ViewedMessage]) -> [MessageSummary] {
        let followed = Set(rows.compactMap { $0.envelope.causation })
        let now = clock.now()
        return rows.map { row in
            var hop = summary(row)
            let envelope = row.envelope
            let limit =
                envelope.step.flatMap { deadlines.seconds[$0.rawValue] }
                ?? catalogue.type(envelope.topic.type)?.deadlineSeconds
            guard let limit else { return hop }
            let due = row.committedAt + .seconds(limit)
            hop.dueAt = due.rfc3339
            hop.isLate = due < now && !followed.contains(envelope.id)
            return hop
        }
    }

    private func summary(_ row: ViewedMessage) -> MessageSummary {
        let envelope = row.envelope
        var summary = MessageSummary(
            position: row.position.rawValue, id: envelope.id.rawValue, zone: zone.rawValue,
            time: row.committedAt.rfc3339, topic: envelope.topic.rawValue,
            step: envelope.step?.rawValue, source: envelope.source.rawValue,
            recipients: envelope.recipients.map(\.rawValue),
            correlation: envelope.correlation.rawValue, causation: envelope.causation?.rawValue,
            operatorID: envelope.operatorID?.rawValue, terminal: envelope.terminal?.rawValue,
            legalBasis: envelope.legalBasis, bytes: row.bytes,
            subject: row.lanes.array.first.map { pseudonyms.name(of: $0, at: clock.now()) },
            deliveries: row.settlements.map { settlement in
                let name = registry.index(number: settlement.party).map { registry[$0].text }
                return DeliveryView(
                    recipient: name ?? "", state: DeliveryView.State(settlement.outcome),
                    settledAt: settlement.at.rfc3339,
                    latencyMilliseconds: Double(
                        settlement.at.nanosecondsSince1970 - row.committedAt.nanosecondsSince1970)
                        / 1_000_000)
            })
        summary.refusalCode = envelope.refusalCode
        return summary
    }
}

extension DeliveryView.State {
    init(_ outcome: Outcome) {
        switch outcome {
        case .accepted: self = .settled
        case .expired: self = .expired
        case .skipped: self = .skipped
        case .released: self = .released
        case .deadLettered, .refused: self = .deadLetter
        }
    }
}
