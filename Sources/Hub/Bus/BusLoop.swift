import BusProtocol
import Journal
import Logging
import Messaging
import Operations
import Platform
import ZeroMQ

/// What other threads tell the socket thread.
enum LoopEvent: Sendable {
    case writer(Writer.Report)
    case reader(Reader.Report)
    case stop
}

/// The hub's socket thread (接続担当): the only owner of the ROUTER, the sessions, the lanes.
///
/// One plain loop: receive a burst, decide, send; no `await` and no lock over I/O. What must be durable
/// goes into the open batch, and is answered when the writer's receipt comes back.
final class BusLoop {
    let configuration: HubConfiguration
    let catalogue: Catalogue
    let registry: Registry
    let clock: any TimeSource
    let stages: StageClock
    let logger: Logger
    let writer: Writer
    let reader: Reader
    let inbox: Mailbox<LoopEvent>
    let journalIncarnation: UInt64
    let startedAt: Instant

    var admission: Admission
    let socket: Socket
    var tap: Tap
    var zap: ZAPHandler
    var frame = FrameWriter()

    var sessions: [RoutingID: Session] = [:]
    /// The newest session of each party; operators have several and are not here.
    var current: [RoutingID?]
    var epochs: [UInt32]
    var producers: [Producer]
    /// Other lives of a party's numbering, met since this process started.
    var numberings: [Int: [UInt64: Producer]] = [:]
    /// The floor each receiver was told, never ahead of what is durable.
    var announcedFloors: [UInt64]
    /// When settlements alone began to wait for a commit to ride on.
    var settlementsSince: UInt64?
    var subscriptions: [Subscription]
    var backlogAsked: [Bool]
    var traffic: [Traffic]
    /// In which version each receiver takes each topic, as its last SUBSCRIBE said.
    var spoken: [SpokenVersions]
    /// Types by receiver of which it takes an older version with values dropped.
    let acceptsLossy: [Set<String>]
    var converter: Converter
    /// When each receiver takes messages; nil: always.
    var hours: [OpeningClock?]

    var batch = CommitBatch()
    var pending = PendingAnswers()
    var committing: PendingAnswers?
    var refusals: RefusalLedger
    var counts = HubStatus.Counts()
    var lastPosition: UInt64
    var chainHead: Digest32
    var refusing: String?
    var isStopping = false
    var failure: HubError?
    var nextTimers: UInt64 = 0
    var nextDiskCheck: UInt64 = 0
    var lastBlock: UInt64
    /// Sessions whose connection was found gone while sending; ended at the loop's next turn.
    var inboxLosses: [RoutingID] = []
    var ranges = AckRanges()
    let pseudonyms: Pseudonyms
    var admittedAtReset: UInt64 = 0
    var commitsAtReset: UInt64 = 0
    var processAtReset: UInt64 = 0
    /// Empty batches to be used again.
    var spare: [CommitBatch] = []
    /// Arenas of committed batches, oldest first; some are still delivered from.
    var arenas: [Arena] = []
    var recent: RecentCommits
    var lastKeyID: (keyClass: UInt16, day: CivilDate, id: ContentKeyID)?
    /// Today in Japan and the days on which retention classes end, so that no message computes a calendar.
    var retentionToday: (day: CivilDate, from: Int64, until: Int64, days: [Int: CivilDate])

    /// How far one producer's numbers have come.
    struct Producer {
        var incarnation: UInt64 = 0
        /// Used up by admission or refusal, committed or not.
        var assigned: UInt64 = 0
        var committed: UInt64 = 0
    }

    /// Totals of one party since this process started.
    struct Traffic {
        var published: UInt64 = 0
        var refused: UInt64 = 0
        var delivered: UInt64 = 0
        var settled: UInt64 = 0
    }

    /// What is answered once a batch is durable.
    struct PendingAnswers {
        /// Whose number it was, in which life of its numbering and in which session.
        struct Ticket {
            var party: Int
            var sequence: UInt64
            var bytes: Int
            var incarnation: UInt64
            var epoch: UInt32
        }
        struct Published {
            var from: Ticket
            var recipients: [Int]
            var topic: TopicIndex
            /// The earlier message of the same source that this one names as its cause.
            var cause: MessageNumber?
            var admittedAt: UInt64
        }
        struct Refused {
            var from: Ticket
            var refusal: Refusal
        }
        var published: [Published] = []
        var refused: [Refused] = []
        var welcomes: [RoutingID] = []
        /// What each receiver may forget once this batch is durable.
        var floors: [(subscription: Int, floor: UInt64)] = []
        var isEmpty: Bool { published.isEmpty && refused.isEmpty && welcomes.isEmpty }
    }

    static let burstFrames = 256
    static let timerNanoseconds: UInt64 = 20_000_000
    /// How long settlements wait for messages to share their fsync with.
    static let settlementPatience: UInt64 = 4_000_000
    /// Lives of one party's numbering remembered beside the present one.
    static let numberingLimit = 64

    init(
        configuration: HubConfiguration, catalogue: Catalogue, registry: Registry,
        admission: consuming Admission, socket: consuming Socket, tap: consuming Tap,
        zap: consuming ZAPHandler, writer: Writer,
        reader: Reader, inbox: Mailbox<LoopEvent>, recovered: RecoveredState, incarnation: UInt64,
        pseudonyms: Pseudonyms, clock: any TimeSource, stages: StageClock, logger: Logger
    ) {
        self.configuration = configuration
        self.catalogue = catalogue
        self.registry = registry
        self.admission = admission
        self.socket = socket
        self.tap = tap
        self.zap = zap
        self.writer = writer
        self.reader = reader
        self.inbox = inbox
        self.clock = clock
        self.stages = stages
        self.logger = logger
        journalIncarnation = incarnation
        self.pseudonyms = pseudonyms
        startedAt = clock.now()
        lastPosition = recovered.lastPosition.rawValue
        chainHead = recovered.chainHead
        lastBlock = recovered.lastBlock
        recent = RecentCommits(byteLimit: configuration.limits.recentBytes)
        retentionToday = (startedAt.day, 0, 0, [:])
        refusals = RefusalLedger(recordsPerMinute: configuration.limits.refusalRecordsPerMinute)
        let count = registry.parties.count
        current = Array(repeating: nil, count: count)
        backlogAsked = Array(repeating: false, count: count)
        traffic = Array(repeating: Traffic(), count: count)
        spoken = Array(repeating: SpokenVersions(newestOf: catalogue), count: count)
        acceptsLossy = registry.parties.map { Set(configuration.acceptsLossy[$0.text] ?? []) }
        converter = Converter(catalogue)
        hours = registry.parties.map { party in
            (configuration.hours?.schedule(of: party.id)).map { OpeningClock($0) }
        }
        epochs = registry.parties.map { recovered.epochs[$0.number]?.rawValue ?? 0 }
        producers = registry.parties.map { party in
            guard let known = recovered.producers.first(where: { $0.party == party.number }) else {
                return Producer()
            }
            return Producer(
                incarnation: known.incarnation, assigned: known.lastSequence,
                committed: known.lastSequence)
        }
        subscriptions = registry.parties.map {
            Self.subscription($0.number, configuration.deliveryLimits, recovered)
        }
        announcedFloors = []
        for index in subscriptions.indices {
            announcedFloors.append(subscriptions[index].forgettable)
        }
    }

    private static func subscription(
        _ party: PartyNumber, _ limits: DeliveryLimits, _ recovered: RecoveredState
    ) -> Subscription {
        let known = recovered.subscriptions.first { $0.party == party }
        var subscription = Subscription(
            party: party, limits: limits, floor: known?.floor.rawValue ?? 0,
            settled: known?.settled ?? [], lastPosition: recovered.lastPosition.rawValue)
        subscription.restore(
            lanes: recovered.lanes.filter { $0.key.subscription == party },
            exceptions: recovered.exceptions.filter { $0.key.subscription == party }.map {
                HeldSummary(
                    position: $0.key.position.rawValue, lanes: $0.lanes.array,
                    attempts: $0.attempts, isDead: $0.state == .dead,
                    expiry: $0.expiry)
            },
            dead: Set(
                recovered.deadLetters.filter { $0.subscription == party }.map(\.position.rawValue)))
        return subscription
    }

    /// Runs until stopped; throws when the journal failed or the bus broke.
    func run() throws(HubError) {
        do throws(ZeroMQError) {
            try loop()
        } catch {
            throw HubError(.bus, "socket thread", error.description)
        }
        if let failure { throw failure }
    }

    private func loop() throws(ZeroMQError) {
        var routing = Message()
        var control = Message()
        var body = Message()
        var poller = Poller()
        let bus = poller.add(socket, for: .readable)
        _ = poller.add(inbox.wake.fileDescriptor, for: .readable)
        let tapSlot = tap.addSubscriptions(to: &poller)
        let zapSlot = poller.add(zap.socket, for: .readable)
        var hasMore = false
        while failure == nil, !(isStopping && committing == nil) {
            let waiting = StageClock.now()
            _ = try poller.wait(milliseconds: hasMore ? 0 : waitMilliseconds)
            let started = StageClock.now()
            stages.add(.wait, nanoseconds: started - waiting)
            let now = clock.now()
            for event in inbox.takeAll() { handle(event, now: now) }
            let afterEvents = StageClock.now()
            stages.add(.settle, nanoseconds: afterEvents - started, count: 0)
            if poller.isReadable(zapSlot) { try authenticate(now: now) }
            if let tapSlot, poller.isReadable(tapSlot) { try tap.readSubscriptions() }
            hasMore = false
            if hasMore || poller.isReadable(bus), !isStopping {
                hasMore = try receiveBurst(&routing, &control, &body, now: now)
            }
            let afterReceive = StageClock.now()
            stages.add(.receive, nanoseconds: afterReceive - afterEvents, count: 0)
            if afterReceive >= nextTimers { timers(now: now, monotonic: afterReceive) }
            deliverAll(now: now)
            stages.add(.deliver, nanoseconds: StageClock.now() - afterReceive, count: 0)
            commitIfIdle()
        }
        farewell()
    }

    private var waitMilliseconds: Int {
        let longest = settlementsSince == nil ? Self.timerNanoseconds : Self.settlementPatience
        return max(1, Int(longest / 1_000_000))
    }

    /// Receives at most `burstFrames` whole messages; true if there may be more.
    private func receiveBurst(
        _ routing: inout Message, _ control: inout Message, _ body: inout Message, now: Instant
    ) throws(ZeroMQError) -> Bool {
        for _ in 0..<Self.burstFrames {
            guard case .frame(let more) = try socket.receive(into: &routing) else { return false }
            guard let sender = RoutingID(routing.bytes) else {
                // A chosen routing id could be taken over by another key's connection.
                if more { try drain(&body) }
                record(code: "routing-id-chosen", who: "connection", source: nil, now: now)
                continue
            }
            guard more, case .frame(true) = try socket.receive(into: &control),
                case .frame(let rest) = try socket.receive(into: &body)
            else {
                let identity = more ? control.property("User-Id") : routing.property("User-Id")
                malformed(sender, identity, "a message has a control frame and a body", now: now)
                continue
            }
            if rest {
                try drain(&body)
                malformed(sender, control.property("User-Id"), "a message has two frames", now: now)
                continue
            }
            received(
                from: sender, identity: control.property("User-Id"), control: control.bytes,
                body: body.bytes, now: now)
        }
        return true
    }

    /// ZAP: a registered key becomes its participant's identity; on the tap, operators' only. An unknown
    /// or revoked key gets no session, and its attempt is recorded by the key's first digits.
    private func authenticate(now: Instant) throws(ZeroMQError) {
        var refused: [(key: String, address: String)] = []
        try zap.handleAll { request in
            guard let key = request.publicKey, let index = registry.index(key: key),
                request.domain != "tap" || registry[index].isOperator
            else {
                refused.append((String(request.publicKey?.text.prefix(8) ?? ""), request.address))
                return .deny(reason: "unknown key")
            }
            return .accept(userID: registry[index].text)
        }
        for attempt in refused {
            record(
                Refusal(.unknownKey), who: "unknown-key",
                source: "key \(attempt.key)… from \(attempt.address)", now: now)
        }
    }

    private func drain(_ message: inout Message) throws(ZeroMQError) {
        while case .frame(true) = try socket.receive(into: &message) {}
    }

    private func handle(_ event: LoopEvent, now: Instant) {
        switch event {
        case .writer(.committed(let done, let receipt)): committed(done, receipt, now: now)
        case .writer(.failed(let cause)):
            failure = HubError(.journal, "commit", cause)
            logger.critical("journal.failed", metadata: ["cause": "\(cause)"])
        case .writer(.stopped): committing = nil
        case .reader(let report): handle(report, now: now)
        case .stop: isStopping = true
        }
    }

    private func handle(_ report: Reader.Report, now: Instant) {
        switch report {
        case .backlog(let index, let found, let scannedThrough):
            backlogAsked[index] = false
            subscriptions[index].backlog(
                found.messages, ended: found.ended, scannedThrough: scannedThrough,
                into: &batch)
        case .held(let index, let bodies):
            for (position, body) in bodies {
                subscriptions[index].bodyArrived(position, body, into: &batch)
            }
        case .original(let party, let number, let tag, let original, let bytes):
            answerDuplicate(party, number, tag, original, bytes: bytes)
        case .numbering(let sender, let party, let hello, let last):
            let known = Producer(incarnation: hello.incarnation, assigned: last, committed: last)
            numberings[party, default: [:]][hello.incarnation] = known
            open(sender, party, hello, now: now)
        case .superseded(let recipient, let dead, let newer):
            superseded(dead, recipient: recipient, by: newer, now: now)
        case .answer(let answer): reply(answer, now: now)
        case .failed(let cause):
            failure = HubError(.journal, "read", cause)
            logger.critical("journal.read-failed", metadata: ["cause": "\(cause)"])
        }
    }
}

extension HubConfiguration {
    /// The limits of a subscription, as this configuration sets them.
    var deliveryLimits: DeliveryLimits {
        DeliveryLimits(
            windowMessages: limits.deliveryWindowMessages, attemptLimit: limits.attemptLimit,
            suspectLimit: limits.suspectLimit, transientPauseAfter: limits.transientPauseAfter,
            backoffInitial: .milliseconds(limits.backoffInitialMilliseconds),
            backoffMaximum: .milliseconds(limits.backoffMaximumMilliseconds),
            acknowledgementDeadline: .milliseconds(limits.ackDeadlineMilliseconds),
            exceptionLimit: limits.heldMessages)
    }
}
