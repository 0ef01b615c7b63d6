/// A lane (対象者別処理順) that is not simply ready: one receiver's order for one person.
package struct LaneSummary: Codable, Sendable {
    package enum State: String, Codable, Sendable { case ready, inFlight, backoff, parked }
    package var recipient: String
    /// Sixteen hexadecimal digits: this hub's name of the lane, stable, not a person's number.
    package var lane: String
    package var subject: String
    package var state: State
    package var until: String?
    package var failures: Int
    package var code: String?
    package var since: String?
    package var headPosition: UInt64?
    package var waiting: Int
    package init(
        recipient: String, lane: String, subject: String, state: State, until: String?,
        failures: Int, code: String?, since: String?, headPosition: UInt64?, waiting: Int
    ) {
        self.recipient = recipient
        self.lane = lane
        self.subject = subject
        self.state = state
        self.until = until
        self.failures = failures
        self.code = code
        self.since = since
        self.headPosition = headPosition
        self.waiting = waiting
    }
}

package struct LaneQuery: Codable, Sendable {
    package var recipient: String?
    package var state: LaneSummary.State?
    package var limit: Int
    package init(recipient: String? = nil, state: LaneSummary.State? = nil, limit: Int = 100) {
        self.recipient = recipient
        self.state = state
        self.limit = limit
    }
}

package struct LaneList: Codable, Sendable {
    package var lanes: [LaneSummary]
    package init(lanes: [LaneSummary]) { self.lanes = lanes }
}

package struct LaneReference: Codable, Sendable {
    package var recipient: String
    package var lane: String
    package init(recipient: String, lane: String) {
        self.recipient = recipient
        self.lane = lane
    }
}

package struct LaneDetail: Codable, Sendable {
    package var summary: LaneSummary
    package var messages: [MessageSummary]
    package init(summary: LaneSummary, messages: [MessageSummary]) {
        self.summary = summary
        self.messages = messages
    }
}

/// A message whose receiver will not have it (処理不能電文); its lane is parked (保留).
package struct DeadLetterSummary: Codable, Sendable {
    package var recipient: String
    package var position: UInt64
    package var id: String
    package var topic: String
    package var step: String?
    package var source: String
    package var correlation: String
    package var since: String
    package var code: String
    package var failures: Int
    package var lane: String?
    /// Later messages of the same person that wait behind it.
    package var waitingBehind: Int
    /// Places in the content that the code is about (版変換の欠落など), never what stands there.
    package var pointers: [String]?
    package init(
        recipient: String, position: UInt64, id: String, topic: String, step: String?,
        source: String, correlation: String, since: String, code: String, failures: Int,
        lane: String?, waitingBehind: Int
    ) {
        self.recipient = recipient
        self.position = position
        self.id = id
        self.topic = topic
        self.step = step
        self.source = source
        self.correlation = correlation
        self.since = since
        self.code = code
        self.failures = failures
        self.lane = lane
        self.waitingBehind = waitingBehind
    }
}

package struct DeadLetterQuery: Codable, Sendable {
    package var recipient: String?
    package var limit: Int
    package init(recipient: String? = nil, limit: Int = 100) {
        self.recipient = recipient
        self.limit = limit
    }
}

package struct DeadLetterList: Codable, Sendable {
    package var deadLetters: [DeadLetterSummary]
    package init(deadLetters: [DeadLetterSummary]) { self.deadLetters = deadLetters }
}

/// A dead letter by receiver and position in this hub's journal.
package struct DeadLetterReference: Codable, Sendable {
    package var recipient: String
    package var position: UInt64
    package init(recipient: String, position: UInt64) {
        self.recipient = recipient
        self.position = position
    }
}

package struct DeadLetterDetail: Codable, Sendable {
    package var summary: DeadLetterSummary
    package var maskedPayload: String?
    package var content: String
    package init(summary: DeadLetterSummary, maskedPayload: String?, content: String) {
        self.summary = summary
        self.maskedPayload = maskedPayload
        self.content = content
    }
}

/// What an operator does about a dead letter; a reason is required and recorded.
package struct RepairCommand: Codable, Sendable {
    /// The four repairs (corrections.md item 16).
    package enum Action: String, Codable, Sendable, CaseIterable {
        /// 再送: deliver the same message again.
        case retry
        /// 差替え依頼: ask the source to issue a superseding message; the lane stays parked until it comes.
        case replace
        /// 処理対象外: the message will not be applied; a legal notice left unsent needs a follow-up.
        case skip
        /// 保留解除: the lane goes on, the message stays as evidence.
        case release
    }
    package var action: Action
    package var recipient: String
    package var position: UInt64
    package var reason: String
    /// Recorded follow-up, required for `skip` of a legal notice (A1-④, A1-⑩, A4-②, A3-④).
    package var followUp: String?
    package init(
        action: Action, recipient: String, position: UInt64, reason: String, followUp: String? = nil
    ) {
        self.action = action
        self.recipient = recipient
        self.position = position
        self.reason = reason
        self.followUp = followUp
    }
}

package struct RepairResult: Codable, Sendable {
    package var done: Bool
    /// What happens now, Japanese first.
    package var text: String
    package init(done: Bool, text: String) {
        self.done = done
        self.text = text
    }
}
