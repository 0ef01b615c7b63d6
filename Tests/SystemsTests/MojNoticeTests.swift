import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("法務省通知と市町村通知")
struct MojNoticeTests {
    let city: City
    static let foreigner: JSONFields = ["addresseeNumber": .text("0000010065")]

    init() throws {
        city = try City.before("2025-10-15T09:00:00+09:00")
        try city.imports([
            city.row(1) {
                $0["addresseeNumber"] = .text("0000010065")
                $0["birthDate"] = .object(["kind": .text("exact"), "date": .text("1996-07-20")])
            }
        ])
        city.forgetPassed()
    }

    private func notice(
        number: String = "MOJ-2025-000001", by operatorID: String = "nyuryoku-01",
        _ change: (inout JSONFields) -> Void = { _ in }
    ) throws -> JSONFields {
        var fields = try Layouts.example("moj-notice.imported/v1", city.files)
        fields["noticeNumber"] = .text(number)
        change(&fields)
        try city.send(
            City.Injection(
                topic: "moj-notice.imported/v1", from: "mojTerminal", to: "residentRegister",
                zone: "number-use", fields: fields, correlation: number, step: "A3-02",
                operatorID: operatorID))
        return try #require(city.messages("moj-notice.result").last).fields
    }

    private func items(_ result: JSONFields) -> [String] {
        guard case .array(let differences)? = result["differences"] else { return [] }
        return differences.compactMap { $0["item"]?.text }
    }

    @Test(
        "A3-02: a renewed stay becomes a draft with its differences; a second person commits it (R-040)"
    )
    func renewal() throws {
        let result = try notice()
        #expect(result["result"] == .text("accepted"))
        #expect(result["disposition"] == .text("drafted"))
        #expect(Set(items(result)).isSuperset(of: ["residenceCardNumber", "periodOfStayExpiry"]))
        #expect(
            try city.facts("residentRegister", Self.foreigner)["residenceCardEnding"] == .text("CD")
        )
        let draft = try #require(result["draftNumber"]?.text)
        #expect(try city.committed(draft, by: "nyuryoku-01") == "same-operator")
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        let facts = try city.facts("residentRegister", Self.foreigner)
        #expect(facts["residenceCardEnding"] == .text("GH"))
        #expect(facts["version"] == .integer(2))
    }

    @Test(
        "No item of 本人確認情報 changes, so the CS is not told; and 法務省 is not told what it said itself")
    func origin() throws {
        let draft = try #require(notice()["draftNumber"]?.text)
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        #expect(city.messages("identity.update.request").isEmpty)
        #expect(city.messages("municipal-notice.created").isEmpty)
        #expect(city.messages("resident.sync", to: "officeLinkage").count == 1)
    }

    @Test("An unknown card is a person's to resolve: nothing is drafted, nothing committed")
    func unknownCard() throws {
        let result = try notice { $0["residenceCardNumber"] = .text("ZZ99999999ZZ") }
        #expect(result["result"] == .text("manual"))
        #expect(result["code"] == .text("residence-card-unknown"))
        #expect(result["caseId"]?.text != nil)
        #expect(result["draftNumber"] == nil)
        let facts = try city.facts("residentRegister", Self.foreigner)
        #expect(facts["version"] == .integer(1))
        #expect(facts["provisionalRows"] == .integer(0))
        #expect(facts["mojNoticesManual"] == .integer(1))
    }

    @Test("R-049: a known card with another name or birth date is a person's to resolve")
    func mismatch() throws {
        let name = try notice(number: "N1") { $0["nameKanji"] = .text("NGUYEN VAN B") }
        #expect(name["code"] == .text("notice-mismatch"))
        let birth = try notice(number: "N2") {
            $0["birthDate"] = .object(["kind": .text("exact"), "date": .text("1996-07-21")])
        }
        #expect(birth["code"] == .text("notice-mismatch"))
    }

    @Test("V-5: a card number in lower case is the same card")
    func lowerCase() throws {
        let result = try notice { $0["residenceCardNumber"] = .text("ab12345678cd") }
        #expect(result["disposition"] == .text("drafted"))
    }

    @Test("The same notice is not taken twice; a second one about an open draft waits for a person")
    func twice() throws {
        _ = try notice()
        #expect(try notice()["code"] == .text("notice-already-taken"))
        #expect(try notice(number: "N2")["code"] == .text("draft-open"))
    }

    @Test("出国 becomes the draft of a 消除")
    func departure() throws {
        let result = try notice { $0["reason"] = .text("departure") }
        let draft = try #require(result["draftNumber"]?.text)
        #expect(try city.committed(draft, by: "kakunin-02") == nil)
        #expect(try city.facts("residentRegister", Self.foreigner)["state"] != .text("current"))
    }

    @Test(
        "A3-03: a 転居 of a foreign resident is told to 法務省 at once, without 個人番号; of a Japanese resident it is not"
    )
    func municipalNotice() throws {
        try city.imports([city.row()])
        for (reception, addressee, told) in [
            ("R20251015-00001", "0000010049", 0), ("R20251015-00002", "0000010065", 1),
        ] {
            let draft = try city.draftsAddressChange(
                to: "水戸市中央一丁目999番地の9", of: addressee, reception: reception)
            #expect(try city.committed(draft) == nil)
            #expect(city.messages("municipal-notice.created").count == told)
        }
        let notice = try #require(city.messages("municipal-notice.created").last)
        #expect(notice.recipient == "mojTerminal")
        guard case .array(let notices)? = notice.fields["notices"] else { return }
        #expect(notices.first?["changeKind"] == .text("correction"))
        #expect(notices.first?["residenceCardNumber"] == .text("AB12345678CD"))
    }

    @Test("A3-03: a change of 世帯 or 続柄 alone is not told")
    func notNotifiable() throws {
        let draft = try city.drafts(
            "householdChange", of: "0000010065", reception: "R20251015-00003",
            input: ["relationshipCode": .text("同居人")])
        #expect(try city.committed(draft) == nil)
        #expect(city.messages("municipal-notice.created").isEmpty)
    }

    @Test("A3-04: a refused file is recorded and becomes a person's to look at")
    func result() throws {
        try city.send(
            City.Injection(
                topic: "municipal-notice.result/v1", from: "mojTerminal", to: "residentRegister",
                zone: "number-use",
                fields: Layouts.example("municipal-notice.result/v1", city.files, number: 1),
                correlation: "moj-1", step: "A3-04", operatorID: nil, terminal: nil))
        #expect(try city.facts("residentRegister")["municipalNoticesRefused"] == .integer(1))
    }
}
