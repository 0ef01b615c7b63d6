package import Journal
package import Messaging

/// What operators do about a dead letter (処理不能電文の措置).
extension Subscription {
    /// A message of the same source that names the dead letter as its cause takes its place at the head of
    /// the lane (差替え); the dead letter ends as `skipped`, resolved as replaced. False where it cannot.
    package mutating func supersede(
        _ dead: UInt64, by newer: UInt64, now: Instant, into batch: inout CommitBatch
    ) -> Bool {
        guard let old = exceptions[dead], old.state == .dead, old.isReplacementAsked,
            let new = exceptions[newer],
            new.state == .waiting, Set(new.lanes) == Set(old.lanes)
        else { return false }
        for lane in new.lanes {
            held[lane]?.positions.removeAll { $0 == newer }
            held[lane]?.positions.insert(newer, at: 1)
        }
        let code = old.lanes.first.flatMap { held[$0]?.code } ?? ""
        let resolved = DeadLetterState.resolved(
            at: now, how: .replaced, by: nil, reason: "superseded")
        batch.deadLettersUpserted.append(
            deadLetterRow(dead, code: code, since: now, state: resolved))
        settled(held: dead, .skipped, into: &batch)
        return true
    }

    /// What an operator's repair did to the lane.
    package enum Repaired: Equatable { case done, notDead }

    /// 再送, 差替え依頼, 処理対象外 or 保留解除 of a dead letter (corrections.md item 16).
    package mutating func repair(
        _ position: UInt64, _ resolution: Resolution, by operatorID: OperatorID?, reason: String,
        now: Instant, into batch: inout CommitBatch
    ) -> Repaired {
        guard let message = exceptions[position], message.state == .dead else { return .notDead }
        let code = message.lanes.first.flatMap { held[$0]?.code } ?? ""
        let resolved = DeadLetterState.resolved(
            at: now, how: resolution, by: operatorID, reason: reason)
        batch.deadLettersUpserted.append(
            deadLetterRow(position, code: code, since: now, state: resolved))
        switch resolution {
        case .retried:
            exceptions[position]?.state = .waiting
            exceptions[position]?.failures = 0
            exceptions[position]?.suspect = 0
            batch.exceptionsChanged.append(change(position, .waiting))
            setPhase(.draining, code: "", of: message.lanes, now: now)
            offerHeldHeads(of: message.lanes)
        case .skipped: settled(held: position, .skipped, into: &batch)
        case .replaced:
            // The source is asked: the lane stays parked until the superseding message takes the place.
            exceptions[position]?.isReplacementAsked = true
        case .released: settled(held: position, .released, into: &batch)
        case .expired: settled(held: position, .expired, into: &batch)
        }
        return .done
    }
}
