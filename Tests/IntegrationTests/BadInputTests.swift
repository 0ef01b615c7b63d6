import BusProtocol
import Foundation
import Messaging
import Operations
import Participant
import Platform
import TestSupport
import Testing
import ZeroMQ

/// What bad input gets, against a real hub process: a stable code, a record, and the others notice nothing.
@Suite("What bad input gets", .serialized)
struct BadInputTests {
    private static let parties = [
        "residentRegister", "municipalCS", "integratedAddressee", "officeLinkage",
        "peerMunicipalCS/08221",
        "benchProducer/1", "benchConsumer/1", "integratedTerminal",
    ]

    private func hub(
        _ zone: String = "juki-net", limits: (inout HubLimits) -> Void = { _ in }
    ) throws -> HubFixture {
        let names = Self.parties.filter { name in
            switch name {
            case "integratedAddressee", "officeLinkage": zone == "number-use"
            case "municipalCS", "peerMunicipalCS/08221", "integratedTerminal": zone == "juki-net"
            case _: true
            }
        }
        let hub = try HubFixture(zone: zone, participants: names, limits: limits)
        try hub.start()
        return hub
    }

    private func client(_ hub: HubFixture, _ name: String = "benchProducer/1") throws -> RawClient {
        let client = try hub.rawClient(name)
        try client.greet()
        return client
    }

    private let good = #"{"subject":"88888001047","sequence":1}"#

    private func codes(_ hub: HubFixture) throws -> [String] {
        let page: RefusalPage = try hub.ask(.refusalList, RefusalQuery(limit: 100))
        return page.refusals.map(\.code)
    }

    @Test(
        "R-015: unknown-key: a key nobody registered gets no session, and the attempt is recorded")
    func unknownKey() throws {
        let hub = try hub()
        let stranger = try hub.rawClient("benchProducer/1", key: try CurveKeyPair.generate())
        #expect(throws: TestFailure.self) {
            try stranger.send(.hello, epoch: 0, records: [Array("{}".utf8)])
            _ = try stranger.awaitFrame(.fault, within: .seconds(1))
        }
        try eventually("the attempt is recorded") { try codes(hub).contains("unknown-key") }
    }

    @Test("hello-required: a frame before HELLO")
    func helloRequired() throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1")
        try client.send(.ping, epoch: 1)
        #expect(try client.faultCode() == "hello-required")
    }

    struct BadRecord: Sendable, CustomTestStringConvertible {
        let code: String
        var topic = "bench.message/v1"
        var to = "benchConsumer/1"
        var payload = #"{"subject":"88888001047","sequence":1}"#
        var source: String?
        var organisation = HubFixture.organisation
        var number: UInt64?
        var extra = ""
        var `as` = "benchProducer/1"
        var zone = "juki-net"
        var testDescription: String { "\(code) \(topic) \(to)" }
    }

    static let badRecords: [BadRecord] = [
        .init(code: "source-forged", source: "benchConsumer/1"),
        .init(code: "number-mismatch", number: 7),
        .init(code: "organisation-mismatch", organisation: "082210"),
        .init(code: "type-unknown", topic: "no.such.type/v1"),
        .init(code: "version-unknown", topic: "bench.message/v9"),
        .init(code: "recipient-unknown", to: "nobody"),
        .init(code: "link-not-allowed", to: "municipalCS"),
        .init(code: "envelope-malformed", extra: #","surprise":"x""#),
        .init(code: "payload-malformed", payload: "{"),
        .init(
            code: "payload-malformed",
            payload: #"{"subject":"88888001047","sequence":1,"sequence":2}"#),
        .init(code: "payload-invalid", payload: #"{"subject":"8888800104","sequence":1}"#),
        .init(
            code: "payload-invalid", payload: #"{"subject":"88888001047","sequence":1,"more":1}"#),
        .init(code: "expired", extra: #","expirytime":"2020-01-01T00:00:00.000+09:00""#),
    ]

    @Test(
        "Each refused message gets its code, uses its number up, and the next one goes through",
        arguments: badRecords)
    func refused(bad: BadRecord) throws {
        let hub = try hub(bad.zone)
        let client = try client(hub, bad.as)
        let first = try client.record(
            1, topic: bad.topic, to: bad.to, payload: bad.payload, source: bad.source,
            organisation: bad.organisation, number: bad.number, extra: bad.extra)
        let second = try client.record(
            2, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: 1, records: [first, second])
        let refusal = try client.refusal()
        #expect(refusal.code == bad.code)
        #expect(refusal.sequence == 1)
        #expect(!refusal.hint.isEmpty)
        #expect(try client.acknowledgements().map(\.sequence) == [2])
        #expect(try codes(hub).contains(bad.code))
    }

    @Test("R-003: link-forbidden: a forbidden link is refused by its X number")
    func forbidden() throws {
        let hub = try HubFixture(
            zone: "juki-net",
            participants: ["peerMunicipalCS/08221", "municipalCS", "residentRegister"])
        try hub.start()
        let client = try client(hub, "peerMunicipalCS/08221")
        let record = try client.record(
            1, topic: "identity.update.request/v3", to: "municipalCS", payload: "{}")
        try client.send(.pub, sequence: 1, records: [record])
        let refusal = try client.refusal()
        #expect(refusal.code == "link-forbidden")
        #expect(refusal.text.contains("X-03"))
    }

    @Test("R-020: individual-number-present: a valid 個人番号 hidden by escapes in a notice is found")
    func individualNumber() throws {
        let hub = try hub()
        let client = try client(hub, "peerMunicipalCS/08221")
        let schema = try example("move-in-notice.deliver", 1)
        let hidden = schema.replacing(
            #/"currentAddress"\s*:\s*"[^"]*"/#, with: #""currentAddress":"\u0039999 9900-1049""#)
        #expect(hidden != schema, "the example has an address")
        let record = try client.record(
            1, topic: "move-in-notice.deliver/v1", to: "municipalCS", payload: hidden,
            extra: #","step":"C6""#)
        try client.send(.pub, sequence: 1, records: [record])
        #expect(try client.refusal().code == "individual-number-present")
    }

    private func example(_ type: String, _ major: Int) throws -> String {
        let path = HubFixture.schemas + "/messages/\(type)/v\(major).schema.json"
        let object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
            as? [String: Any]
        let examples = object?["examples"] as? [Any]
        let data = try JSONSerialization.data(withJSONObject: examples?.first ?? [:])
        return String(decoding: data, as: UTF8.self)
    }

    @Test("message-too-large: one above the limit")
    func tooLarge() throws {
        let hub = try hub(limits: { $0.maxMessageBytes = 8192 })
        let client = try client(hub)
        let filler = String(repeating: "x", count: 9000)
        let record = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1",
            payload: #"{"subject":"88888001047","sequence":1,"filler":"\#(filler)"}"#)
        try client.send(.pub, sequence: 1, records: [record])
        #expect(try client.refusal().code == "message-too-large")
    }

    @Test("sequence-gap: a skipped number is refused and used up by nobody")
    func gap() throws {
        let hub = try hub()
        let client = try client(hub)
        let third = try client.record(
            3, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: 3, records: [third])
        #expect(try client.refusal().code == "sequence-gap")
        let first = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: 1, records: [first])
        #expect(try client.acknowledgements().map(\.sequence) == [1])
    }

    @Test(
        "A duplicate gets the original's position; other content under its number is sequence-reused"
    )
    func duplicates() throws {
        let hub = try hub()
        let client = try client(hub)
        let record = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try client.send(.pub, sequence: 1, records: [record])
        let original = try client.acknowledgements()
        try client.send(.pub, sequence: 1, records: [record])
        #expect(try client.acknowledgements() == original)
        let other = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1",
            payload: #"{"subject":"88888001047","sequence":2}"#)
        try client.send(.pub, sequence: 1, records: [other])
        #expect(try client.refusal().code == "sequence-reused")
    }

    @Test("A refusal is answered again to its duplicate, after a restart of the hub too")
    func refusedDuplicates() throws {
        let hub = try hub()
        let client = try client(hub)
        let bad = try client.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: "{}")
        try client.send(.pub, sequence: 1, records: [bad])
        #expect(try client.refusal().code == "payload-invalid")
        try hub.restart()
        var isBack = false
        try eventually(within: .seconds(20), "the hub is back") {
            isBack = (try? client.greet()) != nil
            return isBack
        }
        try client.send(.pub, sequence: 1, records: [bad])
        #expect(try client.refusal().code == "payload-invalid")
    }

    @Test("stale-epoch: frames of an older session are refused, the newest wins")
    func staleEpoch() throws {
        let hub = try hub()
        let client = try client(hub)
        let old = client.epoch
        try client.greet()
        #expect(client.epoch > old)
        try client.send(.ping, epoch: old, sequence: 1)
        #expect(try client.faultCode() == "stale-epoch")
        try client.send(.ping, sequence: 2)
        #expect(try client.awaitFrame(.pong).control.sequence == 2)
    }

    @Test("superseded: a second connection with the same key ends the first one's session")
    func superseded() throws {
        let hub = try hub()
        let first = try client(hub)
        _ = try client(hub)
        #expect(try first.faultCode() == "superseded")
        try first.send(.ping, sequence: 1)
        #expect(try first.faultCode() == "hello-required")
    }

    @Test(
        "frame-malformed and its kin: garbage, half a multipart, a third frame, an unknown verb or version",
        arguments: [
            ([[1, 2, 3]], "frame-malformed"),
            ([[UInt8](repeating: 0xFF, count: 24), []], "unsupported-version"),
            ([[1, 99] + [UInt8](repeating: 0, count: 22), []], "unknown-verb"),
            ([[1, 13] + [UInt8](repeating: 0, count: 22), [], []], "frame-malformed"),
            ([[1, 13] + [UInt8](repeating: 0, count: 22)], "frame-malformed"),
        ] as [([[UInt8]], String)])
    func garbage(parts: [[UInt8]], code: String) throws {
        let hub = try hub()
        let good = try client(hub, "benchConsumer/1")
        let bad = try client(hub)
        try bad.send(parts)
        #expect(try bad.faultCode() == code)
        try good.send(.ping, sequence: 9)
        #expect(try good.awaitFrame(.pong).control.sequence == 9)
        #expect(try codes(hub).contains(code))
    }

    @Test("credit-exceeded: who publishes more than was granted is cut off")
    func creditExceeded() throws {
        let hub = try hub(limits: {
            $0.publishCreditMessages = 4
            $0.maxMessageBytes = 4096
        })
        let client = try client(hub)
        let records = try (1...10).map {
            try client.record($0, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        }
        try client.send(.pub, sequence: 1, records: records)
        #expect(try client.faultCode() == "credit-exceeded")
    }

    @Test(
        "delivery-unanswered: who never acknowledges is cut off, and its messages are delivered again"
    )
    func neverAcknowledges() throws {
        let hub = try hub(limits: { $0.ackDeadlineMilliseconds = 300 })
        let producer = try client(hub)
        let lazy = try client(hub, "benchConsumer/1")
        try lazy.subscribe()
        let record = try producer.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try producer.send(.pub, sequence: 1, records: [record])
        #expect(try lazy.deliveries().count == 1)
        #expect(try lazy.faultCode() == "delivery-unanswered")
        try lazy.greet()
        try lazy.subscribe()
        #expect(try lazy.deliveries().first?.attempt == 2)
    }

    @Test("A consumer that never reads is cut off at its credit, while others are served")
    func neverReads() throws {
        let hub = try hub()
        let producer = try client(hub)
        let sleeper = try client(hub, "benchConsumer/1")
        try sleeper.subscribe(messages: 8, bytes: 100_000)
        let records = try (1...60).map {
            try producer.record(
                $0, topic: "bench.message/v1", to: "benchConsumer/1",
                payload: #"{"subject":"8888800\#(1000 + $0)","sequence":1}"#)
        }
        try producer.send(.pub, sequence: 1, records: records)
        _ = try producer.acknowledgements()
        let status: HubStatus = try hub.ask(.status, NoArguments())
        let consumer = status.participants.first { $0.participant == "benchConsumer/1" }
        #expect(consumer?.inFlight == 8)
    }

    @Test("R-070: operator-missing, terminal-missing and step-not-on-link on a human's command")
    func operatorRequired() throws {
        let hub = try hub()
        let client = try client(hub, "integratedTerminal")
        let payload = try example("identity.verify.request", 1)
        let cases: [(String, String)] = [
            (#","step":"A1-03""#, "step-not-on-link"),
            (#","step":"B2-02""#, "operator-missing"),
            (#","step":"B2-02","operator":"sato""#, "terminal-missing"),
        ]
        for (index, item) in cases.enumerated() {
            let record = try client.record(
                UInt64(index + 1), topic: "identity.verify.request/v1", to: "municipalCS",
                payload: payload, extra: item.0)
            try client.send(.pub, sequence: UInt64(index + 1), records: [record])
            #expect(try client.refusal().code == item.1)
        }
    }

    @Test("catalogue-mismatch: a client of another catalogue is refused and recorded")
    func catalogueMismatch() throws {
        let hub = try hub()
        let client = try hub.rawClient("benchProducer/1")
        #expect(throws: (any Error).self) { try client.greet(catalogue: "00") }
        #expect(try client.faultCode() == "catalogue-mismatch")
        #expect(try codes(hub).contains("catalogue-mismatch"))
    }

    @Test("journal-rolled-back: a client that knows more than the hub has is told so")
    func rolledBack() throws {
        let hub = try hub()
        let client = try client(hub)
        let journal = client.welcome?.journalIncarnation
        let hello = Hello(
            participant: client.participant, incarnation: client.incarnation,
            journalIncarnation: journal, knownSequence: 5, catalogue: nil, software: "test")
        try client.send(.hello, epoch: 0, records: [WireJSON.encode(hello)])
        #expect(try client.faultCode() == "journal-rolled-back")
    }

    @Test("operator-required: a participant cannot ask what operators ask")
    func operatorRequiredForQueries() throws {
        let hub = try hub()
        let client = try client(hub)
        try client.send(
            .request, sequence: 1,
            records: [Array(#"{"operation":"hub.status","arguments":{}}"#.utf8)])
        let reply = try client.awaitFrame(.reply)
        #expect(String(decoding: reply.body, as: UTF8.self).contains("operator-required"))
    }

    @Test("R-071: legal-basis-missing and legal-basis-not-on-link where data is provided")
    func legalBasis() throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["municipalCS", "prefecturalServer"])
        try hub.start()
        let client = try client(hub, "municipalCS")
        let payload = try example("identity.update.notice", 3)
        let cases: [(String, String?)] = [
            (#","step":"A1-04""#, "legal-basis-missing"),
            (#","step":"A1-04","legalbasis":"juki-law-14""#, "legal-basis-not-on-link"),
            (#","step":"A1-04","legalbasis":"juki-law-30-6""#, nil),
        ]
        for (index, item) in cases.enumerated() {
            let number = UInt64(index + 1)
            let record = try client.record(
                number, topic: "identity.update.notice/v3", to: "prefecturalServer",
                payload: payload, extra: item.0)
            try client.send(.pub, sequence: number, records: [record])
            if let code = item.1 {
                #expect(try client.refusal().code == code)
            } else {
                #expect(try client.acknowledgements().map(\.sequence) == [number])
            }
        }
    }

    @Test("receiver-held-full: past its limit behind held lanes a receiver gets no more")
    func heldFull() throws {
        let hub = try hub(limits: { $0.heldMessages = 1 })
        let producer = try client(hub)
        let consumer = try client(hub, "benchConsumer/1")
        try consumer.subscribe()
        func publish(_ number: UInt64) throws {
            let record = try producer.record(
                number, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
            try producer.send(.pub, sequence: number, records: [record])
        }
        try publish(1)
        let poison = try #require(try consumer.deliveries().first)
        try consumer.terminate(poison.sequence, reason: "poison")
        try eventually("it is held") {
            let list: DeadLetterList = try hub.ask(.deadLetterList, DeadLetterQuery())
            return !list.deadLetters.isEmpty
        }
        try publish(2)
        #expect(try producer.refusal().code == "receiver-held-full")
    }

    @Test("hub-full: at the disk's watermark nothing new is taken, everything else goes on")
    func hubFull() throws {
        let hub = try hub(limits: { $0.diskFreeRefuseBytes = 1 << 50 })
        let producer = try client(hub)
        try eventually("the watermark is noticed") {
            let status: HubStatus = try hub.ask(.status, NoArguments())
            return !status.acceptsMessages
        }
        let record = try producer.record(
            1, topic: "bench.message/v1", to: "benchConsumer/1", payload: good)
        try producer.send(.pub, sequence: 1, records: [record])
        #expect(try producer.faultCode() == "hub-full")
        try producer.send(.ping, sequence: 3)
        #expect(try producer.awaitFrame(.pong).control.sequence == 3)
    }

    @Test("session-limit: a hub at its limit of sessions says so")
    func sessionLimit() throws {
        let hub = try hub(limits: { $0.maxSessions = 1 })
        _ = try client(hub)
        let late = try hub.rawClient("benchConsumer/1")
        #expect(throws: (any Error).self) { try late.greet() }
        #expect(try late.faultCode() == "session-limit")
    }

    @Test("too-many-records: a frame of more than 64")
    func tooManyRecords() throws {
        let hub = try hub()
        let client = try client(hub)
        let control = ControlFrame(verb: .pub, epoch: client.epoch, sequence: 1, count: 100)
        try client.send([control.encoded(), []])
        #expect(try client.faultCode() == "too-many-records")
    }

    @Test("follow-up-required: a legal notice is not skipped without saying what is done instead")
    func followUp() throws {
        let hub = try HubFixture(
            zone: "juki-net", participants: ["municipalCS", "prefecturalServer"])
        try hub.start()
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe()
        let record = try sender.record(
            1, topic: "identity.update.notice/v3", to: "prefecturalServer",
            payload: try example("identity.update.notice", 3),
            extra: #","step":"A1-04","legalbasis":"juki-law-30-6""#)
        try sender.send(.pub, sequence: 1, records: [record])
        let notice = try #require(try receiver.deliveries().first)
        try receiver.terminate(notice.sequence, reason: "field-missing")
        try eventually("it is a dead letter") {
            let list: DeadLetterList = try hub.ask(.deadLetterList, DeadLetterQuery())
            return !list.deadLetters.isEmpty
        }
        func skip(_ followUp: String?) throws -> RepairResult {
            try hub.ask(
                .deadLetterRepair,
                RepairCommand(
                    action: .skip, recipient: "prefecturalServer", position: notice.position,
                    reason: "様式の誤り", followUp: followUp))
        }
        #expect(throws: OperatorReply.Failure.self) { try skip(nil) }
        #expect(throws: OperatorReply.Failure.self) { try skip("999999001049 を手渡し") }
        #expect(try skip("書面で通知した").done)
    }
}
