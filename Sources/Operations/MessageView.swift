/// One message's envelope as operators may see it (電文): no payload, no personal data.
package struct MessageSummary: Codable, Sendable {
    package var position: UInt64
    package var id: String
    package var zone: String
    /// RFC 3339, when the hub committed it.
    package var time: String
    /// `type/vN`.
    package var topic: String
    package var step: String?
    package var source: String
    package var recipients: [String]
    package var correlation: String
    package var causation: String?
    package var operatorID: String?
    package var terminal: String?
    package var legalBasis: String?
    package var bytes: Int
    /// The person's pseudonym of this period (仮名), never a number.
    package var subject: String?
    package var deliveries: [DeliveryView]
    /// Why it says no, where it is a refusing answer (拒否の回答): a stable code.
    package var refusalCode: String?
    /// By when something should have followed it, where the catalogue or this hub sets a deadline.
    package var dueAt: String?
    /// The deadline has passed and nothing has followed it.
    package var isLate: Bool?

    package init(
        position: UInt64, id: String, zone: String, time: String, topic: String, step: String?,
        source: String, recipients: [String], correlation: String, causation: String?,
        operatorID: String?, terminal: String?, legalBasis: String?, bytes: Int, subject: String?,
        deliveries: [DeliveryView]
    ) {
        self.position = position
        self.id = id
        self.zone = zone
        self.time = time
        self.topic = topic
        self.step = step
        self.source = source
        self.recipients = recipients
        self.correlation = correlation
        self.causation = causation
        self.operatorID = operatorID
        self.terminal = terminal
        self.legalBasis = legalBasis
        self.bytes = bytes
        self.subject = subject
        self.deliveries = deliveries
    }
}

/// Where one message stands with one of its recipients.
package struct DeliveryView: Codable, Sendable {
    package enum State: String, Codable, Sendable {
        case waiting, inFlight, backoff, parked, deadLetter, settled, expired, skipped, released
    }
    package var recipient: String
    package var state: State
    package var settledAt: String?
    /// Milliseconds from commit to settlement.
    package var latencyMilliseconds: Double?
    package var attempts: Int
    /// What it waits for: `receiver-absent`, `lane-parked`, `lane-backoff`, `receiver-paused`, `credit`.
    package var waitingFor: String?
    package var nextRetry: String?
    package var code: String?

    package init(
        recipient: String, state: State, settledAt: String? = nil,
        latencyMilliseconds: Double? = nil,
        attempts: Int = 0, waitingFor: String? = nil, nextRetry: String? = nil, code: String? = nil
    ) {
        self.recipient = recipient
        self.state = state
        self.settledAt = settledAt
        self.latencyMilliseconds = latencyMilliseconds
        self.attempts = attempts
        self.waitingFor = waitingFor
        self.nextRetry = nextRetry
        self.code = code
    }
}

/// Which messages to list; key-set paging by position.
package struct MessageQuery: Codable, Sendable {
    package var before: UInt64?
    package var limit: Int
    package var source: String?
    package var recipient: String?
    package var type: String?
    package var step: String?
    package var correlation: String?

    package init(
        before: UInt64? = nil, limit: Int = 50, source: String? = nil, recipient: String? = nil,
        type: String? = nil, step: String? = nil, correlation: String? = nil
    ) {
        self.before = before
        self.limit = limit
        self.source = source
        self.recipient = recipient
        self.type = type
        self.step = step
        self.correlation = correlation
    }
}

package struct MessagePage: Codable, Sendable {
    package var messages: [MessageSummary]
    /// Pass as `before` for the next page; nil at the end.
    package var next: UInt64?
    package init(messages: [MessageSummary], next: UInt64?) {
        self.messages = messages
        self.next = next
    }
}

/// A message by its id or by its position in this hub's journal.
package struct MessageReference: Codable, Sendable {
    package var id: String?
    package var position: UInt64?
    package init(id: String? = nil, position: UInt64? = nil) {
        self.id = id
        self.position = position
    }
}

package struct MessageDetail: Codable, Sendable {
    package var summary: MessageSummary
    /// The payload with every field masked by its `x-privacy`, or nil once the content is destroyed.
    package var maskedPayload: String?
    /// `held`, `destroyed`.
    package var content: String
    package init(summary: MessageSummary, maskedPayload: String?, content: String) {
        self.summary = summary
        self.maskedPayload = maskedPayload
        self.content = content
    }
}

/// A case by its correlation id in one zone.
package struct CaseReference: Codable, Sendable {
    package var correlation: String
    package init(correlation: String) { self.correlation = correlation }
}

/// One case in one zone, in journal order (案件).
package struct CaseTrace: Codable, Sendable {
    package var zone: String
    package var correlation: String
    package var hops: [MessageSummary]
    /// `complete`: nothing of it waits; `waiting`; `stuck`: a lane is parked.
    package var state: String
    package init(zone: String, correlation: String, hops: [MessageSummary], state: String) {
        self.zone = zone
        self.correlation = correlation
        self.hops = hops
        self.state = state
    }
}

/// A refusal as it was recorded: the code and the pointer, never the value.
package struct RefusalView: Codable, Sendable {
    package var time: String
    package var source: String?
    package var number: String?
    package var code: String
    package var pointer: String?
    package var topic: String?
    package var recipient: String?
    /// How many like it were folded into this record.
    package var count: UInt64
    package init(
        time: String, source: String?, number: String?, code: String, pointer: String?,
        topic: String?, recipient: String?, count: UInt64
    ) {
        self.time = time
        self.source = source
        self.number = number
        self.code = code
        self.pointer = pointer
        self.topic = topic
        self.recipient = recipient
        self.count = count
    }
}

package struct RefusalQuery: Codable, Sendable {
    package var limit: Int
    package init(limit: Int = 50) { self.limit = limit }
}

package struct RefusalPage: Codable, Sendable {
    package var refusals: [RefusalView]
    package init(refusals: [RefusalView]) { self.refusals = refusals }
}

/// Totals per step and route since this journal began.
package struct FlowTotals: Codable, Sendable {
    package struct Flow: Codable, Sendable {
        package var step: String?
        package var topic: String
        package var source: String
        package var recipient: String
        package var messages: UInt64
        package init(
            step: String?, topic: String, source: String, recipient: String, messages: UInt64
        ) {
            self.step = step
            self.topic = topic
            self.source = source
            self.recipient = recipient
            self.messages = messages
        }
    }
    package var flows: [Flow]
    package init(flows: [Flow]) { self.flows = flows }
}
