/// What one hub is doing now (状況).
package struct HubStatus: Codable, Sendable {
    package var zone: String
    package var organisation: String
    /// Sixteen hexadecimal digits; new at each restore.
    package var journalIncarnation: String
    package var catalogueDigest: String
    package var startedAt: String
    package var now: String
    /// The last committed position in this hub's journal (送受信記録).
    package var lastPosition: UInt64
    /// The evidence chain's head, hexadecimal.
    package var chainHead: String
    package var acceptsMessages: Bool
    /// Why new messages are refused, when they are: `backlog-full`, `disk-full`.
    package var refusing: String?
    package var counts: Counts
    package var participants: [ParticipantStatus]

    package init(
        zone: String, organisation: String, journalIncarnation: String, catalogueDigest: String,
        startedAt: String, now: String, lastPosition: UInt64, chainHead: String,
        acceptsMessages: Bool, refusing: String?, counts: Counts, participants: [ParticipantStatus]
    ) {
        self.zone = zone
        self.organisation = organisation
        self.journalIncarnation = journalIncarnation
        self.catalogueDigest = catalogueDigest
        self.startedAt = startedAt
        self.now = now
        self.lastPosition = lastPosition
        self.chainHead = chainHead
        self.acceptsMessages = acceptsMessages
        self.refusing = refusing
        self.counts = counts
        self.participants = participants
    }

    /// Totals since this process started.
    package struct Counts: Codable, Sendable {
        package var admitted: UInt64 = 0
        package var refused: UInt64 = 0
        package var duplicates: UInt64 = 0
        package var delivered: UInt64 = 0
        package var settled: UInt64 = 0
        package var redelivered: UInt64 = 0
        package var deadLettered: UInt64 = 0
        package var expired: UInt64 = 0
        package var commits: UInt64 = 0
        package var tapDropped: UInt64 = 0
        /// Deliveries in another version than the message was sent in.
        package var converted: UInt64 = 0
        /// Of these, with values dropped that the receiver is registered to do without.
        package var lossyConversions: UInt64 = 0
        package init() {}
    }
}

/// One participant (関係システム) as its hub sees it.
package struct ParticipantStatus: Codable, Sendable {
    package var participant: String
    /// The Japanese name of the catalogue.
    package var name: String
    package var connectedSince: String?
    package var epoch: UInt32
    package var published: UInt64
    package var refused: UInt64
    package var delivered: UInt64
    package var settled: UInt64
    /// Committed and not settled.
    package var queued: UInt64
    package var inFlight: Int
    package var backoffLanes: Int
    package var parkedLanes: Int
    package var deadLetters: Int
    package var paused: Bool
    /// How long the oldest unsettled message has waited, in milliseconds.
    package var oldestWaitingMilliseconds: Int64?
    /// It takes nothing before (運用時間, 閉庁日, 計画停止): what waits is held, without alarm.
    package var closedUntil: String?

    package init(participant: String, name: String) {
        self.participant = participant
        self.name = name
        connectedSince = nil
        epoch = 0
        published = 0
        refused = 0
        delivered = 0
        settled = 0
        queued = 0
        inFlight = 0
        backoffLanes = 0
        parkedLanes = 0
        deadLetters = 0
        paused = false
        oldestWaitingMilliseconds = nil
        closedUntil = nil
    }
}

/// Whether the stage clocks start again after they were read.
package struct StageQuery: Codable, Sendable {
    package var reset: Bool
    package init(reset: Bool) { self.reset = reset }
}

/// Where the time of the hub's threads went since they were last reset, in nanoseconds.
package struct StageTimes: Codable, Sendable {
    package struct Stage: Codable, Sendable {
        /// `socket` or `writer`.
        package var thread: String
        package var stage: String
        package var nanoseconds: UInt64
        package var count: UInt64
        package init(thread: String, stage: String, nanoseconds: UInt64, count: UInt64) {
            self.thread = thread
            self.stage = stage
            self.nanoseconds = nanoseconds
            self.count = count
        }
    }
    package var stages: [Stage]
    package var messages: UInt64
    package var commits: UInt64
    /// CPU time of the whole process, user and system, nanoseconds.
    package var processCPUNanoseconds: UInt64
    package init(stages: [Stage], messages: UInt64, commits: UInt64, processCPUNanoseconds: UInt64)
    {
        self.stages = stages
        self.messages = messages
        self.commits = commits
        self.processCPUNanoseconds = processCPUNanoseconds
    }
}
