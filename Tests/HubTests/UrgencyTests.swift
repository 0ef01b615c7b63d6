import Hub
import Journal
import Messaging
import Testing

@Suite("Queries among batches")
struct UrgencyTests {
    @Test("A query overtakes the batch that waits for the same receiver")
    func overtakes() {
        var bench = SubscriptionBench()
        for lane in 1...500 { bench.commit(lane: Int64(lane), count: 1) }
        bench.commit(lanes: .one(LaneID(9001)), isUrgent: true)
        #expect(bench.deliverOne() == 501)
        #expect(bench.deliverOne() == 1)
    }

    @Test("A query about somebody whose earlier message is under way waits for that one")
    func keepsLanes() {
        var bench = SubscriptionBench()
        bench.commit(lane: 7, count: 2)
        bench.commit(lanes: .one(LaneID(7)), isUrgent: true)
        bench.commit(lane: 8, count: 1)
        #expect(bench.deliver() == [1, 4])
        bench.accept(1)
        #expect(bench.deliver() == [2])
        bench.accept(2)
        #expect(bench.deliver() == [3])
        #expect(bench.violations.isEmpty)
    }

    @Test("B2 among a flood of B6 chunks longer than the window is the next to go out")
    func overtakesTheBacklog() {
        var bench = SubscriptionBench(limits: DeliveryLimits(windowMessages: 16))
        for lane in 1...300 { bench.commit(lane: Int64(lane), count: 1) }
        var out: [UInt64] = []
        for _ in 0..<8 { if let next = bench.deliverOne() { out.append(next) } }
        bench.commit(lanes: .one(LaneID(9001)), isUrgent: true)
        #expect(bench.deliverOne() == 301, "not behind 292 others")
        // Somebody whose earlier message waits unread keeps the order.
        bench.commit(lanes: .one(LaneID(250)), isUrgent: true)
        #expect(bench.deliverOne() == 9)
        bench.accept(301)
        for position in out + [9] { bench.accept(position) }
        while true {
            let more = bench.deliver()
            if more.isEmpty { break }
            #expect(!more.contains(301), "it went out once")
            out += more
            for position in more { bench.accept(position) }
        }
        #expect(Set(out).union([9, 301]) == Set(1...302))
        #expect(bench.violations.isEmpty)
        #expect(bench.subscription.floor == 302)
    }

    @Test("What went before the backlog, settled or not, is neither lost nor repeated by a restart")
    func overtakenOverRestart() {
        for isSettled in [false, true] {
            var bench = SubscriptionBench(limits: DeliveryLimits(windowMessages: 8))
            for lane in 1...50 { bench.commit(lane: Int64(lane), count: 1) }
            bench.commit(lanes: .one(LaneID(9001)), isUrgent: true)
            #expect(bench.deliverOne() == 51)
            if isSettled { bench.accept(51) }
            bench.restart()
            bench.passTime(.seconds(1))
            var out: [UInt64] = []
            while true {
                let more = bench.deliver()
                if more.isEmpty { break }
                out += more
                for position in more { bench.accept(position) }
            }
            #expect(out.sorted() == Array(isSettled ? 1...50 : 1...51))
            #expect(bench.violations.isEmpty)
        }
    }

    @Test("A flood of queries does not starve the rest")
    func fairness() {
        var bench = SubscriptionBench(
            limits: {
                var limits = DeliveryLimits()
                limits.urgentRun = 3
                return limits
            }())
        bench.commit(lane: 1, count: 1)
        for lane in 100..<110 { bench.commit(lanes: .one(LaneID(Int64(lane))), isUrgent: true) }
        #expect((0..<5).compactMap { _ in bench.deliverOne() } == [2, 3, 4, 1, 5])
    }

    @Test("What expires while nothing is offered ends visibly, and its lane goes on")
    func expiresWhileClosed() {
        var bench = SubscriptionBench()
        bench.commit(lane: 1, count: 1, expiresIn: .seconds(60))
        bench.commit(lane: 1, count: 1)
        #expect(bench.expireReady().isEmpty)
        bench.now = bench.now + .seconds(61)
        #expect(bench.expireReady() == [1])
        #expect(bench.deliver(checksOrder: false) == [2])
    }
}
