import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// Well-formed frames in an order no decent client sends: the hub stands, and the others notice nothing.
@Suite("A hostile client", .serialized)
struct HostileClientTests {
    private let good = #"{"subject":"88888001047","sequence":1}"#

    private func hub(limits: (inout HubLimits) -> Void = { _ in }) throws -> HubFixture {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"], limits: limits)
        try hub.start()
        return hub
    }

    private func stands(_ hub: HubFixture) throws {
        let witness = try hub.rawClient("benchConsumer/1")
        try witness.greet()
        try witness.send(.ping, sequence: 5)
        #expect(try witness.awaitFrame(.pong).control.sequence == 5)
        #expect(hub.process?.isRunning == true)
    }

    @Test(
        "The highest and the lowest number there is are gaps, not crashes",
        arguments: [UInt64.max, UInt64.max - 1, 1 << 63, 0])
    func extremes(sequence: UInt64) throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1")
        try client.greet()
        let record = try client.record(
            7, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: sequence, records: [record, record])
        try stands(hub)
    }

    @Test("A client that goes back to an earlier incarnation finds its numbers used up")
    func earlierIncarnation() throws {
        let hub = try hub()
        let first = try hub.rawClient("benchProducer/1")
        try first.greet()
        let record = try first.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try first.send(.pub, sequence: 1, records: [record])
        let original = try first.acknowledgements()
        let second = try hub.rawClient("benchProducer/1")
        #expect(try second.greet().committedSequence == 0)
        #expect(try first.greet().committedSequence == 1)
        try first.send(.pub, sequence: 1, records: [record])
        #expect(try first.acknowledgements() == original)
        // And after a restart, when only the journal knows the earlier life.
        try second.greet()
        try hub.restart()
        var welcome: Welcome?
        try eventually(within: .seconds(20), "welcome again") {
            welcome = try? first.greet()
            return welcome != nil
        }
        #expect(welcome?.committedSequence == 1)
        try stands(hub)
    }

    @Test("A life of the numbering is known past the limit of those kept in memory")
    func manyIncarnations() throws {
        let hub = try hub()
        let first = try hub.rawClient("benchProducer/1")
        try first.greet()
        let record = try first.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try first.send(.pub, sequence: 1, records: [record])
        let original = try first.acknowledgements()
        for _ in 0..<70 {
            let other = try hub.rawClient("benchProducer/1")
            #expect(try other.greet().committedSequence == 0)
        }
        #expect(try first.greet().committedSequence == 1)
        try first.send(.pub, sequence: 1, records: [record])
        #expect(try first.acknowledgements() == original)
    }

    @Test("A client that resumes with a whole window of known numbers gets its credit back")
    func resumedWindow() throws {
        let hub = try hub(limits: { $0.publishCreditMessages = 64 })
        let client = try hub.rawClient("benchProducer/1")
        try client.greet()
        let records = try (1...64).map {
            try client.record(
                UInt64($0), topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        }
        try client.send(.pub, sequence: 1, records: records)
        var answered = 0
        while answered < 64 { answered += try client.acknowledgements().count }
        _ = try client.awaitFrame(.credit)
        try client.greet()
        try client.send(.pub, sequence: 1, records: records)
        answered = 0
        while answered < 64 { answered += try client.acknowledgements().count }
        _ = try client.awaitFrame(.credit)
    }

    @Test("Nothing is taken before WELCOME, so that greeting again renews no window")
    func publishBeforeWelcome() throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1")
        let hello = Hello(
            participant: client.participant, incarnation: client.incarnation,
            journalIncarnation: nil, knownSequence: 0, catalogue: nil, software: "test")
        let record = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.hello, epoch: 0, records: [WireJSON.encode(hello)])
        try client.send(.pub, epoch: 1, sequence: 1, records: [record])
        #expect(try client.faultCode() == "hello-required")
        try stands(hub)
    }

    @Test("routing-id-chosen: a connection that names itself is not spoken to")
    func chosenRoutingID() throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1", routingID: Array("mine".utf8))
        try client.send(.ping, epoch: 1)
        try eventually("the attempt is recorded") {
            let page: RefusalPage = try hub.ask(.refusalList, RefusalQuery(limit: 50))
            return page.refusals.map(\.code).contains("routing-id-chosen")
        }
        #expect(try !client.has(.fault))
        try stands(hub)
    }

    @Test(
        "Operators' questions with impossible positions are answered, not died of",
        arguments: [UInt64.max, 1 << 63, 0])
    func impossiblePositions(position: UInt64) throws {
        let hub = try hub()
        let page: MessagePage = try hub.ask(.messageList, MessageQuery(before: position))
        #expect(page.messages.isEmpty)
        #expect(throws: (any Error).self) {
            let _: MessageDetail = try hub.ask(
                .messageShow, MessageReference(position: position))
        }
        try stands(hub)
    }

    @Test("A damaged views database is made anew; the hub starts and answers")
    func damagedViews() throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1")
        try client.greet()
        let record = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: 1, records: [record])
        _ = try client.acknowledgements()
        hub.process?.kill()
        let garbage = Data(repeating: 0x5A, count: 65_536)
        try garbage.write(to: URL(fileURLWithPath: hub.directory + "/state/views.sqlite"))
        try? FileManager.default.removeItem(atPath: hub.directory + "/state/views.sqlite-wal")
        try hub.restart()
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        #expect(page.messages.map(\.topic) == ["bench.message/v1"])
    }
}
