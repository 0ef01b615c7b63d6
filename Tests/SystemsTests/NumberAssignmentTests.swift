import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("個人番号と住民票コード")
struct NumberAssignmentTests {
    let city: City

    init() throws { city = try City.inhabited() }

    static let fresh = "999999002088"

    private func asksForAnother() throws {
        try city.changes(
            "individualNumberChangeRequest", "R20251006-00020", City.subject(City.head))
    }

    @Test("個人番号の変更: A1-05 carries the old number, and the 住民票 waits for the new one")
    func changeIsAsked() throws {
        try asksForAnother()
        #expect(city.sentByRegister() == ["A1-05 municipalCS"])
        let request = try #require(city.messages("individual-number.generate.request").first)
        #expect(request.fields["individualNumber"] == .text("999999001057"))
        #expect(request.fields["reason"] == .text("changeOnRequest"))
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(1))
        try city.accepts("R20251006-00021", "other")
        let second = try city.enters(
            "individualNumberChangeRequest", "R20251006-00021", City.subject(City.head))
        #expect(try city.approves(second, "R20251006-00021") == "number-request-outstanding")
    }

    @Test(
        "R-100: the new number is a row of its own, the old one stays in the history; A1-03, A1-11, A1-13 and B7-01 follow"
    )
    func changeArrives() throws {
        try asksForAnother()
        city.forgetPassed()
        try city.numberCame(Self.fresh, for: City.headCode)
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["version"] == .integer(2))
        #expect(facts["formerNumbers"] == .integer(1))
        #expect(facts["numberRequest"] == .text("assigned"))
        #expect(facts["moveReason"] == .text("individualNumberChangeRequest"))
        #expect(
            city.sentByRegister() == [
                "A1-03 municipalCS", "A1-07 municipalCS", "A1-11 integratedAddressee",
                "A1-11 officeLinkage", "A1-13 certificateIssuance", "B7-01 municipalCS",
            ])
        let ack = try #require(city.messages("individual-number.ack", to: "municipalCS").first)
        #expect(ack.fields["result"] == .text("accepted"))
        let update = try #require(city.messages("identity.update.request").first)
        #expect(update.fields["individualNumber"] == .text(Self.fresh))
        #expect(update.fields["moveReason"] == .text("individualNumberChange"))
    }

    @Test("A number that comes twice is one: answered again, nothing sent twice")
    func twice() throws {
        try asksForAnother()
        try city.numberCame(Self.fresh, for: City.headCode)
        city.forgetPassed()
        try city.numberCame(Self.fresh, for: City.headCode)
        #expect(city.sentByRegister() == ["A1-07 municipalCS"])
        #expect(
            city.messages("individual-number.ack").first?.fields["result"] == .text("accepted"))
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(2))
    }

    @Test(
        "R-049: a number that does not fit what was asked for is quarantined, and the 住民票 stays as it was",
        arguments: [
            ("999999002088", "88888001020", "juminhyo-code-mismatch"),
            ("999999002089", "88888001055", "individual-number-invalid"),
            ("999999001022", "88888001055", "individual-number-in-use"),
            ("999999001057", "88888001055", "individual-number-unchanged"),
        ])
    func mismatch(number: String, code: String, refusal: String) throws {
        try asksForAnother()
        let before = try city.stored(City.headCode)
        city.forgetPassed()
        try city.numberCame(number, for: code)
        let ack = try #require(city.messages("individual-number.ack", to: "municipalCS").first)
        #expect(ack.fields["result"] == .text("refused"))
        #expect(ack.fields["code"] == .text(refusal))
        #expect(city.sentByRegister() == ["A1-07 municipalCS"])
        #expect(try city.stored(City.headCode) == before)
        #expect(
            try city.registerFacts(City.headCode)["numberRequest"] == .text("outstanding"))
        let open = try #require(city.openCases().first)
        #expect(open["code"] == .text("number-mismatch"))
        #expect(open["details"]?["cause"] == .text(refusal))
    }

    @Test(
        "R-049: nobody's number is kept when it was nobody's request, not even in the case that waits"
    )
    func quarantinedWithoutNumber() throws {
        try city.numberCame(Self.fresh, for: City.headCode)
        #expect(try city.cells(of: "residentRegister") { $0.contains(Self.fresh) } == 0)
    }

    @Test("A generator that refuses leaves a case for a person")
    func refused() throws {
        try asksForAnother()
        try city.send(
            City.Injection(
                topic: "individual-number.assigned/v1", from: "municipalCS",
                to: "residentRegister", zone: "juki-net",
                fields: [
                    "juminhyoCode": .text(City.headCode), "result": .text("refused"),
                    "code": .text("old-number-different"),
                ], operatorID: nil, terminal: nil))
        #expect(try city.registerFacts(City.headCode)["numberRequest"] == .text("refused"))
        #expect(
            try city.openCases().first?["code"] == .text("number-generation-refused"))
    }

    @Test(
        "A birth's number is registered by itself: A1-03 again, no 副本 again, and the notice to the household"
    )
    func birthNumber() throws {
        try city.poolHolds("88888001039")
        try city.accepts("R20251006-00001", "birth")
        let draft = try city.enters(
            "birth", "R20251006-00001", ["newPerson": .flag(true)], EntryTests.newborn
        ) { $0["joinHouseholdOf"] = .text(City.head) }
        #expect(try city.approves(draft, "R20251006-00001") == nil)
        city.forgetPassed()
        try city.numberCame("999999001030", for: "88888001039")
        #expect(city.messages("replica.update.request").isEmpty)
        #expect(city.messages("identity.update.request").count == 1)
        let mailing = try #require(city.messages("mailing-address.extracted").first)
        #expect(mailing.envelope.topic.rawValue == "mailing-address.extracted/v2")
        #expect(mailing.fields["printCategory"] == .text("individualNumberNotice"))
        #expect(mailing.fields["mailingName"] == .text("佐藤　次郎"))
        #expect(mailing.fields["targetPersonCount"] == .integer(1))
        let facts = try city.registerFacts("88888001039")
        #expect(facts["hasIndividualNumber"] == .flag(true))
        #expect(facts["reasons"] == .text("birth>individualNumberExOfficioEntry"))
    }

    @Test(
        "住民票コードの変更: F2-24 and F2-25 say so, the history keeps the old code, the 符号 is acquired anew (SC-17)"
    )
    func codeChange() throws {
        try city.poolHolds("88888001039")
        try city.changes(
            "minorCorrection", "R20251006-00029", City.subject(City.head), ["remarks": .text("備考")])
        city.forgetPassed()
        try city.changes(
            "juminhyoCodeChangeRequest", "R20251006-00030", City.subject(City.head))
        let update = try #require(city.messages("identity.update.request").first)
        #expect(update.fields["juminhyoCode"] == .text("88888001039"))
        #expect(update.fields["formerJuminhyoCode"] == .text(City.headCode))
        #expect(update.fields["juminhyoCodeUsedFrom"] == .text("20251004"))
        #expect(update.fields["moveReason"] == .text("juminhyoCodeChange"))
        #expect(city.messages("replica.update.request").isEmpty)
        #expect(city.messages("addressee-pair.register.request").count == 1)
        let facts = try city.registerFacts("88888001039")
        #expect(facts["state"] == .text("current"))
        #expect(facts["codeChanged"] == .flag(true))
        #expect(facts["historyRows"] == .integer(3))
        #expect(try city.registerFacts(City.headCode)["state"] == .text("none"))
        try city.changes(
            "addressChange", "R20251006-00031", City.subject(City.head),
            ["currentAddress": .text("水戸市中央一丁目4番1号")])
        let later = try #require(city.messages("identity.update.request").last)
        #expect(later.fields["formerJuminhyoCode"] == .null)
        #expect(later.fields["juminhyoCodeUsedFrom"] == .text("20251004"))
    }

    @Test(
        "送付先情報 has all 67 items, 項目長 and 外字数 agree (V-9), and no table of the register keeps them (R-093)"
    )
    func mailing() throws {
        let reply = try city.ask(
            "mailing-address.extract.request/v1",
            [
                "addresseeNumbers": .array([.text(City.head), .text(City.wife)]),
                "reason": .text("返戻"),
            ], answeredBy: "mailing-address.extract.reply", by: "kanri-03")
        #expect(reply == ["result": .text("accepted"), "mailings": .integer(1)])
        let sent = try #require(city.messages("mailing-address.extracted").first)
        guard case .array(let people)? = sent.fields["targetPersons"],
            case .object(let person)? = people.first
        else {
            Issue.record("nobody in the mailing")
            return
        }
        #expect(sent.fields.count - 1 + person.count == 67)
        #expect(people.count == 2)
        for fields in [sent.fields, person] {
            for (name, value) in fields where name.hasSuffix("Length") && value != .null {
                let text = fields[String(name.dropLast(6))]?.text ?? ""
                #expect(value == .integer(Int64(text.count)), "\(name)")
            }
        }
        #expect(try city.cells(of: "residentRegister") { $0.contains("mailingName") } == 0)
        let refused = try city.ask(
            "mailing-address.extract.request/v1",
            ["addresseeNumbers": .array([.text("0000010138")]), "reason": .text("再送")],
            answeredBy: "mailing-address.extract.reply", by: "kanri-03")
        #expect(refused["code"] == .text("subject-unknown"))
    }

    @Test("Before 令和2年5月25日 送付先情報 has 61 items and the 通知カード")
    func firstGeneration() throws {
        let city = try City.before("2020-05-24T09:00:00+09:00")
        try city.imports([try city.row { $0["juminhyoCode"] = .text(City.headCode) }])
        try city.ask(
            "mailing-address.extract.request/v1",
            ["addresseeNumbers": .array([.text("0000010049")]), "reason": .text("送付")],
            answeredBy: "mailing-address.extract.reply", by: "kanri-03")
        let sent = try #require(city.messages("mailing-address.extracted").first)
        #expect(sent.envelope.topic.rawValue == "mailing-address.extracted/v1")
        #expect(sent.fields["printCategory"] == .text("notificationCard"))
        guard case .array(let people)? = sent.fields["targetPersons"],
            case .object(let person)? = people.first
        else { return }
        #expect(sent.fields.count - 1 + person.count == 61)
    }
}
