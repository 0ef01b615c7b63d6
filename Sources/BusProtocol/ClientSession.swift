/// The client's side of one session with one hub (接続状態): what it may send, what it may believe, and
/// when it gives up.
///
/// Pure: it holds no socket and reads no clock. Times are `Duration`s since any fixed moment of a
/// monotonic clock, never of the lab's. What is to be done is appended to the caller's `effects`,
/// in order; the driver does it. It works through outages of any length: only faults that another
/// attempt cannot mend stop it.
package struct ClientSession: Sendable {
    package struct Limits: Hashable, Sendable {
        /// What SUBSCRIBE grants the hub; nil never subscribes (operators).
        package var delivery: CreditGrant?
        /// How long the hub may take to answer HELLO.
        package var greetingTimeout = Duration.seconds(5)
        /// How long the hub may take to answer a PUB.
        package var publishAnswerTimeout = Duration.seconds(30)
        /// Heartbeats without a frame from the hub before the connection is given up.
        package var missedHeartbeats = 4
        package var backoff = Backoff(floor: .milliseconds(50), ceiling: .seconds(5))
        /// How long after a WELCOME a greeting given up before may still turn up at the hub.
        package var ghostMemory = Duration.seconds(30)
        /// How long nothing is published after the hub said that it is full.
        package var fullPause = Duration.seconds(5)
        /// Heartbeats that a WELCOME may ask for.
        package var heartbeats = Duration.milliseconds(10)...Duration.seconds(60)

        package init(delivery: CreditGrant?) {
            self.delivery = delivery
        }
    }

    package enum Phase: Sendable {
        /// No connection; a new one is due at `until`.
        case waiting(until: Duration, failures: Int)
        /// HELLO is to be sent or has been, no WELCOME yet.
        case greeting(since: Duration, failures: Int)
        case live(Live)
        /// For good; an operator has to look.
        case stopped(ProtocolFault)
    }

    /// A session the hub has welcomed.
    package struct Live: Sendable {
        package let epoch: UInt32
        package let maxMessageBytes: Int
        let heartbeat: Duration
        let since: Duration
        let failures: Int
        var lastHeard: Duration
        var lastSent: Duration
        var lastPing: Duration
        var pings: UInt64 = 0
        package internal(set) var publishCredit: CreditWindow
        package internal(set) var deliveryCredit: CreditWindow?
        /// The delivery sequence the next DELIVER starts with.
        package internal(set) var nextDelivery: UInt64 = 1
        /// PUB records sent in this session and not answered in it.
        package internal(set) var unanswered = 0
        var lastAnswer: Duration
    }

    package enum Effect: Hashable, Sendable {
        /// Open a new connection.
        case open
        /// Send HELLO on the open connection as soon as it takes it.
        case greet
        /// Send BYE, so that the hub does not take what is in flight for suspicious.
        case leave(epoch: UInt32, code: String)
        /// Close the connection; nothing more comes from it.
        case close
        /// The session is live: tell storage, then send everything unanswered again.
        case resume(journalIncarnation: UInt64, committedSequence: UInt64)
        case subscribe(CreditGrant)
        case ping(UInt64)
        case pong(UInt64)
        /// Never again without an operator.
        case stop(ProtocolFault)
    }

    /// What to do with a frame that has been read.
    package enum Reception: Hashable, Sendable {
        /// Of this session: read its body.
        case take
        /// Of another session, or a duplicate: drop it.
        case drop
    }

    package let limits: Limits
    package private(set) var phase: Phase
    /// Greetings given up without a WELCOME. A slow hub may still read one of them, after this
    /// client's newer one, and then takes this client's own ghost for a newer session.
    private var ghosts = 0
    private static let ghostLimit = 8
    /// Nothing is published before; set where the hub is full.
    private var publishPause: Duration?

    /// A session that connects at its first `tick`.
    package init(limits: Limits, now: Duration) {
        self.limits = limits
        phase = .waiting(until: now, failures: 0)
    }

    package var live: Live? {
        guard case .live(let live) = phase else { return nil }
        return live
    }

    package var isGreeting: Bool {
        guard case .greeting = phase else { return false }
        return true
    }

    // MARK: - Time

    /// When `tick` has something to do if nothing happens before; nil once stopped.
    package var nextDeadline: Duration? {
        switch phase {
        case .waiting(let until, _): until
        case .greeting(let since, _): since + limits.greetingTimeout
        case .live(let live):
            min(
                live.pingDue, live.deafAt(limits.missedHeartbeats), publishPause ?? live.pingDue,
                live.unanswered > 0 ? live.lastAnswer + limits.publishAnswerTimeout : live.pingDue)
        case .stopped: nil
        }
    }

    /// Time has passed: connect, ping, or give a silent hub up. `random` is fresh each time.
    package mutating func tick(now: Duration, random: UInt64, effects: inout [Effect]) {
        if let pause = publishPause, now >= pause { publishPause = nil }
        switch phase {
        case .waiting(let until, let failures):
            guard now >= until else { return }
            phase = .greeting(since: now, failures: failures)
            effects.append(.open)
            effects.append(.greet)
        case .greeting(let since, _):
            guard now >= since + limits.greetingTimeout else { return }
            lose(now: now, random: random, effects: &effects)
        case .live(var live):
            let unanswered =
                live.unanswered > 0 && now >= live.lastAnswer + limits.publishAnswerTimeout
            if unanswered || now >= live.deafAt(limits.missedHeartbeats) {
                lose(now: now, random: random, effects: &effects)
            } else if now >= live.pingDue {
                live.pings += 1
                live.lastPing = now
                live.lastSent = now
                phase = .live(live)
                effects.append(.ping(live.pings))
            }
        case .stopped:
            return
        }
    }

    /// The connection cannot be used, or the hub breaks the protocol: begin anew after a back-off.
    package mutating func lose(now: Duration, random: UInt64, effects: inout [Effect]) {
        let failures: Int
        switch phase {
        case .waiting, .stopped: return
        case .greeting(_, let before):
            failures = before + 1
            ghosts = min(ghosts + 1, Self.ghostLimit)
        case .live(let live):
            failures = now >= live.since + live.heartbeat ? 0 : live.failures + 1
            if now >= live.since + limits.ghostMemory { ghosts = 0 }
        }
        let delay = limits.backoff.delay(failures: failures, random: random)
        phase = .waiting(until: now + delay, failures: failures)
        effects.append(.close)
    }

    // MARK: - Frames from the hub

    /// Looks at a control frame before its body is read.
    package mutating func hear(_ control: ControlFrame, now: Duration, effects: inout [Effect])
        -> Reception
    {
        switch (phase, control.verb) {
        case (.waiting, _), (.stopped, _): return .drop
        case (.greeting, .welcome), (.greeting, .fault), (.greeting, .bye): return .take
        case (.greeting, _): return .drop
        case (.live(var live), _):
            let concerns = control.epoch == live.epoch
            let general = control.epoch == 0 && (control.verb == .fault || control.verb == .bye)
            guard concerns || general, control.verb != .welcome else { return .drop }
            live.lastHeard = now
            phase = .live(live)
            if control.verb == .ping {
                effects.append(.pong(control.sequence))
                return .drop
            }
            return .take
        }
    }

    /// WELCOME: the session is live unless the hub knows less than it once acknowledged or works by
    /// another catalogue.
    package mutating func welcomed(
        _ welcome: Welcome, epoch: UInt32, knownSequence: UInt64, catalogue: String?,
        now: Duration, random: UInt64, effects: inout [Effect]
    ) {
        guard case .greeting(_, let failures) = phase else { return }
        guard welcome.epoch == epoch, epoch > 0,
            let publishCredit = try? CreditWindow(initial: welcome.publishCredit)
        else { return lose(now: now, random: random, effects: &effects) }
        if welcome.committedSequence < knownSequence {
            return stop(
                ProtocolFault(
                    .journalRolledBack,
                    "the hub holds \(welcome.committedSequence) of the \(knownSequence) messages it acknowledged"
                ),
                effects: &effects)
        }
        if let ours = catalogue, let theirs = welcome.catalogue, ours != theirs {
            return stop(
                ProtocolFault(.catalogueMismatch, "the hub works by another catalogue"),
                effects: &effects)
        }
        let heartbeat = min(
            max(.milliseconds(Int64(welcome.heartbeatMilliseconds)), limits.heartbeats.lowerBound),
            limits.heartbeats.upperBound)
        phase = .live(
            Live(
                epoch: epoch, maxMessageBytes: Int(clamping: welcome.maxMessageBytes),
                heartbeat: heartbeat, since: now, failures: failures, lastHeard: now,
                lastSent: now, lastPing: now, publishCredit: publishCredit,
                deliveryCredit: limits.delivery.flatMap { try? CreditWindow(initial: $0) },
                lastAnswer: now))
        effects.append(
            .resume(
                journalIncarnation: welcome.journalIncarnation,
                committedSequence: welcome.committedSequence))
        if let grant = limits.delivery { effects.append(.subscribe(grant)) }
    }

    /// A DELIVER of this session that carries these records; `drop` for one that was already taken.
    ///
    /// A gap, or more than the credit granted, is the hub's breach: the session begins anew.
    package mutating func delivered(
        first: UInt64, recordBytes: some Collection<Int>, now: Duration, random: UInt64,
        effects: inout [Effect]
    ) -> Reception {
        guard case .live(var live) = phase, var credit = live.deliveryCredit else { return .drop }
        if first < live.nextDelivery { return .drop }
        let isGap = first > live.nextDelivery
        if isGap || !recordBytes.allSatisfy({ credit.spend($0) }) {
            lose(now: now, random: random, effects: &effects)
            return .drop
        }
        live.deliveryCredit = credit
        live.nextDelivery += UInt64(recordBytes.count)
        phase = .live(live)
        return .take
    }

    /// PUBACK or PUBNAK has answered so many records.
    package mutating func answered(_ count: Int, now: Duration) {
        guard case .live(var live) = phase else { return }
        live.unanswered = max(0, live.unanswered - count)
        live.lastAnswer = now
        phase = .live(live)
    }

    /// The hub grants more.
    package mutating func credited(
        _ grant: CreditGrant, now: Duration, random: UInt64, effects: inout [Effect]
    ) {
        guard case .live(var live) = phase else { return }
        do throws(ProtocolFault) {
            try live.publishCredit.add(grant)
            phase = .live(live)
        } catch {
            lose(now: now, random: random, effects: &effects)
        }
    }

    /// The hub reports a fault of the session `epoch`, 0 for none in particular.
    package mutating func faulted(
        _ fault: ProtocolFault, epoch: UInt32, now: Duration, random: UInt64,
        effects: inout [Effect]
    ) {
        let isGreeting: Bool
        switch phase {
        case .waiting, .stopped: return
        case .greeting: isGreeting = true
        case .live(let live):
            guard epoch == 0 || epoch == live.epoch else { return }
            isGreeting = false
        }
        switch fault.known {
        case .helloRequired:
            // While greeting it answers frames that were under way before HELLO.
            guard !isGreeting else { return }
            greetAgain(now: now, effects: &effects)
        case .staleEpoch, .superseded:
            // While greeting it speaks of this client's own session before.
            guard !isGreeting, case .live(let live) = phase else { return }
            if ghosts > 0, now < live.since + limits.ghostMemory {
                ghosts -= 1
                greetAgain(now: now, effects: &effects)
            } else {
                stop(fault, effects: &effects)
            }
        case .unsupportedVersion, .catalogueMismatch, .versionUnknown, .journalRolledBack:
            stop(fault, effects: &effects)
        case .hubFull:
            // What was published was not taken; a new session without publishing keeps deliveries
            // flowing meanwhile.
            publishPause = now + limits.fullPause
            if case .live(let live) = phase {
                effects.append(.leave(epoch: live.epoch, code: fault.code))
            }
            greetAgain(now: now, effects: &effects)
        case .frameMalformed, .unknownVerb, .tooManyRecords, .creditExceeded, .sessionLimit,
            .deliveryUnanswered, nil:
            lose(now: now, random: random, effects: &effects)
        }
    }

    /// The hub ends the session.
    package mutating func dismissed(
        _ farewell: Farewell, epoch: UInt32, now: Duration, random: UInt64,
        effects: inout [Effect]
    ) {
        if farewell.code == FaultCode.superseded.rawValue {
            faulted(
                ProtocolFault(.superseded, farewell.text), epoch: epoch, now: now, random: random,
                effects: &effects)
        } else if case .live(let live) = phase, epoch == 0 || epoch == live.epoch {
            lose(now: now, random: random, effects: &effects)
        } else if isGreeting {
            lose(now: now, random: random, effects: &effects)
        }
    }

    // MARK: - Frames to the hub

    /// Whether a record may be published now.
    package var mayPublish: Bool { publishPause == nil && live?.publishCredit.isOpen ?? false }

    /// Counts one record about to be published; false, and nothing counted, where it must wait.
    package mutating func publish(_ recordBytes: Int, now: Duration) -> Bool {
        guard publishPause == nil, case .live(var live) = phase,
            live.publishCredit.spend(recordBytes)
        else {
            return false
        }
        if live.unanswered == 0 { live.lastAnswer = now }
        live.unanswered += 1
        live.lastSent = now
        phase = .live(live)
        return true
    }

    /// Deliveries were settled; the CREDIT to send, nil until half of the window waits.
    package mutating func settled(messages: Int, bytes: Int) -> CreditGrant? {
        guard case .live(var live) = phase, live.deliveryCredit != nil else { return nil }
        live.deliveryCredit?.release(messages: messages, bytes: bytes)
        let grant = live.deliveryCredit?.topUpAtHalf()
        phase = .live(live)
        return grant
    }

    /// Any other frame was sent; PING waits for the next idle heartbeat.
    package mutating func sent(now: Duration) {
        guard case .live(var live) = phase else { return }
        live.lastSent = now
        phase = .live(live)
    }

    // MARK: - Ends

    private mutating func greetAgain(now: Duration, effects: inout [Effect]) {
        guard case .live(let live) = phase else { return }
        phase = .greeting(since: now, failures: live.failures)
        effects.append(.greet)
    }

    private mutating func stop(_ fault: ProtocolFault, effects: inout [Effect]) {
        phase = .stopped(fault)
        effects.append(.close)
        effects.append(.stop(fault))
    }
}

extension ClientSession.Live {
    /// A heartbeat after the last frame in either direction, and not sooner than one after the last
    /// PING.
    fileprivate var pingDue: Duration {
        max(min(lastSent, lastHeard), lastPing) + heartbeat
    }

    fileprivate func deafAt(_ missed: Int) -> Duration {
        lastHeard + heartbeat * missed
    }
}
