import BusProtocol
import Testing

@Suite("The client's side of a session")
struct ClientSessionTests {
    @Test(
        "Whatever the network does, everything is committed once and in order, and applied",
        arguments: 0..<40)
    func schedules(block: UInt64) throws {
        for seed in block * 75..<(block + 1) * 75 {
            var schedule = SessionSchedule(seed: seed)
            try schedule.run()
            let client = schedule.client
            let context = "seed \(seed)"
            #expect(client.stopped == nil, "\(context)")
            #expect(schedule.client.isDone && schedule.hub.isDone, "\(context)")
            #expect(
                schedule.hub.committed == (0..<UInt64(schedule.hub.committed.count)).map { $0 + 1 })
            #expect(client.acknowledged == UInt64(schedule.hub.committed.count))
            #expect(zip(client.epochs, client.epochs.dropFirst()).allSatisfy { $0 < $1 })
            #expect(client.session.live != nil, "\(context)")
        }
    }

    private func live(
        epoch: UInt32 = 3, known: UInt64 = 0, committed: UInt64 = 0, ours: String? = nil,
        theirs: String? = nil
    ) -> (ClientSession, [ClientSession.Effect]) {
        var session = ClientSession(
            limits: .init(delivery: CreditGrant(messages: 4, bytes: 100)), now: .zero)
        var effects: [ClientSession.Effect] = []
        session.tick(now: .zero, random: 0, effects: &effects)
        #expect(effects == [.open, .greet])
        effects.removeAll()
        let welcome = Welcome(
            zone: "z", epoch: epoch, journalIncarnation: 9, committedSequence: committed,
            publishCreditMessages: 2, publishCreditBytes: 100, maxMessageBytes: 1000,
            catalogue: theirs, heartbeatMilliseconds: 1000, time: "")
        session.welcomed(
            welcome, epoch: epoch, knownSequence: known, catalogue: ours, now: .zero, random: 0,
            effects: &effects)
        return (session, effects)
    }

    @Test("A welcome makes the session live, resumes and subscribes")
    func welcome() {
        let (session, effects) = live(committed: 5)
        #expect(session.live?.epoch == 3)
        #expect(
            effects == [
                .resume(journalIncarnation: 9, committedSequence: 5),
                .subscribe(CreditGrant(messages: 4, bytes: 100)),
            ])
    }

    @Test("A hub that has less than it acknowledged stops the session for good")
    func rolledBack() {
        let (session, effects) = live(known: 6, committed: 5)
        guard case .stopped(let fault) = session.phase else {
            Issue.record("not stopped")
            return
        }
        #expect(fault.known == .journalRolledBack)
        #expect(effects == [.close, .stop(fault)])
        #expect(session.nextDeadline == nil)
    }

    @Test("Another catalogue stops the session, an unnamed one does not")
    func catalogue() {
        let (session, _) = live(ours: "aa", theirs: "bb")
        guard case .stopped(let fault) = session.phase else {
            Issue.record("not stopped")
            return
        }
        #expect(fault.known == .catalogueMismatch)
        #expect(live(ours: "aa", theirs: nil).0.live != nil)
        #expect(live(ours: nil, theirs: "bb").0.live != nil)
        #expect(live(ours: "aa", theirs: "aa").0.live != nil)
    }

    @Test(
        "Faults that no new attempt mends stop the session",
        arguments: [
            FaultCode.staleEpoch, .superseded, .unsupportedVersion, .catalogueMismatch,
            .journalRolledBack,
        ])
    func finalFaults(code: FaultCode) {
        var (session, effects) = live()
        effects.removeAll()
        let fault = ProtocolFault(code, "x")
        session.faulted(fault, epoch: 3, now: .seconds(1), random: 0, effects: &effects)
        #expect(effects == [.close, .stop(fault)])
    }

    @Test(
        "Other faults begin a new session",
        arguments: [
            "frame-malformed", "unknown-verb", "session-limit", "delivery-unanswered",
            "too-many-records", "credit-exceeded", "of-a-newer-hub",
        ])
    func passingFaults(code: String) {
        var (session, effects) = live()
        effects.removeAll()
        session.faulted(
            ProtocolFault(code: code, text: ""), epoch: 3, now: .seconds(2), random: 0,
            effects: &effects)
        #expect(effects == [.close])
        guard case .waiting(let until, _) = session.phase else {
            Issue.record("not waiting")
            return
        }
        #expect(until == .milliseconds(2050))
    }

    @Test("A fault of another session of this client changes nothing")
    func foreignFault() {
        var (session, effects) = live()
        effects.removeAll()
        session.faulted(
            ProtocolFault(.superseded, ""), epoch: 2, now: .seconds(1), random: 0,
            effects: &effects)
        #expect(effects.isEmpty && session.live != nil)
    }

    @Test("A hub that has forgotten the session is greeted again on the same connection")
    func greetAgain() {
        var (session, effects) = live()
        effects.removeAll()
        let fault = ProtocolFault(.helloRequired, "")
        session.faulted(fault, epoch: 3, now: .seconds(1), random: 0, effects: &effects)
        session.faulted(fault, epoch: 3, now: .seconds(1), random: 0, effects: &effects)
        #expect(effects == [.greet], "once, however many frames were under way")
        #expect(session.isGreeting)
    }

    @Test(
        "A ghost of this client's own greeting does not stop it, a second ghost of one greeting does"
    )
    func ghost() {
        var session = ClientSession(limits: .init(delivery: nil), now: .zero)
        var effects: [ClientSession.Effect] = []
        session.tick(now: .zero, random: 0, effects: &effects)
        session.tick(now: .seconds(5), random: 0, effects: &effects)
        session.tick(now: .seconds(6), random: 0, effects: &effects)
        let welcome = Welcome(
            zone: "z", epoch: 1, journalIncarnation: 9, committedSequence: 0,
            publishCreditMessages: 2, publishCreditBytes: 100, maxMessageBytes: 1000,
            catalogue: nil, heartbeatMilliseconds: 1000, time: "")
        session.welcomed(
            welcome, epoch: 1, knownSequence: 0, catalogue: nil, now: .seconds(6), random: 0,
            effects: &effects)
        effects.removeAll()
        let fault = ProtocolFault(.superseded, "")
        session.faulted(fault, epoch: 1, now: .seconds(7), random: 0, effects: &effects)
        #expect(effects == [.greet])
        effects.removeAll()
        let second = Welcome(
            zone: "z", epoch: 3, journalIncarnation: 9, committedSequence: 0,
            publishCreditMessages: 2, publishCreditBytes: 100, maxMessageBytes: 1000,
            catalogue: nil, heartbeatMilliseconds: 1000, time: "")
        session.welcomed(
            second, epoch: 3, knownSequence: 0, catalogue: nil, now: .seconds(7), random: 0,
            effects: &effects)
        effects.removeAll()
        session.faulted(fault, epoch: 3, now: .seconds(8), random: 0, effects: &effects)
        #expect(effects == [.close, .stop(fault)])
    }

    @Test("A full hub is greeted again and published to only after a pause")
    func hubFull() {
        var (session, effects) = live()
        effects.removeAll()
        session.faulted(
            ProtocolFault(.hubFull, ""), epoch: 3, now: .seconds(1), random: 0, effects: &effects)
        #expect(effects == [.leave(epoch: 3, code: "hub-full"), .greet])
        let welcome = Welcome(
            zone: "z", epoch: 4, journalIncarnation: 9, committedSequence: 0,
            publishCreditMessages: 2, publishCreditBytes: 100, maxMessageBytes: 1000,
            catalogue: nil, heartbeatMilliseconds: 10_000, time: "")
        session.welcomed(
            welcome, epoch: 4, knownSequence: 0, catalogue: nil, now: .seconds(1), random: 0,
            effects: &effects)
        let early = session.publish(1, now: .seconds(1))
        #expect(!early && !session.mayPublish && session.nextDeadline == .seconds(6))
        session.tick(now: .seconds(6), random: 0, effects: &effects)
        let later = session.publish(1, now: .seconds(6))
        #expect(later)
    }

    @Test("An idle session pings once a heartbeat and is given up after four without an answer")
    func heartbeats() {
        var (session, effects) = live()
        effects.removeAll()
        var pings = 0
        var now = Duration.zero
        while session.live != nil, let next = session.nextDeadline {
            now = next
            session.tick(now: now, random: 0, effects: &effects)
            pings += effects.count { if case .ping = $0 { true } else { false } }
            effects.removeAll()
        }
        #expect(now == .seconds(4) && pings == 3)

        (session, effects) = live()
        for second in 1...20 {
            session.tick(now: .seconds(second), random: 0, effects: &effects)
            let pong = ControlFrame(verb: .pong, epoch: 3, sequence: 1, count: 0)
            let heard = session.hear(pong, now: .seconds(second), effects: &effects)
            #expect(heard == .take)
        }
        #expect(session.live != nil)
    }

    @Test("A publication that is never answered ends the session")
    func unanswered() {
        var (session, effects) = live()
        effects.removeAll()
        let published = session.publish(10, now: .zero)
        #expect(published)
        for second in 1..<30 {
            let pong = ControlFrame(verb: .pong, epoch: 3, sequence: 1, count: 0)
            _ = session.hear(pong, now: .seconds(second), effects: &effects)
            session.tick(now: .seconds(second), random: 0, effects: &effects)
        }
        #expect(session.live != nil)
        session.tick(now: .seconds(30), random: 0, effects: &effects)
        #expect(session.live == nil && effects.last == .close)
    }

    @Test("Deliveries are taken in order and once; a gap or too many begin a new session")
    func deliveries() {
        var (session, effects) = live()
        effects.removeAll()
        func deliver(_ first: UInt64, _ records: [Int]) -> ClientSession.Reception {
            session.delivered(
                first: first, recordBytes: records, now: .seconds(2), random: 0, effects: &effects)
        }
        let taken = deliver(1, [10, 10])
        let again = deliver(1, [10, 10])
        #expect(taken == .take && again == .drop && effects.isEmpty)
        let gap = deliver(4, [1])
        #expect(gap == .drop && effects == [.close])

        (session, effects) = live()
        effects.removeAll()
        let excess = deliver(1, [1, 1, 1, 1, 1])
        #expect(excess == .drop && effects == [.close])
    }

    @Test("Frames of another session are dropped unread")
    func foreignFrames() {
        var (session, effects) = live()
        effects.removeAll()
        let old = ControlFrame(verb: .deliver, epoch: 2, sequence: 1, count: 1)
        let dropped = session.hear(old, now: .seconds(1), effects: &effects)
        #expect(dropped == .drop)
        session.lose(now: .seconds(1), random: 0, effects: &effects)
        let late = ControlFrame(verb: .deliver, epoch: 3, sequence: 1, count: 1)
        let afterwards = session.hear(late, now: .seconds(1), effects: &effects)
        #expect(afterwards == .drop)
    }
}
