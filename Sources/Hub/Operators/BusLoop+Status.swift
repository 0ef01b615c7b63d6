import Journal
import Messaging
import Operations
import Platform

extension BusLoop {
    func status(now: Instant) -> HubStatus {
        var counts = counts
        counts.tapDropped = tap.dropped
        return HubStatus(
            zone: configuration.zone.rawValue, organisation: configuration.organisation.rawValue,
            journalIncarnation: MessageNumber(incarnation: journalIncarnation, sequence: 0)
                .description.prefix(16).description,
            catalogueDigest: catalogue.digestHex, startedAt: startedAt.rfc3339, now: now.rfc3339,
            lastPosition: lastPosition, chainHead: chainHead.description,
            acceptsMessages: refusing == nil, refusing: refusing, counts: counts,
            participants: registry.parties.indices.filter { !registry[$0].isOperator }.map {
                participant($0, now: now)
            })
    }

    private func participant(_ party: Int, now: Instant) -> ParticipantStatus {
        let subscription = subscriptions[party]
        var status = ParticipantStatus(
            participant: registry[party].text, name: registry[party].name)
        status.connectedSince = current[party].flatMap { sessions[$0]?.since.rfc3339 }
        status.epoch = epochs[party]
        status.published = traffic[party].published
        status.refused = traffic[party].refused
        status.delivered = traffic[party].delivered
        status.settled = traffic[party].settled
        status.queued = UInt64(subscription.waitingCount)
        status.inFlight = subscription.flights.inFlight
        status.backoffLanes = subscription.backoffCount
        status.parkedLanes = subscription.parkedCount
        status.deadLetters = subscription.deadCount
        status.paused = subscription.pausedUntil.map { $0 > now } ?? false
        status.closedUntil = closedUntil(party, now: now)?.rfc3339
        let oldest = [subscription.oldestCommittedAt, subscription.held.values.map(\.since).min()]
            .compactMap { $0 }.min()
        status.oldestWaitingMilliseconds =
            status.closedUntil != nil
            ? nil
            : oldest.map {
                max(0, (now.nanosecondsSince1970 - $0.nanosecondsSince1970) / 1_000_000)
            }
        return status
    }

    func stageTimes(reset: Bool) -> StageTimes {
        let read = stages.read(reset: reset)
        let times = StageTimes(
            stages: read.map { item in
                let name = "\(item.stage)"
                return StageTimes.Stage(
                    thread: name.hasPrefix("writer") ? "writer" : "socket", stage: name,
                    nanoseconds: item.nanoseconds, count: item.count)
            },
            messages: counts.admitted - admittedAtReset, commits: counts.commits - commitsAtReset,
            processCPUNanoseconds: StageClock.process() - processAtReset)
        if reset {
            admittedAtReset = counts.admitted
            commitsAtReset = counts.commits
            processAtReset = StageClock.process()
        }
        return times
    }

    // MARK: Lanes

    func lanes(_ query: LaneQuery, now: Instant) -> LaneList {
        var lanes: [LaneSummary] = []
        let limit = min(max(1, query.limit), QueryDesk.rowLimit)
        for party in subscriptions.indices
        where query.recipient == nil || query.recipient == registry[party].text {
            for (lane, held) in subscriptions[party].held {
                let summary = summary(lane, held, party, now: now)
                if query.state == nil || query.state == summary.state { lanes.append(summary) }
                if lanes.count >= limit { return LaneList(lanes: lanes) }
            }
        }
        return LaneList(
            lanes: lanes.sorted {
                ($0.recipient, $0.headPosition ?? 0) < ($1.recipient, $1.headPosition ?? 0)
            })
    }

    private func summary(
        _ lane: LaneID, _ held: HeldLane, _ party: Int, now: Instant
    ) -> LaneSummary {
        let head = held.positions.first
        let message = head.flatMap { subscriptions[party].exceptions[$0] }
        let state: LaneSummary.State
        var until: String?
        switch held.phase {
        case .backoff(let instant):
            state = .backoff
            until = instant.rfc3339
        case .parked: state = .parked
        case .draining: state = message?.state == .inFlight ? .inFlight : .ready
        }
        return LaneSummary(
            recipient: registry[party].text, lane: lane.description,
            subject: pseudonyms.name(of: lane, at: now), state: state, until: until,
            failures: message?.failures ?? 0,
            code: held.code.isEmpty ? nil : HeldCode(held.code).code,
            since: held.since.rfc3339, headPosition: head, waiting: held.positions.count)
    }

    func lane(_ reference: LaneReference, now: Instant) throws -> (LaneSummary, [UInt64]) {
        guard let party = registry.index(text: reference.recipient),
            let value = UInt64(reference.lane, radix: 16)
        else { throw Self.laneUnknown }
        let lane = LaneID(rawValue: Int64(bitPattern: value))
        guard let held = subscriptions[party].held[lane] else { throw Self.laneUnknown }
        return (
            summary(lane, held, party, now: now), Array(held.positions.prefix(QueryDesk.rowLimit))
        )
    }

    private static let laneUnknown = OperationFault(
        code: "lane-unknown", message: "保留中のその処理順はありません (no such lane is held)",
        hint: "jukihub lane ls")

    // MARK: Dead letters

    func deadLetters(_ query: DeadLetterQuery) -> [DeadLetterFact] {
        var facts: [DeadLetterFact] = []
        let limit = min(max(1, query.limit), QueryDesk.rowLimit)
        for party in subscriptions.indices
        where query.recipient == nil || query.recipient == registry[party].text {
            for (position, message) in subscriptions[party].exceptions where message.state == .dead
            {
                facts.append(fact(position, message, party))
                if facts.count >= limit { break }
            }
        }
        return facts.sorted { $0.position < $1.position }
    }

    func deadLetter(_ reference: DeadLetterReference) throws -> DeadLetterFact {
        guard let party = registry.index(text: reference.recipient),
            let message = subscriptions[party].exceptions[reference.position],
            message.state == .dead
        else { throw Self.deadLetterUnknown }
        return fact(reference.position, message, party)
    }

    static let deadLetterUnknown = OperationFault(
        code: "dead-letter-unknown", message: "その処理不能電文はありません (no such dead letter)",
        hint: "jukihub dead-letter ls")

    private func fact(_ position: UInt64, _ message: HeldMessage, _ party: Int) -> DeadLetterFact {
        let lane = message.lanes.first
        let held = lane.flatMap { subscriptions[party].held[$0] }
        return DeadLetterFact(
            recipient: registry[party].text, position: position,
            since: held?.since.rfc3339 ?? "", code: held?.code ?? "", failures: message.failures,
            lane: lane?.description, waitingBehind: max(0, (held?.positions.count ?? 1) - 1))
    }

    /// 再送, 差替え依頼, 処理対象外, 保留解除; the reason is evidence.
    func repair(_ command: RepairCommand, by party: Int, now: Instant) throws -> RepairResult {
        let reason = try checkReason(command)
        guard let receiver = registry.index(text: command.recipient) else {
            throw Self.deadLetterUnknown
        }
        let resolution: Resolution =
            switch command.action {
            case .retry: .retried
            case .replace: .replaced
            case .skip: .skipped
            case .release: .released
            }
        let who = registry[party].id.instance.flatMap { try? OperatorID($0) }
        guard
            subscriptions[receiver].repair(
                command.position, resolution, by: who, reason: reason, now: now, into: &batch)
                == .done
        else { throw Self.deadLetterUnknown }
        let followUp = command.followUp.map { " follow-up: \($0)" } ?? ""
        batch.notes.append(
            BatchNote(
                kind: "operator.\(command.action.rawValue)",
                text:
                    "\(registry[party].text) \(command.recipient)@\(command.position): \(reason)\(followUp)"
            ))
        return RepairResult(done: true, text: Self.text(command.action))
    }

    /// The reason and the follow-up become evidence: short, one line, and without a personal number.
    @discardableResult
    func checkReason(_ command: RepairCommand) throws -> String {
        let reason = command.reason.filter { !$0.isNewline }
        guard !reason.isEmpty, reason.utf8.count <= 500, command.followUp?.utf8.count ?? 0 <= 500
        else {
            throw OperationFault(
                code: "reason-required",
                message: "理由が要ります (a reason of at most 500 bytes is required)",
                hint: "--reason TEXT")
        }
        guard NumberScan.hits(in: reason + "\n" + (command.followUp ?? "")) == 0 else {
            throw OperationFault(
                code: "individual-number-present",
                message: "理由に個人番号を書けません (no individual number here)",
                hint: "name the case by its id")
        }
        return reason
    }

    static func text(_ action: RepairCommand.Action) -> String {
        switch action {
        case .retry: "再送します。後続はその後に続きます (the message is delivered again; the rest follows)"
        case .replace: "発信元に差替えを依頼します。届くまで保留は続きます (the source is asked; the lane stays parked)"
        case .skip: "処理対象外としました。後続が流れます (skipped; later messages proceed)"
        case .release: "保留を解除しました。電文は証跡に残ります (released; the message stays as evidence)"
        }
    }
}
