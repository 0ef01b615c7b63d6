package import Messaging

/// A client's raised fence (世代).
package struct EpochRaise: Hashable, Sendable {
    package var party: PartyNumber
    package var epoch: Epoch

    package init(party: PartyNumber, epoch: Epoch) {
        self.party = party
        self.epoch = epoch
    }
}

/// Something else that belongs in the evidence (記録事項): an operator's command, a start, a destruction.
package struct BatchNote: Hashable, Sendable {
    /// A stable kind, e.g. `operator.retry`, `content.destroyed`.
    package var kind: String
    /// Without personal data.
    package var text: String

    package init(kind: String, text: String) {
        self.kind = kind
        self.text = text
    }
}

/// All that one group commit makes durable, together or not at all (一括確定分).
///
/// Message i of the batch gets position `firstPosition + i`; a batch without messages still uses one
/// position up. Reuse a batch with ``reset()``; its arena is replaced or reset by its owner.
package struct CommitBatch: Sendable {
    package var arena: Arena
    package var messages: [AppendedMessage] = []
    package var refusals: [AppendedRefusal] = []
    package var settlements: [SettlementChange] = []
    package var exceptionsAdded: [ExceptionRow] = []
    package var exceptionsChanged: [ExceptionChange] = []
    package var exceptionsRemoved: [ExceptionKey] = []
    package var lanesUpserted: [LaneRow] = []
    package var lanesRemoved: [SubscriptionLane] = []
    package var deadLettersUpserted: [DeadLetterRow] = []
    package var epochs: [EpochRaise] = []
    package var notes: [BatchNote] = []

    package init(arena: Arena = Arena()) { self.arena = arena }

    package var isEmpty: Bool {
        messages.isEmpty && refusals.isEmpty && settlements.isEmpty && exceptionsAdded.isEmpty
            && exceptionsChanged.isEmpty && exceptionsRemoved.isEmpty && lanesUpserted.isEmpty
            && lanesRemoved.isEmpty && deadLettersUpserted.isEmpty && epochs.isEmpty
            && notes.isEmpty
    }

    /// Empties everything but the arena and keeps the memory.
    package mutating func reset() {
        messages.removeAll(keepingCapacity: true)
        refusals.removeAll(keepingCapacity: true)
        settlements.removeAll(keepingCapacity: true)
        exceptionsAdded.removeAll(keepingCapacity: true)
        exceptionsChanged.removeAll(keepingCapacity: true)
        exceptionsRemoved.removeAll(keepingCapacity: true)
        lanesUpserted.removeAll(keepingCapacity: true)
        lanesRemoved.removeAll(keepingCapacity: true)
        deadLettersUpserted.removeAll(keepingCapacity: true)
        epochs.removeAll(keepingCapacity: true)
        notes.removeAll(keepingCapacity: true)
    }
}
