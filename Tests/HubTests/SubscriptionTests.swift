import Hub
import Journal
import Messaging
import Testing

@Suite("One receiver's subscription")
struct SubscriptionTests {
    @Test("R-053: A person's messages go out one after another, other persons' at once")
    func lanesKeepOrder() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 2)
        bench.commit(lane: 2, count: 1)
        #expect(bench.deliver() == [1, 3])
        bench.accept(1)
        #expect(bench.deliver() == [2])
    }

    @Test("A poison message parks its lane at the attempt limit while other residents flow")
    func poisonParksItsLaneOnly() {
        var bench = SubscriptionBench(limits: DeliveryLimits(attemptLimit: 3))
        bench.commit(lane: 1, count: 2)
        bench.commit(lane: 2, count: 1)
        _ = bench.deliver()
        bench.refuse(1, isPermanent: true)
        bench.accept(3)
        for _ in 0..<2 {
            bench.passTime(.seconds(60))
            #expect(bench.deliver() == [1])
            bench.refuse(1, isPermanent: true)
        }
        bench.commit(lane: 2, count: 1)
        bench.passTime(.seconds(600))
        #expect(bench.deliver() == [4])
        #expect(bench.subscription.parkedCount == 1)
        #expect(bench.deadLetters.map(\.position.rawValue) == [1])
    }

    @Test("The floor passes a held lane, whose messages have rows of their own")
    func floorPassesHeldLanes() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 3)
        bench.commit(lane: 2, count: 1)
        _ = bench.deliver()
        bench.terminate(1)
        bench.accept(4)
        #expect(bench.subscription.floor == 4)
        #expect(bench.exceptionRows.keys.sorted() == [1, 2, 3])
    }

    @Test("A transient refusal never counts, and a run of them pauses the subscription")
    func transientsPause() {
        var bench = SubscriptionBench(
            limits: DeliveryLimits(attemptLimit: 2, transientPauseAfter: 3))
        for lane in 1...4 { bench.commit(lane: Int64(lane), count: 1) }
        #expect(bench.deliver() == [1, 2, 3, 4])
        for position: UInt64 in 1...3 { bench.refuse(position, isPermanent: false) }
        #expect(bench.subscription.pausedUntil != nil)
        bench.commit(lane: 9, count: 1)
        #expect(bench.deliver() == [])
        bench.passTime(.seconds(60))
        #expect(Set(bench.deliver()) == [1, 2, 3, 5])
        #expect(bench.deadLetters.isEmpty)
    }

    @Test("What was in flight when a session was lost travels alone, and fails after three losses")
    func suspectsTravelAlone() {
        var bench = SubscriptionBench(limits: DeliveryLimits(attemptLimit: 1, suspectLimit: 3))
        for lane in 1...3 { bench.commit(lane: Int64(lane), count: 1) }
        #expect(bench.deliver() == [1, 2, 3])
        bench.loseSession()
        #expect(bench.deliver() == [1])
        bench.accept(1)
        #expect(bench.deliver() == [2])
        bench.loseSession()
        #expect(bench.deliver() == [2])
        bench.loseSession()
        #expect(bench.deadLetters.map(\.position.rawValue) == [2])
        #expect(bench.deliver() == [3])
    }

    @Test("A graceful farewell makes nobody suspect")
    func farewell() {
        var bench = SubscriptionBench()
        for lane in 1...3 { bench.commit(lane: Int64(lane), count: 1) }
        _ = bench.deliver()
        bench.loseSession(isSuspicious: false)
        #expect(bench.deliver() == [1, 2, 3])
    }

    @Test("A message in two lanes waits for both, and holds both")
    func joinedLanes() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1)
        bench.commit(lane: 2, count: 1)
        bench.commit(lanes: .many([LaneID(1), LaneID(2)]))
        bench.commit(lane: 2, count: 1)
        #expect(bench.deliver() == [1, 2])
        bench.accept(1)
        #expect(bench.deliver() == [])
        bench.accept(2)
        #expect(bench.deliver() == [3])
        bench.accept(3)
        #expect(bench.deliver() == [4])
    }

    @Test("A message in two lanes behind a parked one is held in both")
    func joinedLanesBehindAParkedOne() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1)
        bench.commit(lane: 2, count: 1)
        _ = bench.deliver()
        bench.terminate(1)
        bench.commit(lanes: .many([LaneID(1), LaneID(2)]))
        bench.commit(lane: 2, count: 1)
        bench.accept(2)
        #expect(bench.deliver() == [])
        bench.repair(1, .skipped)
        #expect(bench.deliver() == [3])
        bench.accept(3)
        #expect(bench.deliver() == [4])
    }

    @Test("Retry delivers the dead letter again, then what waited behind it, in order")
    func retry() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 3)
        _ = bench.deliver()
        bench.terminate(1)
        bench.repair(1, .retried)
        for position: UInt64 in 1...3 {
            #expect(bench.deliver() == [position])
            bench.accept(position)
        }
        #expect(bench.subscription.held.isEmpty)
        #expect(bench.exceptionRows.isEmpty)
    }

    @Test(
        "A superseding message takes the dead letter's place, before what already waited, over a restart too"
    )
    func superseding() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 2)
        _ = bench.deliver()
        bench.terminate(1)
        bench.repair(1, .replaced)
        #expect(bench.subscription.parkedCount == 1, "the lane stays parked until it comes")
        bench.commit(lane: 1, count: 1)
        let done = bench.supersede(1, by: 3)
        #expect(done)
        bench.restart()
        bench.passTime(.seconds(1))
        for position: UInt64 in [3, 2] {
            #expect(bench.deliver(checksOrder: false) == [position])
            bench.accept(position)
        }
        #expect(bench.exceptionRows.isEmpty)
    }

    @Test("A message past its expiry is never delivered and ends visibly")
    func expiry() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1, expiresIn: .seconds(5))
        bench.passTime(.seconds(6))
        #expect(bench.deliver() == [])
        #expect(bench.outcomes[1] == .expired)
    }

    @Test("What expires behind a parked lane ends visibly too")
    func expiryBehindAParkedLane() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1)
        bench.commit(lane: 1, count: 1, expiresIn: .seconds(5))
        _ = bench.deliver()
        bench.terminate(1)
        bench.passTime(.seconds(6))
        #expect(bench.outcomes[2] == .expired)
        #expect(bench.exceptionRows.keys.sorted() == [1])
    }

    @Test("A restart goes on from floor, settled ranges and exceptions alone")
    func restart() {
        var bench = SubscriptionBench()
        for lane in 1...4 { bench.commit(lane: Int64(lane), count: 1) }
        bench.commit(lane: 1, count: 1)
        _ = bench.deliver()
        bench.accept(2)
        bench.terminate(1)
        bench.accept(4)
        bench.restart()
        #expect(bench.deliver() == [3])
        #expect(bench.subscription.parkedCount == 1)
        bench.repair(1, .skipped)
        #expect(bench.deliver() == [5])
    }

    @Test("A message that the backlog brought before its own receipt is taken once")
    func backlogBeforeReceipt() {
        var bench = SubscriptionBench()
        bench.isAttached = false
        bench.commit(lane: 1, count: 1)
        bench.isAttached = true
        bench.subscription.attached()
        bench.receiptComesLate(lane: 2)
        #expect(bench.deliver() == [1, 2])
        #expect(bench.violations == [])
    }

    @Test("An unasked message that names a dead letter as its cause does not replace it")
    func unaskedReplacement() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1)
        _ = bench.deliver()
        bench.terminate(1)
        bench.commit(lane: 1, count: 1)
        let done = bench.supersede(1, by: 2)
        #expect(!done)
        #expect(bench.subscription.parkedCount == 1)
    }

    @Test("Random schedules keep order, settle each message once and lose none", arguments: 0..<200)
    func randomSchedules(seed: UInt64) {
        var bench = SubscriptionBench(
            limits: DeliveryLimits(windowMessages: 8, attemptLimit: 3), seed: seed)
        for _ in 0..<400 { bench.step() }
        bench.drain()
        #expect(bench.violations == [])
        #expect(bench.outcomes.count == Int(bench.lastPosition))
        #expect(bench.subscription.floor == bench.lastPosition)
        #expect(bench.exceptionRows.isEmpty)
    }
}
