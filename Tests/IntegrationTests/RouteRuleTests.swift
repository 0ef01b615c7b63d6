import BusProtocol
import Foundation
import Messaging
import Operations
import Platform
import TestSupport
import Testing
import ZeroMQ

/// The rules of routes and minimal data, each from a real authenticated client (catalogue 3.1, 3.2).
@Suite("Rules of routes", .serialized)
struct RouteRuleTests {
    private static let catalogue = Result {
        try Catalogue(files: SchemaDirectory.read(HubFixture.schemas))
    }

    private func hub(_ participants: [String], zone: String = "juki-net") throws -> HubFixture {
        let hub = try HubFixture(zone: zone, participants: participants)
        try hub.start()
        return hub
    }

    private func client(_ hub: HubFixture, _ name: String) throws -> RawClient {
        let client = try hub.rawClient(name)
        try client.greet()
        return client
    }

    /// What the hub answers to one message after the other.
    private struct Speaker {
        let client: RawClient
        var number: UInt64 = 0

        init(_ client: RawClient) { self.client = client }

        mutating func verdict(
            _ topic: String, to recipient: String, payload: String = "{}", source: String? = nil,
            organisation: String = HubFixture.organisation, extra: String = ""
        ) throws -> PublishRefusal? {
            number += 1
            let record = try client.record(
                number, topic: topic, to: recipient, payload: payload, source: source,
                organisation: organisation, extra: extra)
            try client.send(.pub, sequence: number, records: [record])
            var refusal: PublishRefusal?
            try eventually("an answer to \(topic)") {
                if try client.has(.pubnak) {
                    refusal = try client.refusal()
                    return true
                }
                guard try client.has(.puback) else { return false }
                _ = try client.acknowledgements()
                return true
            }
            return refusal
        }
    }

    private func refusals(_ hub: HubFixture) throws -> [RefusalView] {
        let page: RefusalPage = try hub.ask(.refusalList, RefusalQuery(limit: 500))
        return page.refusals
    }

    @Test(
        "R-001: every message between 市町村CS and 団体内統合宛名 is refused under X-01, either way, and recorded",
        arguments: [
            ("integratedAddressee", "municipalCS"), ("municipalCS", "integratedAddressee"),
        ])
    func addressee(from sender: String, to receiver: String) throws {
        let hub = try hub([sender, receiver])
        var speaker = Speaker(try client(hub, sender))
        for entry in try Self.catalogue.get().topics where entry.type.prohibited == nil {
            let refusal = try speaker.verdict(entry.topic.rawValue, to: receiver)
            #expect(refusal?.code == "link-forbidden", "\(entry.topic)")
            // Another prohibition may hold as well.
            let isNamed = refusal?.text.contains("X-0") == true
            #expect(isNamed && (refusal?.text.contains("X-01") == true || entry.type.kind != .lab))
        }
        #expect(try refusals(hub).contains { $0.code == "link-forbidden" })
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        #expect(page.messages.isEmpty)
    }

    @Test(
        "R-002: no system of city hall but 既存住基 reaches 市町村CS, whatever it sends",
        arguments: [
            "officeLinkage", "intermediateServer", "taxSystem", "businessSystem/2",
            "receptionSupport", "certificateIssuance", "familyRegister", "lgwanTerminal",
            "mojTerminal",
        ])
    func cityHall(sender: String) throws {
        let hub = try hub([sender, "municipalCS"])
        var speaker = Speaker(try client(hub, sender))
        let catalogue = try Self.catalogue.get()
        let carried = Set(
            catalogue.links.filter { $0.to == "municipalCS" }.flatMap { $0.types.map(\.type) })
        for entry in catalogue.topics where carried.contains(entry.topic.type) {
            #expect(
                try speaker.verdict(entry.topic.rawValue, to: "municipalCS")?.code
                    == "link-forbidden", "\(entry.topic)")
        }
    }

    @Test("R-003, R-004: 本人確認情報 and 送付先情報 come from 既存住基 alone; a forged sender is refused")
    func source() throws {
        let hub = try hub(["residentRegister", "peerMunicipalCS/08221", "municipalCS"])
        var peer = Speaker(try client(hub, "peerMunicipalCS/08221"))
        for topic in ["identity.update.request/v3", "mailing-address.extracted/v2"] {
            let own = try peer.verdict(topic, to: "municipalCS")
            #expect(own?.code == "link-forbidden" && own?.text.contains("X-03") == true)
            let forged = try peer.verdict(topic, to: "municipalCS", source: "residentRegister")
            #expect(forged?.code == "source-forged")
        }
        var register = Speaker(try client(hub, "residentRegister"))
        let real = try register.verdict(
            "identity.update.request/v3", to: "municipalCS",
            payload: try HubFixture.example("identity.update.request", 3),
            extra: #","step":"A1-03""#)
        #expect(real == nil)
    }

    /// Names of what 既存住基 keeps and 市町村CS has no use for.
    private static let foreign = [
        "addresseeNumber", "householdNumber", "integratedAddresseeNumber", "taxCode",
        "nationalHealthInsuranceNumber", "relationshipCode", "registeredDomicile",
        "householdHeadName",
        "pensionNumber", "certificateSubjectId",
    ]

    @Test(
        "R-005, R-006, R-032: an item that has no place on the link to 市町村CS is refused, whichever it is"
    )
    func foreignItems() throws {
        let hub = try hub(["residentRegister", "municipalCS"])
        var register = Speaker(try client(hub, "residentRegister"))
        let good = try HubFixture.example("identity.update.request", 3)
        for item in Self.foreign {
            let payload = #"{"\#(item)":"x","# + good.dropFirst()
            let refusal = try register.verdict(
                "identity.update.request/v3", to: "municipalCS", payload: payload,
                extra: #","step":"A1-03""#)
            #expect(refusal?.code == "payload-invalid", "\(item)")
        }
        #expect(
            try register.verdict("identity.update.secret/v1", to: "municipalCS")?.code
                == "type-unknown")
        #expect(
            try register.verdict(
                "identity.update.request/v3", to: "municipalCS", payload: good,
                extra: #","step":"A1-03""#) == nil)
    }

    @Test("R-007: 情報照会 is refused from whoever asks, under X-06")
    func inquiry() throws {
        let hub = try hub(
            ["residentRegister", "intermediateServer", "infoNetwork"], zone: "number-use")
        for name in ["residentRegister", "intermediateServer"] {
            var speaker = Speaker(try client(hub, name))
            let refusal = try speaker.verdict("info-inquiry.request/v1", to: "infoNetwork")
            #expect(refusal?.code == "link-forbidden", "\(name)")
        }
    }

    @Test("R-008: 本人確認情報 and 送付先情報 have no way to 情報提供ネットワークシステム")
    func infoNetwork() throws {
        for name in ["municipalCS", "residentRegister"] {
            let hub = try hub([name, "infoNetwork"])
            var speaker = Speaker(try client(hub, name))
            for topic in ["identity.update.notice/v3", "mailing-address.notify/v2"] {
                let refusal = try speaker.verdict(topic, to: "infoNetwork")
                #expect(refusal?.code == "link-forbidden" && refusal?.text.contains("X-05") == true)
            }
        }
    }

    @Test("R-009, R-011: 既存住基 does not reach 中間サーバー directly, nor 電子申請 既存住基")
    func detours() throws {
        let hub = try hub(["residentRegister", "intermediateServer"], zone: "number-use")
        var register = Speaker(try client(hub, "residentRegister"))
        #expect(
            try register.verdict("replica.update.request/v2", to: "intermediateServer")?.code
                == "link-not-allowed")
        let lgwan = try self.hub(["residentRegister", "eApplication"], zone: "lgwan")
        var application = Speaker(try client(lgwan, "eApplication"))
        let refusal = try application.verdict(
            "e-application.media-transfer/v1", to: "residentRegister")
        #expect(refusal?.code == "link-forbidden" && refusal?.text.contains("X-07") == true)
    }

    @Test("R-012, R-013: X-09, another organisation's messages and keys have no place on this hub")
    func organisation() throws {
        let hub = try hub(["residentRegister", "municipalCS"])
        var register = Speaker(try client(hub, "residentRegister"))
        let refusal = try register.verdict(
            "identity.update.request/v3", to: "municipalCS",
            payload: try HubFixture.example("identity.update.request", 3), organisation: "082210",
            extra: #","step":"A1-03""#)
        #expect(refusal?.code == "organisation-mismatch")
        let other = try self.hub(["residentRegister", "municipalCS"])
        let stranger = try hub.rawClient(
            "residentRegister", key: try other.keyPair("residentRegister"))
        #expect(throws: TestFailure.self) {
            try stranger.send(.hello, epoch: 0, records: [Array("{}".utf8)])
            _ = try stranger.awaitFrame(.fault, within: .seconds(1))
        }
        try eventually("the attempt is recorded") {
            try refusals(hub).contains { $0.code == "unknown-key" }
        }
    }

    @Test("R-015: a key nobody registered gets no socket, and the attempt is on record")
    func unknownKey() throws {
        let hub = try hub(["municipalCS"])
        let stranger = try hub.rawClient("municipalCS", key: try CurveKeyPair.generate())
        #expect(throws: TestFailure.self) {
            try stranger.send(.hello, epoch: 0, records: [Array("{}".utf8)])
            _ = try stranger.awaitFrame(.fault, within: .seconds(1))
        }
        try eventually("it is recorded") {
            try refusals(hub).contains { $0.code == "unknown-key" }
        }
    }

    @Test(
        "R-026, R-028: what operators are told has no person in it: figures by system, contents masked"
    )
    func figures() throws {
        let hub = try hub(["residentRegister", "municipalCS"])
        var register = Speaker(try client(hub, "residentRegister"))
        let payload = try HubFixture.example("identity.update.request", 3)
        #expect(
            try register.verdict(
                "identity.update.request/v3", to: "municipalCS", payload: payload,
                extra: #","step":"A1-03""#) == nil)
        let example = try #require(
            try JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any])
        let person = ["juminhyoCode", "individualNumber", "nameKanji", "address"].compactMap {
            example[$0] as? String
        }
        #expect(person.count == 4)
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        let message = try #require(page.messages.first)
        let subject = try #require(message.subject)
        let detail: MessageDetail = try hub.ask(
            .messageShow, MessageReference(position: message.position))
        let shown = try #require(detail.maskedPayload)
        let status: HubStatus = try hub.ask(.status, NoArguments())
        let flows: FlowTotals = try hub.ask(.flowTotals, NoArguments())
        let counts: DailyCounts = try hub.ask(
            .dailyCounts, CountQuery(day: String(message.time.prefix(10))))
        let figures =
            try [
                JSONEncoder().encode(status), JSONEncoder().encode(flows),
                JSONEncoder().encode(counts),
            ].map { String(decoding: $0, as: UTF8.self) }
        for value in person {
            #expect(!shown.contains(value))
            for text in figures { #expect(!text.contains(value)) }
        }
        for text in figures { #expect(!text.contains(subject), "no person is counted") }
    }

    @Test("R-071: a transfer without its legal basis is refused, and with it recorded under it")
    func transfer() throws {
        let hub = try hub(["officeLinkage", "taxSystem"], zone: "number-use")
        var linkage = Speaker(try client(hub, "officeLinkage"))
        let payload = try HubFixture.example("resident-info.transfer", 1)
        #expect(
            try linkage.verdict(
                "resident-info.transfer/v1", to: "taxSystem", payload: payload,
                extra: #","step":"C5""#)?.code == "legal-basis-missing")
        #expect(
            try linkage.verdict(
                "resident-info.transfer/v1", to: "taxSystem", payload: payload,
                extra: #","step":"C5","legalbasis":"juki-law-30-6""#)?.code
                == "legal-basis-not-on-link")
        #expect(
            try linkage.verdict(
                "resident-info.transfer/v1", to: "taxSystem", payload: payload,
                extra: #","step":"C5","legalbasis":"number-law-9-1""#) == nil)
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        #expect(page.messages.map(\.legalBasis) == ["number-law-9-1"])
    }

    @Test("R-070: a human command's evidence names operator, terminal, time, what and whom")
    func evidence() throws {
        let hub = try hub(["integratedTerminal", "municipalCS"])
        var terminal = Speaker(try client(hub, "integratedTerminal"))
        #expect(
            try terminal.verdict(
                "identity.verify.request/v1", to: "municipalCS",
                payload: try HubFixture.example("identity.verify.request", 1),
                extra: #","step":"B2-02","operator":"nyuryoku-01","terminal":"IT-01""#) == nil)
        let page: MessagePage = try hub.ask(.messageList, MessageQuery())
        let record = try #require(page.messages.first)
        #expect(page.messages.count == 1, "one record for one command")
        #expect(record.operatorID == "nyuryoku-01" && record.terminal == "IT-01")
        #expect(record.topic == "identity.verify.request/v1" && record.step == "B2-02")
        #expect(record.subject != nil && !record.time.isEmpty)
    }
}
