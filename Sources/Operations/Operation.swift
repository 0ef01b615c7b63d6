/// One thing an operator's tool asks of a hub (運用操作): the verbs of REQUEST, spelled once.
///
/// Queries read memory or the `views` database, never the journal's content; commands need a reason and
/// leave evidence. No operation returns a personal number: payloads leave the hub masked (design §7).
package enum Operation: String, Codable, Sendable, CaseIterable {
    /// What the hub is doing now → ``HubStatus``. Arguments: none.
    case status = "hub.status"
    /// Where the time of the hub's threads went → ``StageTimes``. Arguments: ``StageQuery``.
    case stages = "hub.stages"
    /// Messages, newest first → ``MessagePage``. Arguments: ``MessageQuery``.
    case messageList = "message.list"
    /// One message with its deliveries and masked payload → ``MessageDetail``. Arguments: ``MessageReference``.
    case messageShow = "message.show"
    /// One case, hop by hop → ``CaseTrace``. Arguments: ``CaseReference``.
    case caseTrace = "case.trace"
    /// Lanes that are not ready → ``LaneList``. Arguments: ``LaneQuery``.
    case laneList = "lane.list"
    /// One lane and what waits in it → ``LaneDetail``. Arguments: ``LaneReference``.
    case laneShow = "lane.show"
    /// Dead letters → ``DeadLetterList``. Arguments: ``DeadLetterQuery``.
    case deadLetterList = "dead-letter.list"
    /// One dead letter → ``DeadLetterDetail``. Arguments: ``DeadLetterReference``.
    case deadLetterShow = "dead-letter.show"
    /// Retry, replace, skip or release a dead letter → ``RepairResult``. Arguments: ``RepairCommand``.
    case deadLetterRepair = "dead-letter.repair"
    /// Totals per step and link → ``FlowTotals``. Arguments: none.
    case flowTotals = "flow.totals"
    /// One day's messages of each way, admitted and settled → ``DailyCounts``. Arguments: ``CountQuery``.
    case dailyCounts = "flow.counts"
    /// What stands out in one day's evidence → ``AuditReport``. Arguments: ``AuditQuery``.
    case auditReport = "audit.report"
    /// Refusals, newest first → ``RefusalPage``. Arguments: ``RefusalQuery``.
    case refusalList = "refusal.list"
}

/// The error a hub answers an operation with: a stable code, what is wrong, what to do next.
package struct OperationFault: Error, Codable, Sendable, Hashable {
    package let code: String
    package let message: String
    package let hint: String

    package init(code: String, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// An operation without arguments.
package struct NoArguments: Codable, Sendable, Hashable {
    package init() {}
}
