import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing

/// Participants of different versions in one run, against a real hub process (版の併存; catalogue 5).
@Suite("Participants of different versions", .serialized)
struct VersionTests {
    private typealias JSON = [String: Any]
    private static let notice = "identity.update.notice"
    private static let basis = #","step":"A1-04","legalbasis":"juki-law-30-6""#

    private func hub(
        _ zone: String = "juki-net", participants: [String],
        acceptsLossy: [String: [String]] = [:]
    ) throws -> HubFixture {
        let hub = try HubFixture(
            zone: zone, participants: participants,
            configure: {
                $0.acceptsLossy = acceptsLossy
            })
        try hub.start()
        return hub
    }

    private func client(_ hub: HubFixture, _ name: String) throws -> RawClient {
        let client = try hub.rawClient(name)
        try client.greet()
        return client
    }

    private func object(_ bytes: [UInt8]) throws -> JSON {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? JSON)
    }

    /// A notice about one person, in one version; `furigana` is v3's certified 振り仮名.
    private func notice(
        _ code: String, major: Int, furigana: Bool = false, number: Int
    ) throws -> String {
        var payload = try object(Array(HubFixture.example(Self.notice, major).utf8))
        payload["juminhyoCode"] = code
        payload["address"] = "水戸市\(number)番地"
        payload["nameFurigana"] =
            furigana ? ["value": "さとう　じろう", "certified": true] as JSON : nil
        let data = try JSONSerialization.data(withJSONObject: payload)
        return String(decoding: data, as: UTF8.self)
    }

    private func publish(
        _ sender: RawClient, _ number: UInt64, major: Int, _ payload: String
    ) throws {
        let record = try sender.record(
            number, topic: "\(Self.notice)/v\(major)", to: "prefecturalServer", payload: payload,
            extra: Self.basis)
        try sender.send(.pub, sequence: number, records: [record])
    }

    private func deadLetters(_ hub: HubFixture) throws -> [DeadLetterSummary] {
        let list: DeadLetterList = try hub.ask(.deadLetterList, DeadLetterQuery())
        return list.deadLetters
    }

    @Test("A v1 receiver and a v2 receiver of one message each get their own version")
    func sideBySide() throws {
        let receivers = ["integratedAddressee", "officeLinkage"]
        let hub = try hub("number-use", participants: ["residentRegister"] + receivers)
        let register = try client(hub, "residentRegister")
        let newest = try client(hub, receivers[0])
        try newest.subscribe()
        let older = try client(hub, receivers[1])
        try older.subscribe(majors: ["resident.sync": 1])
        var payload = try object(Array(HubFixture.example("resident.sync", 2).utf8))
        payload["nameKana"] = ["value": "サトウ　ジロウ", "certified": false] as JSON
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: payload), as: UTF8.self)
        let record = try register.record(
            1, topic: "resident.sync/v2", to: receivers.joined(separator: ","), payload: text,
            extra: #","step":"A1-11""#)
        try register.send(.pub, sequence: 1, records: [record])
        let asSent = try #require(try newest.deliveries().first)
        #expect(asSent.envelope.topic.rawValue == "resident.sync/v2")
        #expect(asSent.envelope.convertedFrom == nil)
        #expect(asSent.payload == Array(text.utf8), "what matches is not touched")
        let converted = try #require(try older.deliveries().first)
        #expect(converted.envelope.topic.rawValue == "resident.sync/v1")
        #expect(converted.envelope.convertedFrom?.rawValue == "resident.sync/v2")
        #expect(converted.envelope.id == asSent.envelope.id)
        #expect(try object(converted.payload)["nameKana"] as? String == "サトウ　ジロウ")
        // Evidence stays on the original.
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        #expect(page.messages.map(\.topic) == ["resident.sync/v2"])
    }

    @Test("An older sender's message reaches a receiver of the newest version in that version")
    func upwards() throws {
        let hub = try hub(participants: ["municipalCS", "prefecturalServer"])
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe()
        try publish(sender, 1, major: 1, try notice("88888001047", major: 1, number: 1))
        let delivered = try #require(try receiver.deliveries().first)
        #expect(delivered.envelope.topic.major == 3)
        #expect(delivered.envelope.convertedFrom?.major == 1)
    }

    @Test(
        "What would be lost parks that person's lane with its places; the upgraded receiver gets it by retry"
    )
    func loss() throws {
        let hub = try hub(participants: ["municipalCS", "prefecturalServer"])
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe(majors: [Self.notice: 1])
        let person = "88888001047"
        try publish(
            sender, 1, major: 3, try notice(person, major: 3, furigana: true, number: 1))
        try publish(sender, 2, major: 3, try notice(person, major: 3, number: 2))
        try publish(sender, 3, major: 3, try notice("88888001055", major: 3, number: 3))
        let other = try receiver.deliveries()
        #expect(other.map(\.number) == [3], "nobody else waits")
        #expect(other.first?.envelope.topic.major == 1)
        try receiver.acknowledge(1...1)
        try eventually("it is parked") { try !deadLetters(hub).isEmpty }
        let letter = try #require(try deadLetters(hub).first)
        #expect(letter.code == "conversion-would-lose")
        #expect(letter.pointers == ["/nameFurigana"])
        #expect(letter.waitingBehind == 1)
        #expect(letter.topic == "\(Self.notice)/v3")
        let lanes: LaneList = try hub.ask(.laneList, LaneQuery())
        #expect(lanes.lanes.map(\.code) == ["conversion-would-lose"])
        #expect(!hub.log.contains("さとう"))

        // The receiver comes back in the newest version; an operator lets it go.
        try receiver.greet()
        try receiver.subscribe()
        let result: RepairResult = try hub.ask(
            .deadLetterRepair,
            RepairCommand(
                action: .retry, recipient: letter.recipient, position: letter.position,
                reason: "受信側を第3版に更新"))
        #expect(result.done)
        let first = try #require(try receiver.deliveries().first)
        #expect(first.number == 1 && first.envelope.topic.major == 3)
        #expect(first.envelope.convertedFrom == nil)
        try receiver.acknowledge(1...1)
        #expect(try receiver.deliveries().map(\.number) == [2], "in order")
    }

    @Test(
        "A receiver registered as accepting the loss gets the rest, and the loss is on record without values"
    )
    func acceptedLoss() throws {
        let hub = try hub(
            participants: ["municipalCS", "prefecturalServer"],
            acceptsLossy: ["prefecturalServer": [Self.notice]])
        let sender = try client(hub, "municipalCS")
        let receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe(majors: [Self.notice: 2])
        try publish(
            sender, 1, major: 3, try notice("88888001047", major: 3, furigana: true, number: 1))
        let delivered = try #require(try receiver.deliveries().first)
        #expect(delivered.envelope.topic.major == 2)
        #expect(try object(delivered.payload)["nameFurigana"] == nil)
        let status: HubStatus = try hub.ask(.status, NoArguments())
        #expect(status.counts.converted == 1 && status.counts.lossyConversions == 1)
        #expect(hub.log.contains("conversion.lost") && hub.log.contains("/nameFurigana"))
        #expect(!hub.log.contains("さとう"))
    }

    @Test(
        "One receiver is upgraded while messages are in flight: nothing is lost, nothing twice, order kept"
    )
    func upgradeInFlight() throws {
        let hub = try hub(participants: ["municipalCS", "prefecturalServer"])
        let sender = try client(hub, "municipalCS")
        var receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe(messages: 8, majors: [Self.notice: 1])
        let people = ["88888001047", "88888001055", "88888001063", "88888001071"]
        let count = 60
        for number in 1...count {
            let major = [1, 2, 3][number % 3]
            try publish(
                sender, UInt64(number), major: major,
                try notice(people[number % people.count], major: major, number: number))
        }
        var applied: [UInt64: RawClient.Delivered] = [:]
        var order: [String: [UInt64]] = [:]
        func take(_ deliveries: [RawClient.Delivered], major: Int) throws {
            for delivery in deliveries {
                #expect(delivery.envelope.topic.major == major)
                // The inbox: what was applied is not applied again.
                guard applied[delivery.number] == nil else { continue }
                applied[delivery.number] = delivery
                let code = try #require(try object(delivery.payload)["juminhyoCode"] as? String)
                order[code, default: []].append(delivery.number)
            }
        }
        // Some are acknowledged, some applied and never acknowledged, some under way.
        var sequence: UInt64 = 0
        while applied.count < count / 3 {
            let deliveries = try receiver.deliveries()
            try take(deliveries, major: 1)
            sequence = deliveries.last?.sequence ?? sequence
            if applied.count < count / 4 {
                try receiver.acknowledge((deliveries.first?.sequence ?? 1)...sequence)
                try receiver.grant(messages: UInt32(deliveries.count))
            } else {
                break
            }
        }
        receiver = try client(hub, "prefecturalServer")
        try receiver.subscribe()
        while applied.count < count {
            let deliveries = try receiver.deliveries()
            try take(deliveries, major: 3)
            if let first = deliveries.first?.sequence, let last = deliveries.last?.sequence {
                try receiver.acknowledge(first...last)
            }
        }
        #expect(applied.count == count)
        for (person, numbers) in order { #expect(numbers == numbers.sorted(), "\(person)") }
        let status: HubStatus = try hub.ask(.status, NoArguments())
        #expect(status.participants.allSatisfy { $0.deadLetters == 0 })
    }

    @Test("version-unknown: a version the catalogue has not cannot be subscribed to")
    func unknownVersion() throws {
        let hub = try hub(participants: ["municipalCS", "prefecturalServer"])
        for majors in [[Self.notice: 9], ["no.such.type": 1]] {
            let receiver = try client(hub, "prefecturalServer")
            try receiver.subscribe(majors: majors)
            #expect(try receiver.faultCode() == "version-unknown")
        }
    }

    @Test("R-006: a sender cannot pretend that the hub has converted its message")
    func forgedMark() throws {
        let hub = try hub(participants: ["municipalCS", "prefecturalServer"])
        let sender = try client(hub, "municipalCS")
        let record = try sender.record(
            1, topic: "\(Self.notice)/v3", to: "prefecturalServer",
            payload: try notice("88888001047", major: 3, number: 1),
            extra: Self.basis + #","convertedfrom":"identity.update.notice/v1""#)
        try sender.send(.pub, sequence: 1, records: [record])
        let refusal = try sender.refusal()
        #expect(refusal.code == "envelope-malformed" && refusal.pointer == "#convertedfrom")
    }
}
