import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("自動応答不可と内容確認 (C1-04)")
struct HeldRequestTests {
    let city: City
    let number: String

    init() throws {
        city = try City.before("2025-10-06T10:00:00+09:00")
        number = try city.becomesKnown()
        try city.publishList()
        try city.logIn()
    }

    private func flag(_ isSet: Bool, item: String? = nil) throws -> JSONFields? {
        var fields: JSONFields = [
            "integratedAddresseeNumber": .text(number), "noAutomaticAnswer": .flag(isSet),
            "reason": .text("支援措置の申出"),
        ]
        fields["item"] = item.map { .text($0) }
        return try city.operate("replica.flag.request", fields)
    }

    private func decide(
        _ id: String, _ decision: String, by operatorID: String = "chukan-05"
    ) throws -> String? {
        let reply = try city.operate(
            "info-provision.manual-decision",
            ["requestId": .text(id), "decision": .text(decision), "reason": .text("確認済み")],
            by: operatorID)
        return reply?["code"]?.text
    }

    private var toNetwork: [City.Passed] {
        city.passed.filter { $0.recipient == "infoNetwork" }
    }

    @Test(
        "R-084: what is flagged is not answered automatically; a person sees the content and releases one answer"
    )
    func release() throws {
        #expect(try flag(true)?["result"] == .text("accepted"))
        #expect(try city.ask(city.request("IR-1")) == nil)
        let held = try #require(city.messages("info-provision.held").last)
        #expect(held.fields["cause"] == .text("subject"))
        #expect(held.fields["items"]?["currentAddress"] == .text("水戸市見川二丁目999番地の4"))
        #expect(held.fields["items"]?["currentPostalCode"] == nil)
        #expect(held.fields["linkCode"] == nil)
        #expect(try decide("IR-1", "release") == nil)
        #expect(toNetwork.map(\.type) == ["info-provision.response"])
        #expect(toNetwork.last?.step == "C1-04")
        #expect(toNetwork.last?.fields["manual"] == .flag(true))
        #expect(try decide("IR-1", "release") == "request-not-held")
        #expect(toNetwork.count == 1)
        let items = try city.items(in: #require(toNetwork.last))
        #expect(items["currentAddress"] == .text("水戸市見川二丁目999番地の4"))
        let facts = try city.facts("intermediateServer")
        #expect(facts["provisionRecords"] == .integer(1))
        #expect(facts["provision.released"] == .integer(1))
        #expect(city.evidence("info-provision.recorded").count == 1)
        #expect(try city.cells(of: "intermediateServer") { $0 == "RT-IR-1" } == 0)
    }

    @Test("R-084: rejected by a person, it is refused as heldManualRejected")
    func reject() throws {
        _ = try flag(true)
        try city.ask(city.request("IR-1"))
        #expect(try decide("IR-1", "reject") == nil)
        #expect(toNetwork.last?.fields["reason"] == .text("heldManualRejected"))
        #expect(try decide("IR-1", "release") == "request-not-held")
        #expect(try city.facts("intermediateServer")["provision.rejected"] == .integer(1))
    }

    @Test(
        "R-084: a flag on one item holds the requests that ask for it, and the flag can be taken back"
    )
    func itemFlag() throws {
        _ = try flag(true, item: "currentPostalCode")
        #expect(try city.ask(city.request("IR-1"))?.type == "info-provision.response")
        _ = try flag(true, item: "currentAddress")
        #expect(try city.ask(city.request("IR-2")) == nil)
        #expect(city.messages("info-provision.held").last?.fields["cause"] == .text("item"))
        _ = try flag(false, item: "currentAddress")
        #expect(try city.ask(city.request("IR-3"))?.type == "info-provision.response")
    }

    @Test(
        "R-065, R-084: only who is logged in at that terminal and appointed decides; otherwise nothing changes"
    )
    func whoDecides() throws {
        _ = try flag(true)
        try city.ask(city.request("IR-1"))
        let before = try city.contents(of: "intermediateServer", except: ["staff_operation"])
        #expect(try decide("IR-1", "release", by: "kanri-03") == "session-missing")
        #expect(try city.contents(of: "intermediateServer", except: ["staff_operation"]) == before)
        try city.logIn("nyuryoku-01")
        #expect(try decide("IR-1", "release", by: "nyuryoku-01") == "operator-not-authorised")
        try city.operate(
            "staff.session.closed", ["sessionId": .text("SS-1"), "cause": .text("logout")])
        #expect(try decide("IR-1", "release") == "session-missing")
        #expect(toNetwork.isEmpty)
        #expect(try decide("IR-9", "release") == "session-missing")
        try city.logIn()
        #expect(try decide("IR-9", "release") == "request-unknown")
        #expect(try decide("IR-1", "release") == nil)
    }

    @Test("R-065: nobody stays logged in beyond the configured hours")
    func sessionEnds() throws {
        _ = try flag(true)
        try city.ask(city.request("IR-1"))
        city.clock.time = city.clock.time + .seconds(12 * 3_600)
        #expect(try decide("IR-1", "release") == "session-missing")
        try city.tick()
        #expect(try city.facts("intermediateServer")["openSessions"] == .integer(0))
    }

    @Test(
        "R-065: every log-in, operation and log-out leaves a row: who, where, when, what, with what result"
    )
    func log() throws {
        _ = try flag(true)
        try city.operate(
            "staff.session.closed", ["sessionId": .text("SS-1"), "cause": .text("logout")])
        _ = try flag(false)
        let rows = try #require(city.stores["intermediateServer"]).perform { transaction in
            try Row.fetchAll(
                transaction.database,
                sql:
                    "SELECT operator, terminal, operation, result FROM staff_operation ORDER BY number"
            ).map { "\($0[0] as String) \($0[1] as String) \($0[2] as String) \($0[3] as String)" }
        }
        #expect(
            rows == [
                "chukan-05 IX-01 session.opened accepted", "chukan-05 IX-01 flag.set accepted",
                "chukan-05 IX-01 session.closed accepted",
                "chukan-05 IX-01 flag.cleared session-missing",
            ])
        #expect(city.evidence("intermediate-server.flag.set").count == 1)
        #expect(try city.facts("intermediateServer")["flags"] == .integer(1))
    }

    @Test(
        "R-084: only what the person has looked at goes out: a 副本 changed since is shown again first"
    )
    func changedMeanwhile() throws {
        _ = try flag(true)
        try city.ask(city.request("IR-1"))
        try city.updateReplica(version: 2) { $0["currentAddress"] = .text("水戸市新町一丁目") }
        #expect(try decide("IR-1", "release") == "content-changed")
        #expect(toNetwork.isEmpty)
        let shown = try #require(city.messages("info-provision.held").last)
        #expect(shown.fields["items"]?["currentAddress"] == .text("水戸市新町一丁目"))
        #expect(try decide("IR-1", "release") == nil)
        #expect(
            try city.items(in: #require(toNetwork.last))["currentAddress"]
                == .text("水戸市新町一丁目"))
    }

    @Test("A death between the question and the release ends in noReplica")
    func deathMeanwhile() throws {
        _ = try flag(true)
        try city.ask(city.request("IR-1"))
        try city.updateReplica(version: 2) { $0["removalCategory"] = .text("deceased") }
        #expect(try decide("IR-1", "release") == nil)
        #expect(toNetwork.last?.fields["reason"] == .text("noReplica"))
    }
}
