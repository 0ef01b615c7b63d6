import GRDB
import Messaging
import ParticipantStore
import Testing

@Suite("市町村CS: 本人確認情報ファイル")
struct CSIdentityTests {
    let city: City

    init() throws {
        city = try City.before("2025-10-06T09:00:00+09:00")
        city.absent = ["residentRegister"]
    }

    private func row(_ table: String, _ code: String = City.p04) throws -> Row? {
        try #require(city.stores["municipalCS"]).perform {
            try Row.fetchOne(
                $0.database, sql: "SELECT * FROM \(table) WHERE juminhyoCode = ?",
                arguments: [code])
        }
    }

    @Test("R-056: the row before an update stays as 履歴情報, the newer one is current")
    func history() throws {
        try city.identityIsUpdated()
        try city.identityIsUpdated("addressChange", sequence: 2) {
            $0["address"] = .text("水戸市中央一丁目999番地の9")
        }
        #expect(try row("identity")?["address"] == "水戸市中央一丁目999番地の9")
        #expect(try row("identity_history")?["address"] == "水戸市見川二丁目999番地の4")
        #expect(try row("identity_history")?["recordStatusFlag"] == "history")
        #expect(try city.fact("versions", of: City.p04) == .integer(2))
    }

    @Test(
        "R-053: a hole in a person's sequence is an alarm for people, and the newer update is applied"
    )
    func gap() throws {
        try city.identityIsUpdated()
        #expect(try city.identityIsUpdated("addressChange", sequence: 2) == nil)
        #expect(try city.fact("manualCases") == .integer(0))
        #expect(try city.identityIsUpdated("addressChange", sequence: 4) == nil)
        #expect(try city.fact("manualCase.sequenceGap") == .integer(1))
        #expect(try city.fact("sequence", of: City.p04) == .integer(4))
    }

    @Test("F2-31: a row whose update is forbidden is not updated")
    func forbidden() throws {
        try city.identityIsUpdated()
        try #require(city.stores["municipalCS"]).perform {
            try $0.database.execute(sql: "UPDATE identity SET updateForbiddenFlag = '1'")
        }
        #expect(try city.identityIsUpdated("addressChange", sequence: 2) == "update-forbidden")
        #expect(try city.fact("versions", of: City.p04) == .integer(1))
    }

    @Test("F2-32: who has announced a 転出 is 転出予定者 until the day, or until it is withdrawn")
    func planned() throws {
        try city.identityIsUpdated()
        try city.toCS(
            "move-out-certificate.deliver/v2", from: "residentRegister", step: "A1-08"
        ) {
            $0["originMunicipalityCode"] = .text("08201")
            $0["destinationMunicipalityCode"] = .text("08220")
        }
        #expect(
            city.messages("move-out-certificate.deliver", to: "peerMunicipalCS/08220").count == 1)
        #expect(try city.fact("planned", of: City.p04) == .flag(true))
        try city.toCS(
            "move-out-certificate.withdraw/v1", from: "residentRegister", step: "A6-02"
        ) { $0["juminhyoCode"] = .text(City.p04) }
        #expect(
            city.messages("move-out-certificate.withdraw", to: "peerMunicipalCS/08220").count == 1)
        #expect(try city.fact("planned", of: City.p04) == .flag(false))
        try city.identityIsUpdated("moveOut", sequence: 2) {
            $0["moveDate"] = .text("20251101")
        }
        #expect(try city.fact("planned", of: City.p04) == .flag(true))
        #expect(try city.fact("identity", of: City.p04) == .text("current"))
        try city.identityIsUpdated("moveOut", sequence: 3) {
            $0["moveDate"] = .text("20251006")
        }
        #expect(try city.fact("identity", of: City.p04) == .text("removed"))
        #expect(try city.fact("planned", of: City.p04) == .flag(false))
    }

    @Test("SC-17: with a new 住民票コード the old row becomes 履歴情報 and F2-24 names the old code")
    func codeChange() throws {
        let new = "88888001012"
        try city.identityIsUpdated()
        func change(_ former: String?) throws -> String? {
            try city.identityIsUpdated("juminhyoCodeChange", sequence: 2) {
                $0["juminhyoCode"] = .text(new)
                $0["formerJuminhyoCode"] = former.map { .text($0) } ?? .null
                $0["juminhyoCodeUsedFrom"] = .text("20251006")
            }
        }
        #expect(try change(nil) == "former-code-missing")
        #expect(try change("88888001020") == "match-failed")
        #expect(try change(City.p04) == nil)
        #expect(try row("identity") == nil)
        #expect(try row("identity_history")?["recordStatusFlag"] == "history")
        let current = try #require(try row("identity", new))
        #expect(current["formerJuminhyoCode"] == City.p04)
        #expect(current["juminhyoCodeUsedFrom"] == "20251006")
        #expect(current["individualNumber"] == City.individualNumber)
        #expect(try city.identityIsUpdated("addressChange", sequence: 9) == "match-failed")
    }

    @Test("R-100: a 消除 by death keeps the 個人番号, outside what a search finds")
    func death() throws {
        try city.identityIsUpdated()
        try city.identityIsUpdated("death", sequence: 2)
        #expect(try row("identity")?["individualNumber"] == City.individualNumber)
        #expect(try city.fact("identity", of: City.p04) == .text("removed"))
        try city.toCS(
            "identity.search.request/v2", from: "integratedTerminal", step: "B4-01",
            by: "nyuryoku-01")
        let result = try city.last("identity.search.result", to: "integratedTerminal")
        #expect(result.fields["hits"] == .array([]))
        #expect(try city.identityIsUpdated("addressChange", sequence: 3) == "already-removed")
    }

    @Test(
        "R-095: 履歴 goes 150 years after the notice that replaced it, a 消除 150 years after its own, not a second earlier"
    )
    func permanence() throws {
        try city.identityIsUpdated()
        try city.clock.set("2026-03-01T10:00:00+09:00")
        try city.identityIsUpdated("addressChange", sequence: 2)
        try city.clock.set("2030-12-31T10:00:00+09:00")
        try city.identityIsUpdated("death", sequence: 3)
        func rows(_ time: String) throws -> [JSONValue?] {
            try city.clock.set(time)
            try city.tick()
            return [
                try city.fact("history", of: City.p04), try city.fact("identity", of: City.p04),
            ]
        }
        let kept: [JSONValue?] = [.integer(2), .text("removed")]
        #expect(try rows("2176-03-01T23:59:59+09:00") == kept)
        #expect(try rows("2176-03-02T00:00:00+09:00") == [.integer(1), .text("removed")])
        #expect(try rows("2180-12-31T23:59:59+09:00") == [.integer(1), .text("removed")])
        #expect(try rows("2181-01-01T00:00:00+09:00") == [.integer(0), .text("none")])
        let evidence = city.messages("audit.record").filter {
            $0.fields["operation"] == .text("retention.purged")
        }
        #expect(evidence.map { $0.fields["count"] } == [.integer(1), .integer(2)])
    }

    @Test(
        "SC-26: an initial load tells the prefecture nothing, and a person loaded twice is left as he is"
    )
    func load() throws {
        func load(_ sequence: Int64) throws -> String? {
            try city.toCS("identity.load.request/v1", from: "residentRegister") {
                $0["updateSequence"] = .integer(sequence)
            }
            return try city.last("identity.load.reply", to: "residentRegister").fields["code"]?.text
        }
        #expect(try load(3) == nil)
        #expect(try load(3) == "stale-sequence")
        #expect(city.messages("identity.update.notice").isEmpty)
        #expect(try city.fact("identities") == .integer(1))
        #expect(try city.identityIsUpdated("addressChange", sequence: 4) == nil)
        #expect(try city.fact("manualCases") == .integer(0))
    }

    @Test("A notice the prefecture refuses waits for a person")
    func refusedNotice() throws {
        city.silent = ["prefecturalServer"]
        try city.identityIsUpdated()
        try city.toCS("identity.update.ack/v1", from: "prefecturalServer", step: "A1-04") {
            $0["result"] = .text("refused")
            $0["code"] = .text("unknown-person")
        }
        #expect(try city.fact("prefecture", of: City.p04) == .text("refused"))
        #expect(try city.fact("manualCase.noticeRefused") == .integer(1))
    }

    @Test("外字 and variation selectors arrive in F2 code point for code point, and F2-34 says so")
    func gaiji() throws {
        let name = "邊\u{E0100}　\u{E000}か\u{3099}郎"
        try city.identityIsUpdated {
            $0["nameKanji"] = .text(name)
            $0["nameGaijiCount"] = .integer(2)
        }
        let stored: String = try #require(try row("identity"))["nameKanji"]
        #expect(Array(stored.unicodeScalars) == Array(name.unicodeScalars))
        #expect(try row("identity")?["gaijiFlag"] == "1")
        let notice = try city.last("identity.update.notice", to: "prefecturalServer")
        #expect(
            notice.fields["nameKanji"]?.text.map { Array($0.unicodeScalars) }
                == Array(name.unicodeScalars))
    }
}
