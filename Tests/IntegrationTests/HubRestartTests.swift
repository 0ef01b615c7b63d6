import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// SIGKILL of a real hub at named points: what was acknowledged stands, nothing is delivered twice over.
@Suite("A killed hub", .serialized)
struct HubRestartTests {
    private func payload(_ person: Int, _ sequence: Int) -> String {
        #"{"subject":"8888800\#(1000 + person)","sequence":\#(sequence)}"#
    }

    private func greetAgain(_ client: RawClient) throws -> Welcome {
        var welcome: Welcome?
        try eventually(within: .seconds(20), "\(client.participant) is welcome again") {
            welcome = try? client.greet()
            return welcome != nil
        }
        guard let welcome else { throw TestFailure("no welcome") }
        return welcome
    }

    @Test(
        "Killed at a named point, the hub keeps what it acknowledged and takes the rest once",
        arguments: ["journal.before-commit:3", "journal.after-commit:3", "hub.before-puback:3"])
    func killPoints(point: String) throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"], killAt: point)
        try hub.start()
        let producer = try hub.rawClient("benchProducer/1")
        try producer.greet()
        let records = try (1...20).map {
            try producer.record(
                UInt64($0), topic: "bench.message/v1", to: "benchConsumer/1",
                payload: payload($0 % 3, $0))
        }
        for (index, record) in records.enumerated() {
            try producer.send(.pub, sequence: UInt64(index + 1), records: [record])
            usleep(20_000)
        }
        #expect(try hub.process?.waitForEnd() == 128 + 9)
        try producer.drain()
        var acknowledged: [UInt64: UInt64] = [:]
        while try producer.has(.puback) {
            for ack in try producer.acknowledgements() { acknowledged[ack.sequence] = ack.position }
        }
        try hub.restart()
        let welcome = try greetAgain(producer)
        #expect(welcome.committedSequence >= acknowledged.keys.max() ?? 0)
        // Everything is sent again: duplicates get the original's position, the rest is new.
        for (index, record) in records.enumerated() {
            try producer.send(.pub, sequence: UInt64(index + 1), records: [record])
        }
        var answered: [UInt64: UInt64] = [:]
        try eventually("every number is answered") {
            while try producer.has(.puback) {
                for ack in try producer.acknowledgements() { answered[ack.sequence] = ack.position }
            }
            return answered.count == 20
        }
        for (sequence, position) in acknowledged { #expect(answered[sequence] == position) }
        let consumer = try hub.rawClient("benchConsumer/1")
        try consumer.greet()
        try consumer.subscribe()
        var seen: [UInt64] = []
        while seen.count < 20 {
            let deliveries = try consumer.deliveries()
            seen += deliveries.map(\.envelope.id.number.sequence)
            if let first = deliveries.first, let last = deliveries.last {
                try consumer.acknowledge(first.sequence...last.sequence)
            }
        }
        #expect(Set(seen).count == 20)
        for person in 0..<3 {
            let order = seen.filter { $0 % 3 == person }
            #expect(order == order.sorted(), "a person's order holds across the kill")
        }
    }

    @Test("What a receiver settled stays settled over a restart, and the backlog waits for it")
    func backlog() throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"])
        try hub.start()
        let producer = try hub.rawClient("benchProducer/1")
        try producer.greet()
        for sequence in 1...30 {
            let record = try producer.record(
                UInt64(sequence), topic: "bench.message/v1", to: "benchConsumer/1",
                payload: payload(sequence, sequence))
            try producer.send(.pub, sequence: UInt64(sequence), records: [record])
        }
        var answered = 0
        while answered < 30 { answered += try producer.acknowledgements().count }
        let consumer = try hub.rawClient("benchConsumer/1")
        try consumer.greet()
        try consumer.subscribe()
        var seen: [UInt64] = []
        while seen.count < 30 {
            let deliveries = try consumer.deliveries()
            for delivery in deliveries where delivery.number <= 10 {
                try consumer.acknowledge(delivery.sequence...delivery.sequence)
            }
            seen += deliveries.map(\.number)
        }
        try eventually("ten are settled") {
            let status: HubStatus = try hub.ask(.status, NoArguments())
            return status.participants.first { $0.participant == "benchConsumer/1" }?.settled == 10
        }
        try hub.restart()
        _ = try greetAgain(consumer)
        try consumer.subscribe()
        var again: [UInt64] = []
        while again.count < 20 { again += try consumer.deliveries().map(\.number) }
        #expect(again.sorted() == Array(11...30))
    }

    @Test("A poison message is parked while other residents' messages flow; retry lets it through")
    func poison() throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"],
            limits: {
                $0.attemptLimit = 2
                $0.backoffInitialMilliseconds = 20
            })
        try hub.start()
        let producer = try hub.rawClient("benchProducer/1")
        let consumer = try hub.rawClient("benchConsumer/1")
        try producer.greet()
        try consumer.greet()
        try consumer.subscribe()
        let people = [1, 1, 2, 3, 2]
        let records = try people.enumerated().map { index, person in
            try producer.record(
                UInt64(index + 1), topic: "bench.message/v1", to: "benchConsumer/1",
                payload: payload(person, index))
        }
        try producer.send(.pub, sequence: 1, records: records)
        var applied: [UInt64] = []
        var refusals = 0
        var poisoned: UInt64 = 0
        while applied.count < 3 || refusals < 2 {
            for delivery in try consumer.deliveries() {
                if delivery.number == 1 {
                    poisoned = delivery.position
                    try consumer.refuse(delivery.sequence, kind: .permanent, reason: "poison")
                    refusals += 1
                } else {
                    try consumer.acknowledge(delivery.sequence...delivery.sequence)
                    applied.append(delivery.number)
                }
            }
        }
        #expect(applied.sorted() == [3, 4, 5], "the other residents' messages flowed")
        var list = DeadLetterList(deadLetters: [])
        try eventually("the dead letter shows") {
            list = try hub.ask(.deadLetterList, DeadLetterQuery())
            return !list.deadLetters.isEmpty
        }
        #expect(list.deadLetters.map(\.position) == [poisoned])
        #expect(list.deadLetters.first?.waitingBehind == 1)
        let detail: DeadLetterDetail = try hub.ask(
            .deadLetterShow, DeadLetterReference(recipient: "benchConsumer/1", position: poisoned))
        #expect(detail.content == "held")
        #expect(detail.maskedPayload?.contains("88888001001") == false)
        // Over a restart the lane stays parked.
        try hub.restart()
        _ = try greetAgain(consumer)
        try consumer.subscribe()
        list = try hub.ask(.deadLetterList, DeadLetterQuery())
        #expect(list.deadLetters.map(\.position) == [poisoned])
        let result: RepairResult = try hub.ask(
            .deadLetterRepair,
            RepairCommand(
                action: .retry, recipient: "benchConsumer/1", position: poisoned, reason: "受信側を修正した"
            ))
        #expect(result.done)
        for expected: UInt64 in [1, 2] {
            let delivery = try consumer.deliveries()
            #expect(delivery.map(\.number) == [expected])
            try consumer.acknowledge(delivery[0].sequence...delivery[0].sequence)
        }
    }

    @Test(
        "replace asks the source, and its superseding message goes out in the dead letter's place")
    func replace() throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"])
        try hub.start()
        let producer = try hub.rawClient("benchProducer/1")
        let consumer = try hub.rawClient("benchConsumer/1")
        for client in [producer, consumer] {
            try client.greet()
            try client.subscribe()
        }
        let records = try (1...2).map {
            try producer.record(
                UInt64($0), topic: "bench.message/v1", to: "benchConsumer/1",
                payload: payload(1, $0))
        }
        try producer.send(.pub, sequence: 1, records: records)
        let poison = try #require(try consumer.deliveries().first)
        try consumer.terminate(poison.sequence, reason: "field-missing")
        try eventually("the dead letter shows") {
            let list: DeadLetterList = try hub.ask(.deadLetterList, DeadLetterQuery())
            return list.deadLetters.map(\.position) == [poison.position]
        }
        let result: RepairResult = try hub.ask(
            .deadLetterRepair,
            RepairCommand(
                action: .replace, recipient: "benchConsumer/1", position: poison.position,
                reason: "項目が足りない"))
        #expect(result.done)
        let request = try #require(try producer.deliveries().first)
        #expect(request.envelope.topic.rawValue == "dead-letter.replacement.request/v1")
        #expect(request.envelope.source.rawValue == "hub")
        #expect(
            String(decoding: request.payload, as: UTF8.self).contains(poison.envelope.id.rawValue))
        try producer.acknowledge(request.sequence...request.sequence)
        let superseding = try producer.record(
            3, topic: "bench.message/v1", to: "benchConsumer/1", payload: payload(1, 3),
            extra: #","causationid":"\#(poison.envelope.id.rawValue)""#)
        try producer.send(.pub, sequence: 3, records: [superseding])
        for number: UInt64 in [3, 2] {
            let delivery = try #require(try consumer.deliveries().first)
            #expect(delivery.number == number)
            try consumer.acknowledge(delivery.sequence...delivery.sequence)
        }
        let list: DeadLetterList = try hub.ask(.deadLetterList, DeadLetterQuery())
        #expect(list.deadLetters.isEmpty)
    }

    @Test("A link withdrawn while a message waits: it is not delivered, and that shows")
    func withdrawnLink() throws {
        let schemas = NSTemporaryDirectory() + "jh-schemas-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.copyItem(atPath: HubFixture.schemas, toPath: schemas)
        defer { try? FileManager.default.removeItem(atPath: schemas) }
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"], schemas: schemas
        )
        try hub.start()
        let producer = try hub.rawClient("benchProducer/1")
        try producer.greet()
        let record = try producer.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: payload(1, 1))
        try producer.send(.pub, sequence: 1, records: [record])
        let position = try #require(try producer.acknowledgements().first).position
        hub.process?.kill()
        let file = schemas + "/catalogue/bench.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let withdrawn = text.replacing(
            #/"to": "benchConsumer",\n(\s*)"zone": "juki-net"/#,
            with: { "\"to\": \"benchProducer\",\n\($0.1)\"zone\": \"juki-net\"" })
        #expect(withdrawn != text)
        try withdrawn.write(toFile: file, atomically: true, encoding: .utf8)
        try hub.restart()
        let consumer = try hub.rawClient("benchConsumer/1")
        _ = try greetAgain(consumer)
        try consumer.subscribe()
        try eventually("the delivery ended as refused") {
            let detail: MessageDetail = try hub.ask(
                .messageShow, MessageReference(position: position))
            return detail.summary.deliveries.map(\.state) == [.deadLetter]
        }
        #expect(try !consumer.has(.deliver))
    }

    @Test("A second hub on the same files is refused with exit 2, the first goes on")
    func secondHub() throws {
        let hub = try HubFixture(zone: "juki-net", participants: ["benchProducer/1"])
        try hub.start()
        let client = try hub.rawClient("benchProducer/1")
        try client.greet()
        let second = try RealProcess(
            "jukihub", ["hub", "--config", hub.directory + "/hub.json"],
            log: hub.directory + "/second.log")
        #expect(try second.waitForEnd() == 2)
        try client.send(.ping, sequence: 1)
        _ = try client.awaitFrame(.pong)
    }

    @Test("A broken schema keeps the hub from starting: file, pointer and reason are named")
    func brokenCatalogue() throws {
        let schemas = NSTemporaryDirectory() + "jh-schemas-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.copyItem(atPath: HubFixture.schemas, toPath: schemas)
        defer { try? FileManager.default.removeItem(atPath: schemas) }
        let file = schemas + "/messages/bench.message/v1.schema.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing("\"pattern\"", with: "\"patern\"")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let hub = try HubFixture(zone: "juki-net", participants: [], schemas: schemas)
        try hub.start()
        #expect(try hub.process?.waitForEnd() == 2)
        #expect(hub.log.contains("bench.message/v1.schema.json"))
        #expect(hub.log.contains("/properties/subject"))
        #expect(hub.log.contains("patern"))
    }

    @Test("SIGTERM ends the hub with a farewell and exit 0")
    func graceful() throws {
        let hub = try HubFixture(zone: "juki-net", participants: ["benchProducer/1"])
        try hub.start()
        let client = try hub.rawClient("benchProducer/1")
        try client.greet()
        hub.process?.send(SIGTERM)
        _ = try client.awaitFrame(.bye)
        #expect(try hub.process?.waitForEnd() == 0)
    }
}
