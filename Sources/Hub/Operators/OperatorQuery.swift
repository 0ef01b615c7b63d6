import Journal
import Messaging
import Operations

/// Who asked what: where the answer goes (運用照会).
struct OperatorQuery: Sendable {
    /// What the reader thread looks up; the socket thread has answered everything else itself.
    enum Lookup: Sendable {
        case messages(MessageQuery)
        case message(MessageReference)
        case trace(CaseReference)
        case lane(LaneReference, LaneSummary, positions: [UInt64])
        case deadLetters([DeadLetterFact])
        case deadLetter(DeadLetterFact, party: PartyNumber)
        /// A dead letter to be repaired; what it is decides whether it may be.
        case repair(DeadLetterFact, RepairOrder)
        case flows
        case refusals(RefusalQuery)
        case counts(CountQuery)
        case audit(AuditQuery)
    }

    let sender: RoutingID
    let epoch: UInt32
    let request: UInt64
    let lookup: Lookup
}

/// What the socket thread knows of a dead letter; the reader adds the message.
struct DeadLetterFact: Sendable {
    let recipient: String
    let position: UInt64
    let since: String
    let code: String
    let failures: Int
    let lane: String?
    let waitingBehind: Int
}

/// What the reader found; deliveries are filled in by the socket thread, who alone knows them.
struct OperatorAnswer: Sendable {
    enum Found: Sendable {
        case page(MessagePage)
        case detail(MessageDetail)
        case trace(CaseTrace)
        case lane(LaneDetail)
        case deadLetters(DeadLetterList)
        case deadLetter(DeadLetterDetail)
        case repair(DeadLetterSummary, RepairOrder)
        case flows(FlowTotals)
        case refusals(RefusalPage)
        case counts(DailyCounts)
        case audit(AuditReport)
        case nothing(OperationFault)
    }

    let query: OperatorQuery
    let found: Found
}

/// What an operator wants done about a dead letter, and who it is (措置).
struct RepairOrder: Sendable {
    let command: RepairCommand
    let by: String
}
