import DequeModule
package import Journal
import Messaging

extension Subscription {
    /// Appends what changed since the last batch: floor, settled ranges, outcomes, lanes.
    package mutating func flush(into batch: inout CommitBatch) {
        for lane in dirtyLanes {
            let key = SubscriptionLane(subscription: party, lane: lane)
            if let queue = held[lane], let row = row(of: queue, key: key) {
                batch.lanesUpserted.append(row)
            } else {
                batch.lanesRemoved.append(key)
            }
        }
        dirtyLanes.removeAll(keepingCapacity: true)
        guard isDirty else { return }
        batch.settlements.append(
            SettlementChange(
                subscription: party, floor: Position(rawValue: floor), settled: settledAboveFloor(),
                outcomes: outcomes))
        outcomes.removeAll(keepingCapacity: true)
        isDirty = false
    }

    package var needsFlush: Bool { isDirty || !dirtyLanes.isEmpty }

    private func row(of queue: HeldLane, key: SubscriptionLane) -> LaneRow? {
        guard let head = queue.positions.first, let message = exceptions[head] else { return nil }
        let hold: LaneHold =
            switch queue.phase {
            case .draining: .backoff(until: queue.since)
            case .backoff(let until): .backoff(until: until)
            case .parked: .parked
            }
        return LaneRow(
            key: key, hold: hold, failures: UInt32(message.failures),
            suspect: UInt32(message.suspect), since: queue.since, code: queue.code,
            head: Position(rawValue: head))
    }

    private func settledAboveFloor() -> [ClosedRange<UInt64>] {
        var ranges: [ClosedRange<UInt64>] = []
        var start: UInt64?
        var end: UInt64 = 0
        for slot in window {
            if queues[slot].state == .passed {
                if start == nil { start = queues[slot].position }
                end = queues[slot].position
            } else if let first = start {
                ranges.append(first...end)
                start = nil
            }
        }
        if let first = start { ranges.append(first...end) }
        for range in settledBefore where range.upperBound > cursor {
            ranges.append(max(range.lowerBound, cursor + 1)...range.upperBound)
        }
        return ranges
    }

    /// Restores held lanes and their messages after a restart.
    package mutating func restore(
        lanes: [LaneRow], exceptions rows: [HeldSummary], dead: Set<UInt64>
    ) {
        for row in rows.sorted(by: { $0.position < $1.position }) {
            exceptions[row.position] = HeldMessage(
                lanes: row.lanes, state: row.isDead ? .dead : .waiting, attempts: row.attempts,
                expiry: row.expiry)
            // Dead, and no longer open: its source was asked for a superseding message.
            exceptions[row.position]?.isReplacementAsked =
                row.isDead && !dead.contains(row.position)
            heldOrder.append(row.position)
            noteTurn(row.expiry)
            for lane in row.lanes {
                held[
                    lane,
                    default: HeldLane(
                        phase: .draining, since: Instant(nanosecondsSince1970: 0), code: "")
                ].positions.append(row.position)
            }
        }
        for row in lanes {
            guard held[row.key.lane] != nil else { continue }
            held[row.key.lane]?.since = row.since
            held[row.key.lane]?.code = row.code
            held[row.key.lane]?.phase =
                switch row.hold {
                case .backoff(let until): .backoff(until: until)
                case .parked: .parked
                }
            if case .backoff(let until) = row.hold { noteTurn(until) }
            // A superseding message stands at the head although its position is a later one.
            let head = row.head.rawValue
            if let index = held[row.key.lane]?.positions.firstIndex(of: head), index > 0 {
                held[row.key.lane]?.positions.remove(at: index)
                held[row.key.lane]?.positions.prepend(head)
            }
            if let head = held[row.key.lane]?.positions.first {
                exceptions[head]?.failures = Int(row.failures)
                exceptions[head]?.suspect = Int(row.suspect)
            }
        }
        offerHeldHeads(of: Array(held.keys))
    }
}
