import Journal
package import Messaging

/// The order of a receiver's window per person (対象者別処理順): linked queues over a pool of entries.
///
/// A lane exists here only while somebody stands in it. Only a lane's head may be delivered, and a
/// message that stands in several lanes only when it heads them all. No allocation per message in the
/// steady state: the links are in the entries.
package struct LaneQueues: Sendable {
    private struct Queue {
        var head: Int32
        var tail: Int32
    }

    private struct Link: Hashable {
        var lane: LaneID
        var slot: Int32
    }

    package private(set) var entries: [WindowEntry] = []
    private var free: [Int32] = []
    private var queues: [LaneID: Queue] = [:]
    private var links: [Link: Int32] = [:]

    package init() {}

    package subscript(slot: Int32) -> WindowEntry {
        get { entries[Int(slot)] }
        _modify { yield &entries[Int(slot)] }
    }

    package func hasMessages(in lane: LaneID) -> Bool { queues[lane] != nil }

    /// Puts a message at the end of its lanes; it is `ready` where it heads them all.
    package mutating func append(_ message: CommittedMessage) -> Int32 {
        let slot = allocate(
            WindowEntry(
                position: message.position, lanes: message.lanes, state: .waiting, blockers: 0,
                next: -1, suspect: 0, attempts: 0, bytes: message.bytes, keyID: message.keyID,
                expiry: message.expiry, committedAt: message.committedAt, topic: message.topic,
                isUrgent: message.isUrgent))
        switch message.lanes {
        case .none: break
        case .one(let lane): enqueue(slot, lane)
        case .many(let lanes): for lane in lanes { enqueue(slot, lane) }
        }
        if entries[Int(slot)].blockers == 0 { entries[Int(slot)].state = .ready }
        return slot
    }

    /// A slot for a position that needs no delivery from the window any more.
    package mutating func appendPassed(_ position: UInt64, _ committedAt: Instant) -> Int32 {
        allocate(
            WindowEntry(
                position: position, lanes: .none, state: .passed, blockers: 0, next: -1, suspect: 0,
                attempts: 0, bytes: nil, keyID: nil, expiry: nil, committedAt: committedAt,
                topic: nil,
                isUrgent: false))
    }

    /// Takes a head out of its lanes; those who head all of theirs now are appended to `released`.
    package mutating func remove(_ slot: Int32, released: inout [Int32]) {
        switch entries[Int(slot)].lanes {
        case .none: break
        case .one(let lane): dequeue(slot, lane, &released)
        case .many(let lanes): for lane in lanes { dequeue(slot, lane, &released) }
        }
    }

    /// Cuts a lane off from `slot` on, in order; the caller makes exceptions of what it gets.
    package mutating func cut(_ lane: LaneID, from slot: Int32) -> [Int32] {
        guard let queue = queues[lane] else { return [] }
        var before: Int32 = -1
        var current = queue.head
        while current >= 0, current != slot {
            before = current
            current = next(current, lane)
        }
        guard current >= 0 else { return [] }
        var taken: [Int32] = []
        while current >= 0 {
            taken.append(current)
            let following = next(current, lane)
            links[Link(lane: lane, slot: current)] = nil
            current = following
        }
        if before < 0 {
            queues[lane] = nil
        } else {
            setNext(before, lane, -1)
            queues[lane] = Queue(head: queue.head, tail: before)
        }
        return taken
    }

    /// Gives the slot back; its bytes are let go.
    package mutating func release(_ slot: Int32) {
        entries[Int(slot)].bytes = nil
        entries[Int(slot)].lanes = .none
        free.append(slot)
    }

    private mutating func allocate(_ entry: WindowEntry) -> Int32 {
        if let slot = free.popLast() {
            entries[Int(slot)] = entry
            return slot
        }
        entries.append(entry)
        return Int32(entries.count - 1)
    }

    private mutating func enqueue(_ slot: Int32, _ lane: LaneID) {
        guard let queue = queues[lane] else {
            queues[lane] = Queue(head: slot, tail: slot)
            return
        }
        setNext(queue.tail, lane, slot)
        queues[lane] = Queue(head: queue.head, tail: slot)
        entries[Int(slot)].blockers += 1
    }

    private mutating func dequeue(_ slot: Int32, _ lane: LaneID, _ released: inout [Int32]) {
        guard let queue = queues[lane], queue.head == slot else { return }
        let following = next(slot, lane)
        if entries[Int(slot)].lanes.count > 1 { links[Link(lane: lane, slot: slot)] = nil }
        guard following >= 0 else {
            queues[lane] = nil
            return
        }
        queues[lane] = Queue(head: following, tail: queue.tail)
        entries[Int(following)].blockers -= 1
        if entries[Int(following)].blockers == 0 {
            entries[Int(following)].state = .ready
            released.append(following)
        }
    }

    private func next(_ slot: Int32, _ lane: LaneID) -> Int32 {
        entries[Int(slot)].lanes.count > 1
            ? links[Link(lane: lane, slot: slot)] ?? -1 : entries[Int(slot)].next
    }

    private mutating func setNext(_ slot: Int32, _ lane: LaneID, _ following: Int32) {
        if entries[Int(slot)].lanes.count > 1 {
            links[Link(lane: lane, slot: slot)] = following
        } else {
            entries[Int(slot)].next = following
        }
    }
}
