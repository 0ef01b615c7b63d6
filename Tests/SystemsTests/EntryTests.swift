import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("転入・出生・職権記載")
struct EntryTests {
    let city: City

    init() throws { city = try City.inhabited() }

    static let newborn: JSONFields = [
        "nameKanji": .text("佐藤　一郎"), "nameKana": .text("サトウ　イチロウ"),
        "furiganaCertified": .flag(true), "sexCode": .text("1"),
        "birthDate": City.day("2025-10-01"), "relationshipCode": .text("子"),
        "registeredDomicileMunicipalityCode": .text("082015"),
        "registeredDomicile": .text("茨城県水戸市中央一丁目999番地"),
        "familyRegisterHeadName": .text("佐藤　次郎"),
    ]

    private func isBorn(_ reception: String = "R20251006-00001") throws -> JSONFields {
        try city.accepts(reception, "birth")
        return try city.enters("birth", reception, ["newPerson": .flag(true)], Self.newborn) {
            $0["joinHouseholdOf"] = .text(City.head)
        }
    }

    @Test("A birth takes a 住民票コード from the pool, asks for a number (A1-05) and leaves without one")
    func birth() throws {
        try city.poolHolds("88888001039")
        let draft = try isBorn()
        city.forgetPassed()
        #expect(try city.approves(draft, "R20251006-00001") == nil)
        let update = try #require(city.messages("identity.update.request").first)
        #expect(update.fields["individualNumber"] == .null)
        #expect(update.fields["moveReason"] == .text("birth"))
        let request = try #require(city.messages("individual-number.generate.request").first)
        #expect(request.step == "A1-05")
        #expect(request.fields["reason"] == .text("birth"))
        #expect(request.fields["individualNumber"] == nil)
        // A birth is no 住所異動: no 附票 [INF]; no notice to another city.
        #expect(city.messages("family-register-supplement.apply").isEmpty)
        #expect(city.messages("move-in-notice.deliver").isEmpty)
        #expect(city.messages("mailing-address.extracted").isEmpty)
        let facts = try city.registerFacts("88888001039")
        #expect(facts["state"] == .text("current"))
        #expect(facts["hasIndividualNumber"] == .flag(false))
        #expect(facts["numberRequest"] == .text("outstanding"))
        #expect(facts["householdMembers"] == .integer(3))
        #expect(facts["furiganaCertified"] == .flag(true))
    }

    @Test("Without a free 住民票コード nobody new is entered, and nothing has left")
    func emptyPool() throws {
        let draft = try isBorn()
        city.forgetPassed()
        #expect(try city.approves(draft, "R20251006-00001") == "code-pool-empty")
        #expect(city.sentByRegister().isEmpty)
        try city.poolHolds("88888001039")
        #expect(try city.approves(draft, "R20251006-00001") == nil)
    }

    @Test("C11: a code is given out once; a batch that comes again adds nothing")
    func pool() throws {
        try city.poolHolds("88888001039", City.headCode)
        #expect(try city.facts("residentRegister")["freeCodes"] == .integer(1))
        try city.poolHolds("88888001039")
        #expect(try city.facts("residentRegister")["freeCodes"] == .integer(1))
        #expect(try city.approves(try isBorn(), "R20251006-00001") == nil)
        try city.poolHolds("88888001039")
        #expect(try city.facts("residentRegister")["freeCodes"] == .integer(0))
    }

    static let paper: JSONFields = [
        "individualNumber": .text("999999001120"), "nameKanji": .text("木村　恵"),
        "nameKana": .text("キムラ　メグミ"), "sexCode": .text("2"),
        "birthDate": City.day("1988-12-24"), "relationshipCode": .text("世帯主"),
        "previousMunicipalityCode": .text("082201"),
        "previousAddress": .text("つくば市吾妻一丁目999番地の12"),
        "currentPostalCode": .text("3100913"), "currentAddress": .text("水戸市見川二丁目999番地の12"),
        "registeredDomicileMunicipalityCode": .text("082201"),
        "registeredDomicile": .text("茨城県つくば市吾妻一丁目999番地"),
        "familyRegisterHeadName": .text("木村　恵"),
    ]

    private func comesOnPaper(_ reception: String = "R20251006-00002") throws -> JSONFields {
        try city.enters(
            "domesticMoveIn", reception, City.code("88888001128"), Self.paper
        ) { $0["paperCertificate"] = .flag(true) }
    }

    @Test("R-048: a number from a paper certificate needs the result of a 本人確認 or 照会 before 本更新")
    func paperNeedsVerification() throws {
        try city.accepts("R20251006-00002", "moveIn")
        let draft = try comesOnPaper()
        city.forgetPassed()
        #expect(try city.approves(draft, "R20251006-00002") == "verification-required")
        #expect(city.sentByRegister().isEmpty)
        #expect(
            try city.approves(draft, "R20251006-00002", verification: "V-20251006-00007") == nil)
        #expect(try city.registerFacts("88888001128")["verifications"] == .integer(1))
        // As every 転入: the previous city is told, the 本籍地 is told, and nobody is asked for a number.
        #expect(city.messages("move-in-notice.deliver", to: "peerMunicipalCS/08220").count == 1)
        #expect(
            city.messages("family-register-supplement.deliver", to: "peerMunicipalCS/08220").count
                == 1)
        #expect(city.messages("individual-number.generate.request").isEmpty)
    }

    @Test("R-048: a 通知カード with another legal document is proof enough (corrections 6)")
    func notificationCard() throws {
        try city.accepts("R20251006-00002", "moveIn") {
            $0["identityEvidence"] = .array([
                .object(["kind": .text("notificationCard"), "checked": .flag(true)]),
                .object(["kind": .text("passport"), "checked": .flag(true)]),
            ])
        }
        #expect(try city.approves(try comesOnPaper(), "R20251006-00002") == nil)
    }

    @Test("V-11: a 個人番号 that is somebody else's is not registered")
    func numberInUse() throws {
        try city.accepts("R20251006-00002", "moveIn")
        let draft = try city.enters(
            "domesticMoveIn", "R20251006-00002", City.code("88888001128"),
            Self.paper.merging(["individualNumber": .text("999999001057")]) { $1 }
        ) { $0["paperCertificate"] = .flag(true) }
        #expect(
            try city.approves(draft, "R20251006-00002", verification: "V-1")
                == "individual-number-in-use")
    }

    @Test(
        "R-032: what the form of a 異動 has no place for is refused, and the store stays as it was",
        arguments: [
            ("death", "currentAddress", JSONValue.text("水戸市中央一丁目4番1号")),
            ("addressChange", "nameKanji", .text("別　名")),
            ("domesticMoveOut", "individualNumber", .text("999999001057")),
            ("householdChange", "birthDate", City.day("1990-01-01")),
            ("exOfficioCorrection", "individualNumber", .text("999999002088")),
        ])
    func forms(reason: String, item: String, value: JSONValue) throws {
        try city.accepts("R20251006-00003", "other")
        let before = try city.stored(City.headCode)
        let reply = try city.enters(
            reason, "R20251006-00003", City.subject(City.head), [item: value])
        #expect(reply["code"] == .text("item-not-for-reason"))
        #expect(try city.stored(City.headCode) == before)
        #expect(try city.facts("residentRegister")["provisionalRows"] == .integer(0))
    }

    @Test("R-022: an item that 住民基本台帳ファイル does not have is refused by layout and by register")
    func unknownItem() throws {
        try city.accepts("R20251006-00003", "other")
        try city.send(
            City.Injection(
                topic: "register.change.draft.request/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use",
                fields: [
                    "receptionNumber": .text("R20251006-00003"),
                    "moveReason": .text("exOfficioCorrection"),
                    "subject": .object(City.subject(City.head)),
                    "counterInput": .object(["taxAmount": .text("1000")]),
                ], correlation: "extra", isLinked: false))
        #expect(
            city.messages("register.change.reply").last?.fields["code"] == .text("item-unknown"))
        #expect(
            try !city.fits(
                "register.change.draft.request/v1",
                [
                    "receptionNumber": .text("R20251006-00003"),
                    "moveReason": .text("exOfficioCorrection"),
                    "subject": .object(City.subject(City.head)),
                    "counterInput": .object(["taxAmount": .text("1000")]),
                ]))
    }

    @Test("不詳 dates, 外字, IVS and an uncertified 振り仮名 arrive code point for code point")
    func codePoints() throws {
        try city.poolHolds("88888001039")
        let name = "葛\u{E0101}城　\u{E000}郎"
        var input = Self.newborn
        input["nameKanji"] = .text(name)
        input["furiganaCertified"] = .flag(false)
        input["birthDate"] = .object([
            "kind": .text("nonCalendar"), "text": .text("昭和20年2月30日"),
        ])
        try city.changes(
            "exOfficioEntry", "R20251006-00004", ["newPerson": .flag(true)],
            input.merging([
                "currentPostalCode": .text("3100805"), "currentAddress": .text("水戸市中央一丁目4番1号"),
            ]) { $1 })
        let row = try city.stored("88888001039")
        #expect(Array((row["nameKanji"] as String).unicodeScalars) == Array(name.unicodeScalars))
        let sync = try #require(city.messages("resident.sync", to: "integratedAddressee").last)
        #expect(
            sync.fields["nameKanji"]?.text.map { Array($0.unicodeScalars) }
                == Array(name.unicodeScalars))
        #expect(sync.fields["birthDate"]?["text"] == .text("昭和20年2月30日"))
        #expect(sync.fields["nameKana"]?["certified"] == .flag(false))
        let update = try #require(city.messages("identity.update.request").last)
        #expect(update.fields["nameGaijiCount"] == .integer(2))
        #expect(update.fields["birthDate"] == .text("00000000"))
    }

    @Test(
        "A certificate of several movers is used when the group is whole, not before (corrections 13)"
    )
    func wholeGroup() throws {
        let city = try City.before()
        func arrives(_ number: Int) throws {
            var fields = try Layouts.example("move-out-certificate.deliver/v2", city.files)
            fields["groupSize"] = .integer(2)
            if case .array(var movers)? = fields["movers"], case .object(var mover) = movers[0],
                number == 2
            {
                mover["juminhyoCode"] = .text(City.wifeCode)
                mover["individualNumber"] = .text("999999001022")
                movers[0] = .object(mover)
                fields["movers"] = .array(movers)
            }
            try city.send(
                City.Injection(
                    topic: "move-out-certificate.deliver/v2", from: "municipalCS",
                    to: "residentRegister", zone: "juki-net", fields: fields, step: "B3-02",
                    operatorID: nil, terminal: nil))
        }
        try arrives(1)
        try city.notificationIsAccepted()
        #expect(try city.drafted().code == "group-incomplete")
        try arrives(2)
        #expect(try city.drafted().code == nil)
    }

    @Test(
        "A dropped 届出 gives its certificate back: held again, and its clock runs on (corrections 7)"
    )
    func withdrawn() throws {
        let city = try City.before()
        try city.certificateArrives()
        try city.notificationIsAccepted()
        _ = try city.drafted()
        try city.send(
            City.Injection(
                topic: "notification.withdrawn/v1", from: "registerTerminal",
                to: "residentRegister", zone: "number-use",
                fields: [
                    "receptionNumber": .text("R20251006-00001"),
                    "withdrawnDate": .text("2025-10-07"),
                ]))
        let facts = try city.facts("residentRegister", City.person)
        #expect(facts["certificate"] == .text("held"))
        #expect(facts["provisionalRows"] == .integer(0))
        #expect(try city.drafted().code == "reception-withdrawn")
        try city.clock.set("2025-11-01T00:00:00+09:00")
        try city.tick()
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("none"))
    }

    /// The certificate waits in use, but the 届出 came after its thirty days.
    private func comesLate(_ city: City) throws {
        try city.certificateArrives()
        try city.clock.set("2025-10-31T09:00:00+09:00")
        var fields = try Layouts.example("notification.accepted/v2", city.files)
        fields["notifiedDate"] = .text("2025-11-05")
        try city.send(
            City.Injection(
                topic: "notification.accepted/v2", from: "registerTerminal", to: "residentRegister",
                zone: "number-use", fields: fields, step: "B1-01"))
        try city.clock.set("2025-11-05T09:00:00+09:00")
    }

    @Test("A 特例転入 after its thirty days waits for the 所属長, and nobody else decides it")
    func deadline() throws {
        let city = try City.before()
        try comesLate(city)
        let number = try #require(city.drafted().number)
        #expect(try city.committed(number) == "supervisor-decision-pending")
        let open = try #require(city.openCases().first)
        #expect(open["code"] == .text("special-move-in-deadline-exceeded"))
        #expect(try city.decides(open["id"], "proceed", by: "kakunin-02") == "supervisor-required")
        #expect(try city.decides(open["id"], "perhaps") == "decision-unknown")
        #expect(try city.decides(open["id"], "proceed") == nil)
        #expect(try city.decides(open["id"], "proceed") == "case-closed")
        #expect(try city.committed(number) == nil)
    }

    @Test("A supervisor who says no drops the draft, and the certificate is held again")
    func deadlineDiscarded() throws {
        let city = try City.before()
        try comesLate(city)
        let number = try #require(city.drafted().number)
        #expect(try city.decides(city.openCases().first?["id"], "discard") == nil)
        #expect(try city.committed(number) == "draft-unknown")
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("held"))
    }
}
