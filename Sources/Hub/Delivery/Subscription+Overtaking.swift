import Journal
import Messaging

/// Queries that go before what waits unread in the journal (照会の優先配信).
extension Subscription {
    /// A query or its answer, about somebody of whom nothing earlier waits anywhere: its own order stays whole.
    func mayOvertake(_ message: CommittedMessage) -> Bool {
        guard message.isUrgent, exceptions.count < limits.exceptionLimit else { return false }
        return !message.lanes.contains { lane in
            held[lane] != nil || queues.hasMessages(in: lane) || lagging.mayHold(lane)
        }
    }

    /// Gives the message a row of its own and the next turn; the backlog passes it by when it comes to it.
    mutating func overtake(_ message: CommittedMessage, into batch: inout CommitBatch) {
        var lanes = message.lanes.array
        if lanes.isEmpty { lanes = [ownLane(of: message.position)] }
        enter(message.position, lanes, since: message.committedAt)
        exceptions[message.position] = HeldMessage(
            lanes: lanes, state: .loaded, expiry: message.expiry)
        ordered(message.position)
        noteTurn(message.expiry)
        batch.exceptionsAdded.append(
            ExceptionRow(
                subscription: party, position: Position(rawValue: message.position),
                lanes: LaneSet(lanes), state: .waiting, attempts: 0, keyID: message.keyID,
                expiry: message.expiry, record: message.bytes.arena.array(message.bytes.range)))
        loaded.append(
            LoadedMessage(
                position: message.position, bytes: message.bytes,
                committedAt: message.committedAt, topic: message.topic))
        isDirty = true
    }

    /// A settled position ahead of what was looked at, in its place.
    mutating func remember(_ position: UInt64) {
        let index = settledBefore.firstIndex { $0.lowerBound > position } ?? settledBefore.endIndex
        settledBefore.insert(position...position, at: index)
    }
}

/// The lanes of messages that were committed and not taken into the window (未読分の処理順).
struct LaggingLanes: Sendable {
    /// Past it, whoever waits is not known any more.
    static let limit = 65_536

    private var lanes: Set<LaneID> = []
    /// Whether all that lags was seen by this process.
    var isKnown = true

    mutating func note(_ set: LaneSet) {
        guard isKnown else { return }
        for lane in set.array { lanes.insert(lane) }
        if lanes.count > Self.limit {
            isKnown = false
            lanes = []
        }
    }

    func mayHold(_ lane: LaneID) -> Bool { !isKnown || lanes.contains(lane) }
}
