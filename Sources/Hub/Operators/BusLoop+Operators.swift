import BusProtocol
import FoundationEssentials
import Journal
import Messaging
import Operations
import Platform

extension BusLoop {
    /// REQUEST: operators only. What needs memory alone is answered here, the rest by the reader.
    func request(
        _ head: ControlFrame, _ body: Span<UInt8>, from sender: RoutingID, _ party: Int,
        now: Instant
    ) throws(ProtocolFault) {
        let request = try OperatorRequest(parsing: body, at: BodyReader.single(head, body: body))
        let address = ReplyAddress(sender: sender, epoch: head.epoch, request: head.sequence)
        guard registry[party].isOperator else {
            record(code: "operator-required", who: registry[party].text, source: nil, now: now)
            return reply(
                to: address,
                fault: OperationFault(
                    code: "operator-required",
                    message: "運用者の識別名が要ります (an operator identity is required)",
                    hint: "use an operator key"))
        }
        guard let operation = Operation(rawValue: request.operation) else {
            return reply(
                to: address,
                fault: OperationFault(
                    code: "operation-unknown", message: "その操作はありません (no such operation)",
                    hint: "jukihub --help"))
        }
        do {
            try carryOut(operation, request.arguments, address, party, now: now)
        } catch {
            let known = error as? OperationFault
            reply(
                to: address,
                fault: known
                    ?? OperationFault(
                        code: "arguments-invalid", message: "引数を解釈できません (arguments cannot be read)",
                        hint: "jukihub \(request.operation) --help"))
        }
    }

    struct ReplyAddress {
        var sender: RoutingID
        var epoch: UInt32
        var request: UInt64
    }

    private func carryOut(
        _ operation: Operation, _ arguments: [UInt8], _ address: ReplyAddress, _ party: Int,
        now: Instant
    ) throws {
        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(arguments))
        }
        func look(_ lookup: OperatorQuery.Lookup) throws {
            let query = OperatorQuery(
                sender: address.sender, epoch: address.epoch, request: address.request,
                lookup: lookup)
            guard reader.order(.query(query)) else {
                throw OperationFault(
                    code: "busy", message: "照会が混み合っています (too many queries)", hint: "try again")
            }
        }
        switch operation {
        case .status: reply(to: address, value: status(now: now))
        case .stages:
            reply(to: address, value: stageTimes(reset: try decode(StageQuery.self).reset))
        case .messageList: try look(.messages(decode(MessageQuery.self)))
        case .messageShow: try look(.message(decode(MessageReference.self)))
        case .caseTrace: try look(.trace(decode(CaseReference.self)))
        case .laneList: reply(to: address, value: lanes(try decode(LaneQuery.self), now: now))
        case .laneShow:
            let reference = try decode(LaneReference.self)
            let (summary, positions) = try lane(reference, now: now)
            try look(.lane(reference, summary, positions: positions))
        case .deadLetterList: try look(.deadLetters(deadLetters(decode(DeadLetterQuery.self))))
        case .deadLetterShow:
            let reference = try decode(DeadLetterReference.self)
            let fact = try deadLetter(reference)
            guard let index = registry.index(text: reference.recipient) else { return }
            try look(.deadLetter(fact, party: registry[index].number))
        case .deadLetterRepair:
            let command = try decode(RepairCommand.self)
            try checkReason(command)
            let fact = try deadLetter(
                DeadLetterReference(recipient: command.recipient, position: command.position))
            try look(.repair(fact, RepairOrder(command: command, by: registry[party].text)))
        case .flowTotals: try look(.flows)
        case .refusalList: try look(.refusals(decode(RefusalQuery.self)))
        case .dailyCounts: try look(.counts(decode(CountQuery.self)))
        case .auditReport:
            let query = try decode(AuditQuery.self)
            try look(.audit(query))
            // That the logs were looked through, by whom and for which day, is evidence itself (C9, R-076).
            batch.notes.append(
                BatchNote(
                    kind: "operator.audit-report",
                    text: "\(registry[party].text) \((try? CivilDate(iso: query.day))?.iso ?? "")"))
        }
    }

    /// The reader's answer; the socket thread adds where each delivery stands now.
    func reply(_ answer: OperatorAnswer, now: Instant) {
        let address = ReplyAddress(
            sender: answer.query.sender, epoch: answer.query.epoch, request: answer.query.request)
        switch answer.found {
        case .page(var page):
            page.messages = page.messages.map { complete($0, now: now) }
            reply(to: address, value: page)
        case .detail(var detail):
            detail.summary = complete(detail.summary, now: now)
            reply(to: address, value: detail)
        case .trace(var trace):
            trace.hops = trace.hops.map { complete($0, now: now) }
            trace.state = Self.state(of: trace.hops)
            reply(to: address, value: trace)
        case .lane(var lane):
            lane.messages = lane.messages.map { complete($0, now: now) }
            reply(to: address, value: lane)
        case .deadLetters(let list): reply(to: address, value: list)
        case .deadLetter(let detail): reply(to: address, value: detail)
        case .repair(let letter, let order):
            do {
                reply(to: address, value: try carryOut(order, letter, now: now))
            } catch let fault as OperationFault {
                reply(to: address, fault: fault)
            } catch {
                reply(to: address, fault: Self.deadLetterUnknown)
            }
        case .flows(let flows): reply(to: address, value: flows)
        case .refusals(let page): reply(to: address, value: page)
        case .counts(let counts): reply(to: address, value: counts)
        case .audit(let report): reply(to: address, value: report)
        case .nothing(let fault): reply(to: address, fault: fault)
        }
    }

    /// Repairs a dead letter, now that it is known what it is.
    private func carryOut(
        _ order: RepairOrder, _ letter: DeadLetterSummary, now: Instant
    ) throws -> RepairResult {
        let step = letter.step.flatMap { try? StepID($0) }
        let isNotice = step.flatMap { catalogue.step($0) }?.legalNotice == true
        if order.command.action == .skip, isNotice, order.command.followUp?.isEmpty ?? true {
            throw OperationFault(
                code: "follow-up-required",
                message:
                    "法令上の通知です。処理対象外には事後対応の記録が要ります (a legal notice: what is done instead?)",
                hint: "--follow-up TEXT")
        }
        if order.command.action == .replace {
            try requestReplacement(of: letter, order, now: now)
        }
        let party = registry.index(text: order.by) ?? registry.hub
        return try repair(order.command, by: party, now: now)
    }

    private static func state(of hops: [MessageSummary]) -> String {
        let states = hops.flatMap(\.deliveries).map(\.state)
        if states.contains(where: { $0 == .parked || $0 == .deadLetter }) { return "stuck" }
        let open: [DeliveryView.State] = [.waiting, .inFlight, .backoff]
        return states.contains(where: open.contains) ? "waiting" : "complete"
    }

    private func complete(_ summary: MessageSummary, now: Instant) -> MessageSummary {
        var summary = summary
        let known = Dictionary(summary.deliveries.map { ($0.recipient, $0) }) { first, _ in first }
        summary.deliveries = summary.recipients.map { recipient in
            if let settled = known[recipient] { return settled }
            guard let index = registry.index(text: recipient) else {
                return DeliveryView(recipient: recipient, state: .waiting)
            }
            return standing(summary.position, index, now: now)
        }
        return summary
    }

    /// Where an unsettled delivery stands: on whom it waits, and until when.
    private func standing(_ position: UInt64, _ party: Int, now: Instant) -> DeliveryView {
        let recipient = registry[party].text
        let subscription = subscriptions[party]
        if let held = subscription.exceptions[position] {
            let lane = held.lanes.lazy.compactMap { subscription.held[$0] }.first
            let attempts = Int(held.attempts)
            if held.state == .dead {
                return DeliveryView(
                    recipient: recipient, state: .deadLetter, attempts: attempts,
                    waitingFor: "operator", code: lane.map { HeldCode($0.code).code })
            }
            switch lane?.phase {
            case .backoff(let until):
                return DeliveryView(
                    recipient: recipient, state: .backoff, attempts: attempts,
                    waitingFor: "lane-backoff", nextRetry: until.rfc3339,
                    code: lane.map { HeldCode($0.code).code })
            case .parked:
                return DeliveryView(
                    recipient: recipient, state: .parked, attempts: attempts,
                    waitingFor: "lane-parked", code: lane.map { HeldCode($0.code).code })
            case .draining, nil: break
            }
        }
        guard let sender = current[party], sessions[sender]?.deliveryCredit != nil else {
            return DeliveryView(
                recipient: recipient, state: .waiting, waitingFor: "receiver-absent")
        }
        if let until = closedUntil(party, now: now) {
            return DeliveryView(
                recipient: recipient, state: .waiting, waitingFor: "receiver-closed",
                nextRetry: until.rfc3339)
        }
        if let until = subscription.pausedUntil, until > now {
            return DeliveryView(
                recipient: recipient, state: .waiting, waitingFor: "receiver-paused",
                nextRetry: until.rfc3339)
        }
        return DeliveryView(recipient: recipient, state: .inFlight, waitingFor: "receiver")
    }

    func reply(to address: ReplyAddress, value: some Encodable) {
        reply(to: address, OperatorReply.ok(WireJSON.encode(value)))
    }

    func reply(to address: ReplyAddress, fault: OperationFault) {
        reply(
            to: address,
            OperatorReply.error(
                OperatorReply.Failure(code: fault.code, message: fault.message, hint: fault.hint)))
    }

    private func reply(to address: ReplyAddress, _ reply: OperatorReply) {
        guard sessions[address.sender]?.epoch == address.epoch else { return }
        var record = reply.encoded()
        if record.count > configuration.limits.operatorReplyBytes {
            let tooLarge = OperatorReply.Failure(
                code: "reply-too-large", message: "回答が上限を超えます (the answer exceeds its limit)",
                hint: "--limit N")
            record = OperatorReply.error(tooLarge).encoded()
        }
        frame.write(.reply, epoch: address.epoch, sequence: address.request, record: record)
        send(to: address.sender)
    }
}
