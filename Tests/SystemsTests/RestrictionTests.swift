import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("支援措置")
struct RestrictionTests {
    let city: City

    init() throws {
        city = try City.before("2025-10-06T09:00:00+09:00")
        try city.imports([city.row(), city.mate()])
        city.forgetPassed()
    }

    private func order(_ action: String, reason: String? = nil) throws -> JSONFields {
        var fields = City.resident
        fields["action"] = .text(action)
        fields["reason"] = reason.map { .text($0) }
        return try city.ask(
            "resident.restriction.request/v1", fields, answeredBy: "resident.restriction.reply",
            by: "kanri-03")
    }

    @Test(
        "Set, it stops certificates of the person and of the household; released, it stops nothing")
    func certificates() throws {
        #expect(try order("set")["restricted"] == .flag(true))
        #expect(try city.issue()["code"] == .text("restricted"))
        let household = try city.issue {
            $0["addresseeNumber"] = .text("0000010022")
            $0["scope"] = .text("household")
        }
        #expect(household["code"] == .text("restricted"))
        #expect(
            try city.issue { $0["addresseeNumber"] = .text("0000010022") }["result"]
                == .text("accepted"))
        #expect(try order("release", reason: "本人からの申出")["restricted"] == .flag(false))
        #expect(try city.issue()["result"] == .text("accepted"))
    }

    @Test("コンビニ交付 is told that it cannot issue, without an item of the person, until the release")
    func convenience() throws {
        _ = try order("set")
        let stopped = try #require(city.messages("certificate-data.update").last)
        #expect(stopped.fields["removed"] == .flag(true))
        #expect(stopped.fields["nameKanji"] == nil)
        #expect(stopped.fields["individualNumber"] == nil)
        _ = try order("release", reason: "期間の満了")
        let open = try #require(city.messages("certificate-data.update").last)
        #expect(open.fields["removed"] == .flag(false))
        #expect(open.fields["nameKanji"] == .text("佐藤　次郎"))
    }

    @Test(
        "庁内 recipients get nothing of a change while it stands, コンビニ交付 no items; both after the release"
    )
    func transfers() throws {
        _ = try order("set")
        city.forgetPassed()
        let draft = try city.draftsAddressChange(to: "水戸市中央一丁目999番地の9")
        #expect(try city.committed(draft) == nil)
        #expect(
            city.messages("resident.sync", to: "officeLinkage").last?.fields["restricted"]
                == .flag(true))
        #expect(city.messages("resident-info.transfer").isEmpty)
        #expect(
            city.messages("certificate-data.update").allSatisfy {
                $0.fields["removed"] == .flag(true) && $0.fields["currentAddress"] == nil
            })
        _ = try order("release", reason: "期間の満了")
        let transfer = try #require(city.messages("resident-info.transfer", to: "taxSystem").last)
        #expect(transfer.fields["recordVersion"] == .integer(2))
    }

    @Test("Setting twice, releasing what does not stand, an unknown person: refused, nothing sent")
    func refusals() throws {
        #expect(try order("release", reason: "x")["code"] == .text("not-restricted"))
        _ = try order("set")
        city.forgetPassed()
        #expect(try order("set")["code"] == .text("already-restricted"))
        let unknown = try city.ask(
            "resident.restriction.request/v1",
            ["addresseeNumber": .text("0000010014"), "action": .text("set")],
            answeredBy: "resident.restriction.reply")
        #expect(unknown["code"] == .text("subject-unknown"))
        #expect(city.messages("certificate-data.update").isEmpty)
        #expect(try city.facts("residentRegister")["restrictions"] == .integer(1))
    }
}
