import GRDB
import Messaging
import Participant
import ParticipantStore
import ResidentRegister
import Testing

@Suite("修正・消除・取消し")
struct AmendmentTests {
    let city: City

    init() throws { city = try City.inhabited() }

    @Test("A 転居 of two is one transaction: both move, each by one version, in order")
    func household() throws {
        try city.accepts("R20251006-00040", "addressChange", of: [City.head, City.wife])
        let input: JSONFields = ["currentAddress": .text("水戸市五軒町三丁目999番地の1")]
        let draft = try city.enters(
            "addressChange", "R20251006-00040", City.subject(City.head), input
        ) {
            $0["members"] = .array([
                .object([
                    "subject": .object(City.subject(City.wife)), "counterInput": .object(input),
                ])
            ])
        }
        city.forgetPassed()
        #expect(try city.approves(draft, "R20251006-00040") == nil)
        #expect(
            city.messages("identity.update.request").map { $0.fields["juminhyoCode"] } == [
                .text(City.headCode), .text(City.wifeCode),
            ])
        #expect(city.messages("family-register-supplement.apply").count == 2)
        #expect(city.messages("move-in-notice.deliver").isEmpty)
        for code in [City.headCode, City.wifeCode] {
            #expect(try city.registerFacts(code)["version"] == .integer(2))
        }
    }

    @Test("Both or none: when one of them changed meanwhile, neither moves")
    func bothOrNone() throws {
        try city.accepts("R20251006-00040", "addressChange", of: [City.head, City.wife])
        let input: JSONFields = ["currentAddress": .text("水戸市五軒町三丁目999番地の1")]
        let draft = try city.enters(
            "addressChange", "R20251006-00040", City.subject(City.head), input
        ) {
            $0["members"] = .array([
                .object([
                    "subject": .object(City.subject(City.wife)), "counterInput": .object(input),
                ])
            ])
        }
        try city.changes(
            "householdChange", "R20251006-00041", City.subject(City.wife),
            ["remarks": .text("続柄確認済")])
        #expect(try city.approves(draft, "R20251006-00040") == "draft-outdated")
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(1))
    }

    @Test(
        "A1-03 leaves only when an item of 本人確認情報 changed, A1-12 only when one of the 副本 did",
        arguments: [
            ("minorCorrection", "remarks", JSONValue.text("備考"), false, false),
            ("minorCorrection", "householdHeadName", .text("佐藤　次郎太"), false, true),
            ("exOfficioCorrection", "nameKanji", .text("佐藤　治郎"), true, true),
            ("exOfficioCorrection", "registeredDomicile", .text("茨城県水戸市三の丸一丁目1番"), false, false),
            ("clericalCorrection", "currentTownAreaCode", .text("0042009"), true, false),
        ])
    func whatLeaves(
        reason: String, item: String, value: JSONValue, identity: Bool, replica: Bool
    ) throws {
        try city.changes(
            reason, "R20251006-00042", City.subject(City.head), [item: value])
        #expect(city.messages("identity.update.request").isEmpty != identity)
        #expect(
            city.messages("replica.update.request", to: "integratedAddressee").isEmpty != replica)
        #expect(city.messages("resident.sync", to: "officeLinkage").count == 1)
        #expect(city.messages("certificate-data.update").count == 1)
        #expect(city.messages("family-register-supplement.apply").isEmpty)
    }

    @Test("R-053: what does not leave uses no 更新順番号 up; the next A1-03 follows without a gap")
    func sequence() throws {
        try city.changes(
            "minorCorrection", "R20251006-00042", City.subject(City.head), ["remarks": .text("備考")])
        try city.changes(
            "exOfficioCorrection", "R20251006-00043", City.subject(City.head),
            ["nameKanji": .text("佐藤　治郎")])
        let update = try #require(city.messages("identity.update.request").first)
        #expect(update.fields["updateSequence"] == .integer(2))
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(3))
        #expect(try city.registerFacts(City.headCode)["answer.A103"] == .text("accepted"))
    }

    @Test("A 振り仮名 that is changed is no longer certified unless the counter says so (V-7)")
    func furigana() throws {
        try city.changes(
            "exOfficioCorrection", "R20251006-00042", City.subject(City.head),
            ["nameKana": .text("サトウ　ハルオ"), "furiganaCertified": .flag(true)])
        #expect(try city.registerFacts(City.headCode)["furiganaCertified"] == .flag(true))
        try city.changes(
            "exOfficioCorrection", "R20251006-00043", City.subject(City.head),
            ["nameKana": .text("サトウ　ハルキ")])
        #expect(try city.registerFacts(City.headCode)["furiganaCertified"] == .flag(false))
    }

    @Test("旧氏 is entered, reaches the CS with its 外字数, and is removed")
    func formerSurname() throws {
        try city.changes(
            "formerSurnameEntry", "R20251006-00042", City.subject(City.head),
            ["formerSurnameKanji": .text("辻\u{E0100}"), "formerSurnameKana": .text("ツジ")])
        let update = try #require(city.messages("identity.update.request").last)
        #expect(update.fields["formerSurnameKanji"] == .text("辻\u{E0100}"))
        #expect(update.fields["formerSurnameGaijiCount"] == .integer(1))
        #expect(update.fields["formerSurnameFurigana"] == .text("つじ"))
        try city.changes("formerSurnameRemoval", "R20251006-00043", City.subject(City.head))
        #expect(
            city.messages("identity.update.request").last?.fields["formerSurnameKanji"] == .null)
    }

    @Test("通称 of a foreign resident: in use and in the history with its days; nobody else has one")
    func alias() throws {
        let foreign = try city.row(1) { $0["addresseeNumber"] = .text("0000010065") }
        try city.imports([foreign])
        let number = try #require(foreign["addresseeNumber"])
        try city.changes(
            "aliasEntry", "R20251006-00042", ["addresseeNumber": number],
            ["foreignAliasKanji": .text("山本　一郎"), "foreignAliasKana": .text("ヤマモト　イチロウ")])
        try city.changes(
            "aliasRemoval", "R20251006-00043", ["addresseeNumber": number],
            moveDate: "2025-10-05")
        let row = try city.stored(#require(foreign["juminhyoCode"]?.text))
        #expect(row["foreignAliasKanji"] == nil)
        let history = try PayloadCoding.decode(
            [JSONFields].self, from: Array((row["aliasHistory"] as String).utf8))
        #expect(history.last?["alias"] == .text("山本　一郎"))
        #expect(history.last?["from"] == .text("2025-10-04"))
        #expect(history.last?["to"] == .text("2025-10-05"))
        try city.accepts("R20251006-00044", "other")
        let reply = try city.enters(
            "aliasEntry", "R20251006-00044", City.subject(City.head),
            ["foreignAliasKanji": .text("山本　一郎")])
        #expect(reply["code"] == .text("not-foreign-resident"))
    }

    @Test("A 市町村通知 follows a 転居 of a foreign resident, not a change of 世帯 alone (A3-03)")
    func municipalNotice() throws {
        let foreign = try city.row(1) { $0["addresseeNumber"] = .text("0000010065") }
        try city.imports([foreign])
        let subject: JSONFields = ["addresseeNumber": try #require(foreign["addresseeNumber"])]
        try city.changes(
            "householdChange", "R20251006-00042", subject, ["remarks": .text("世帯")])
        #expect(city.messages("municipal-notice.created").isEmpty)
        try city.changes(
            "addressChange", "R20251006-00043", subject,
            ["currentAddress": .text("水戸市五軒町三丁目999番地の1")])
        #expect(city.messages("municipal-notice.created").count == 1)
        #expect(city.messages("municipal-notice.created").first?.step == "A3-03")
    }

    @Test("A 世帯分離 makes a household of one's own")
    func split() throws {
        try city.changes(
            "householdSplit", "R20251006-00042", City.subject(City.wife),
            ["relationshipCode": .text("世帯主")])
        #expect(try city.registerFacts(City.wifeCode)["householdMembers"] == .integer(1))
        #expect(try city.registerFacts(City.headCode)["householdMembers"] == .integer(1))
        let row = try city.stored(City.wifeCode)
        #expect(row["householdHeadName"] == "佐藤　花子")
        try city.changes(
            "householdMerge", "R20251006-00043", City.subject(City.wife),
            ["relationshipCode": .text("妻")]
        ) { $0["joinHouseholdOf"] = .text(City.head) }
        #expect(try city.registerFacts(City.headCode)["householdMembers"] == .integer(2))
    }

    @Test("R-100: a death keeps the number with the 除票, tells everybody, and no 附票 (SC-05)")
    func death() throws {
        try city.changes("death", "R20251006-00042", City.subject(City.head), type: "death")
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("removed"))
        #expect(facts["removalCategory"] == .text("deceased"))
        #expect(facts["removalDate"] == .text("2025-10-04"))
        #expect(facts["hasIndividualNumber"] == .flag(true))
        #expect(city.messages("family-register-supplement.apply").isEmpty)
        #expect(city.messages("certificate-data.update").last?.fields["removed"] == .flag(true))
        try city.accepts("R20251006-00043", "other")
        let reply = try city.enters(
            "minorCorrection", "R20251006-00043", City.subject(City.head), ["remarks": .text("備考")])
        #expect(reply["code"] == .text("not-resident"))
    }

    @Test("R-096: five years after the removal the 除票 leaves the main store for the archive, whole")
    func archive() throws {
        try city.changes("death", "R20251006-00042", City.subject(City.head), type: "death")
        try city.clock.set("2030-10-03T23:59:59+09:00")
        try city.stores["residentRegister"]?.tick(now: city.clock.now())
        #expect(try city.registerFacts(City.headCode)["state"] == .text("removed"))
        try city.clock.set("2030-10-04T00:00:00+09:00")
        try city.stores["residentRegister"]?.tick(now: city.clock.now())
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("archived"))
        #expect(facts["archived"] == .integer(1))
        let rows = try #require(city.stores["residentRegister"]).perform { transaction in
            try ["resident", "resident_history", "resident_history_archive"].map { table in
                try Int.fetchOne(
                    transaction.database,
                    sql: "SELECT count(*) FROM \(table) WHERE juminhyoCode = ?",
                    arguments: [City.headCode])
            }
        }
        #expect(rows == [0, 0, 2])
        // the number of the dead stays his (V-11).
        #expect(try city.cells(of: "residentRegister") { $0 == "999999001057" } > 0)
    }

    @Test(
        "R-101: a 届出 goes a year after it was done, where the city has decided so; nothing goes by default"
    )
    func notificationRetention() throws {
        try city.changes(
            "minorCorrection", "R20251006-00042", City.subject(City.head), ["remarks": .text("備考")])
        try city.clock.set("2027-01-01T00:00:00+09:00")
        try city.stores["residentRegister"]?.tick(now: city.clock.now())
        #expect(try city.facts("residentRegister")["receptions"] == .integer(1))
        city.registerSettings.notificationDays = 365
        try city.open("residentRegister")
        try city.stores["residentRegister"]?.tick(now: city.clock.now())
        #expect(try city.facts("residentRegister")["receptions"] == .integer(0))
        #expect(try city.facts("residentRegister")["historyRows"] == .integer(3))
    }

    private func cancels(
        _ draft: JSONFields, _ reception: String = "R20251006-00050"
    ) throws -> JSONFields {
        try city.accepts(reception, "other", of: [City.head])
        return try city.ask(
            "register.change.cancel.request/v1",
            [
                "receptionNumber": .text(reception), "draftNumber": draft["draftNumber"] ?? .null,
                "reason": .text("届出の取消し"),
            ], answeredBy: "register.change.reply", correlation: reception)
    }

    private func peerAnswers(_ result: String, _ code: String? = nil) throws {
        let asked = try #require(
            city.messages("move-out-certificate.withdraw", to: "peerMunicipalCS/08220").last)
        var fields = asked.fields
        fields["withdrawnDate"] = nil
        fields["reason"] = nil
        fields["result"] = .text(result)
        fields["code"] = code.map { .text($0) }
        try city.send(
            City.Injection(
                topic: "move-out-certificate.withdraw.ack/v1", from: "peerMunicipalCS/08220",
                to: "municipalCS", zone: "juki-net", fields: fields,
                correlation: asked.envelope.correlation.rawValue, step: "A6-02",
                operatorID: nil, terminal: nil))
    }

    @Test("R-040: a 取消し takes two people, appends history, and deletes nothing")
    func cancelled() throws {
        let draft = try city.changes(
            "addressChange", "R20251006-00042", City.subject(City.head),
            ["currentAddress": .text("水戸市五軒町三丁目999番地の1")])
        let cancelling = try cancels(draft)
        #expect(
            try city.committed(#require(cancelling["draftNumber"]?.text), by: "nyuryoku-01")
                == "same-operator")
        #expect(try city.approves(cancelling, "R20251006-00050") == nil)
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["historyRows"] == .integer(3))
        #expect(facts["reasons"]?.text?.hasSuffix(">addressChange>cancelCorrection") == true)
        let rows = try #require(city.stores["residentRegister"]).perform {
            try String.fetchAll(
                $0.database,
                sql: """
                    SELECT currentAddress FROM resident_history WHERE juminhyoCode = ? ORDER BY version
                    """, arguments: [City.headCode])
        }
        #expect(rows[0] == rows[2])
        #expect(try cancels(draft, "R20251006-00051")["code"] == .text("not-latest"))
    }

    @Test("A 取消し of a death brings the person back (異動の取消し(増))")
    func cancelledDeath() throws {
        let draft = try city.changes(
            "death", "R20251006-00042", City.subject(City.head), type: "death")
        let cancelling = try cancels(draft)
        city.forgetPassed()
        #expect(try city.approves(cancelling, "R20251006-00050") == nil)
        #expect(try city.registerFacts(City.headCode)["state"] == .text("current"))
        #expect(
            city.messages("identity.update.request").first?.fields["moveReason"]
                == .text("exOfficioEntry"))
        #expect(city.messages("certificate-data.update").first?.fields["removed"] == .flag(false))
    }

    @Test(
        "The 取消し of a 特例転出 asks the peer first; with its consent the person stays, and the CS hears it again"
    )
    func cancelledMoveOut() throws {
        let draft = try city.plansMoveOut()
        let cancelling = try cancels(draft)
        city.forgetPassed()
        #expect(try city.approves(cancelling, "R20251006-00050") == "no-answer-yet")
        #expect(try city.registerFacts(City.headCode)["state"] == .text("plannedMoveOut"))
        try peerAnswers("accepted")
        #expect(city.messages("register.change.reply").last?.fields["result"] == .text("accepted"))
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("current"))
        #expect(facts["moveOutCertificate"] == .text("withdrawn"))
        #expect(facts["pendingCancellations"] == .integer(0))
        #expect(city.messages("identity.update.request").count == 1)
        try city.clock.set("2025-11-02T00:00:00+09:00")
        try city.tick()
        #expect(try city.registerFacts(City.headCode)["state"] == .text("current"))
    }

    @Test("A peer that has used the certificate refuses: so is the 取消し, and a person decides")
    func refusedCancellation() throws {
        let draft = try city.plansMoveOut()
        let cancelling = try cancels(draft)
        #expect(try city.approves(cancelling, "R20251006-00050") == "no-answer-yet")
        try peerAnswers("refused", "certificate-consumed")
        let reply = try #require(city.messages("register.change.reply").last)
        #expect(reply.fields["result"] == .text("refused"))
        #expect(reply.fields["code"] == .text("certificate-consumed"))
        #expect(try city.registerFacts(City.headCode)["state"] == .text("plannedMoveOut"))
        let open = try #require(city.openCases().first)
        #expect(open["code"] == .text("withdrawal-refused"))
        #expect(try city.decides(open["id"], "discard") == nil)
        #expect(try city.registerFacts(City.headCode)["pendingCancellations"] == .integer(0))
        #expect(try city.facts("residentRegister")["provisionalRows"] == .integer(0))
    }

    @Test("A peer that does not answer is put before a person after three days")
    func silentPeer() throws {
        let draft = try city.plansMoveOut()
        #expect(try city.approves(try cancels(draft), "R20251006-00050") == "no-answer-yet")
        try city.clock.set("2025-10-09T08:59:59+09:00")
        try city.tick()
        #expect(try city.openCases().isEmpty)
        try city.clock.set("2025-10-09T09:00:00+09:00")
        try city.tick()
        let open = try #require(city.openCases().first)
        #expect(open["code"] == .text("withdrawal-unanswered"))
        #expect(try city.decides(open["id"], "proceed") == nil)
        #expect(city.messages("register.change.reply").last?.fields["result"] == .text("accepted"))
        #expect(try city.registerFacts(City.headCode)["state"] == .text("current"))
    }

    @Test("After the removal a 転出 cannot be cancelled any more")
    func tooLate() throws {
        let draft = try city.plansMoveOut()
        try city.moveInIsNoticed(on: "2025-10-05")
        #expect(try cancels(draft)["code"] == .text("already-removed"))
    }

    @Test("A draft is cancelled at once and leaves nothing")
    func droppedDraft() throws {
        try city.accepts("R20251006-00042", "other", of: [City.head])
        let draft = try city.enters(
            "minorCorrection", "R20251006-00042", City.subject(City.head), ["remarks": .text("備考")])
        #expect(try cancels(draft)["result"] == .text("accepted"))
        #expect(try city.approves(draft, "R20251006-00042") == "draft-unknown")
        #expect(try city.facts("residentRegister")["provisionalRows"] == .integer(0))
    }
}
