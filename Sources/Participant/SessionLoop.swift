import BusProtocol
import Logging
import Messaging
import Platform
import ZeroMQ

/// The participant's one thread (接続ループ): receive a burst, apply it, answer, publish, wait.
///
/// All decisions about sessions are `ClientSession`'s; this does them.
final class SessionLoop {
    let limits: ParticipantLimits
    let configuration: ParticipantConfiguration
    let storage: any ParticipantStorage
    let clock: any TimeSource
    let logger: Logger
    let wake: WakeDescriptor
    let context: Context
    let links: [ZoneLink]
    var batch = DeliveryBatch()
    /// Work is left that no descriptor will announce.
    var mustTurnAgain = false

    private let origin = ContinuousClock.now
    private var nextTick: Duration = .zero
    private var randomness = SystemRandomNumberGenerator()

    init(
        configuration: ParticipantConfiguration, storage: any ParticipantStorage,
        clock: any TimeSource, logger: Logger, wake: WakeDescriptor, context: Context
    ) {
        limits = configuration.limits
        self.configuration = configuration
        self.storage = storage
        self.clock = clock
        self.logger = logger
        self.wake = wake
        self.context = context
        links = configuration.zones.map {
            ZoneLink(access: $0, limits: configuration.limits, now: .zero)
        }
    }

    var now: Duration { ContinuousClock.now - origin }
    var random: UInt64 { randomness.next() }

    /// Turns until `isStopping`; throws what storage throws, and faults no new attempt can mend.
    func run(until isStopping: () -> Bool) throws {
        var poller = Poller()
        while !isStopping() {
            for link in links {
                link.session.tick(now: now, random: random, effects: &link.effects)
                try perform(link)
            }
            try publishWaiting()
            try tickStorage()
            let readable = try wait(&poller)
            for index in readable { try read(links[index], index: index) }
            try settleBurst()
        }
        for link in links where link.session.live != nil {
            let farewell = Farewell(code: Farewell.stopping, text: "the participant stops")
            link.writer.write(
                .bye, epoch: link.epoch, sequence: 0, record: WireJSON.encode(farewell))
            _ = link.sendWritten()
            link.closeAfterFarewell()
        }
    }

    func closeAll() {
        for link in links { link.close() }
    }

    // MARK: - Waiting

    /// The links with something to read after waiting for it, for a deadline, or for `wake`.
    private func wait(_ poller: inout Poller) throws -> [Int] {
        poller.removeAll()
        let woken = poller.add(wake.fileDescriptor, for: .readable)
        var slots: [(link: Int, slot: Poller.Slot)] = []
        for (index, link) in links.enumerated() {
            guard let connection = link.connection else { continue }
            let interest: Readiness = link.hasUnsent ? [.readable, .writable] : .readable
            slots.append((index, poller.add(connection.socket, for: interest)))
        }
        let result = try poller.wait(milliseconds: millisecondsToWait())
        mustTurnAgain = false
        guard case .ready = result else { return [] }
        if poller.isReadable(woken) {
            wake.drain()
            for link in links { link.mayHaveOutgoing = true }
        }
        var readable: [Int] = []
        for (index, slot) in slots {
            if poller.isWritable(slot), links[index].hasUnsent, !links[index].flush() {
                lose(links[index])
            }
            if poller.isReadable(slot) { readable.append(index) }
        }
        return readable
    }

    private func millisecondsToWait() -> Int {
        if mustTurnAgain { return 0 }
        var deadline = nextTick
        for link in links {
            if !link.effects.isEmpty { return 0 }
            if let next = link.session.nextDeadline { deadline = min(deadline, next) }
        }
        let left = deadline - now
        guard left > .zero else { return 0 }
        let parts = left.components
        // Rounded up, so that the deadline has passed when the wait is over.
        return Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000) + 1
    }

    private func tickStorage() throws {
        let now = now
        guard now >= nextTick else { return }
        nextTick = now + limits.tickInterval
        try storage.tick(now: clock.now())
        for link in links { link.mayHaveOutgoing = true }
    }

    // MARK: - Effects

    func lose(_ link: ZoneLink) {
        if link.session.live != nil {
            logger.notice("session lost", metadata: ["zone": "\(link.access.zone)"])
        }
        link.session.lose(now: now, random: random, effects: &link.effects)
    }

    /// Does what the session asked for, and what that leads to.
    func perform(_ link: ZoneLink) throws {
        while !link.effects.isEmpty {
            let effects = link.effects
            link.effects.removeAll(keepingCapacity: true)
            for effect in effects { try perform(effect, on: link) }
        }
    }

    private func perform(_ effect: ClientSession.Effect, on link: ZoneLink) throws {
        let zone = link.access.zone
        switch effect {
        case .open:
            do throws(ZeroMQError) {
                try link.open(in: context, frameBytes: limits.frameBytes)
            } catch {
                logger.error("no connection", metadata: ["zone": "\(zone)", "error": "\(error)"])
                lose(link)
            }
        case .greet:
            guard link.connection != nil else { return }
            link.forgetUnsent()
            try greet(link)
        case .leave(let epoch, let code):
            let farewell = Farewell(code: code, text: "the participant greets again")
            link.writer.write(.bye, epoch: epoch, sequence: 0, record: WireJSON.encode(farewell))
            send(link)
        case .close:
            link.close()
        case .resume(let journalIncarnation, let committedSequence):
            try storage.welcomed(
                in: zone, journalIncarnation: journalIncarnation,
                committedSequence: committedSequence)
            link.lastPublished = 0
            link.oversized.removeAll()
            link.mayHaveOutgoing = true
            logger.info("session live", metadata: ["zone": "\(zone)", "epoch": "\(link.epoch)"])
        case .subscribe(let grant):
            let majors = configuration.majors.map { ($0.rawValue, $1) }
            link.writer.writeSubscribe(
                SubscribeRequest(
                    grant: grant, majors: Dictionary(uniqueKeysWithValues: majors)),
                epoch: link.epoch)
            send(link)
        case .ping(let sequence):
            link.writer.write(.ping, epoch: link.epoch, sequence: sequence)
            send(link)
        case .pong(let sequence):
            link.writer.write(.pong, epoch: link.epoch, sequence: sequence)
            send(link)
        case .stop(let fault):
            logger.critical(
                "session stopped", metadata: ["zone": "\(zone)", "code": "\(fault.code)"])
            throw ParticipantError(zone: zone, code: fault.code, text: fault.text)
        }
    }

    private func greet(_ link: ZoneLink) throws {
        let resumption = try storage.resumption(in: link.access.zone)
        link.resumption = resumption
        let hello = Hello(
            participant: configuration.participant.rawValue, incarnation: resumption.incarnation,
            journalIncarnation: resumption.journalIncarnation,
            knownSequence: resumption.acknowledgedSequence,
            catalogue: configuration.catalogueDigest, software: configuration.software)
        link.writer.write(.hello, epoch: 0, sequence: 0, record: WireJSON.encode(hello))
        send(link)
    }

    /// Sends the writer's frame on a link; a connection that cannot take it is lost.
    func send(_ link: ZoneLink) {
        guard link.sendWritten() else { return lose(link) }
        link.session.sent(now: now)
    }
}
