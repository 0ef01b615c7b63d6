import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("転出")
struct MoveOutTests {
    let city: City

    init() throws { city = try City.inhabited() }

    @Test("A 特例転出 sends one certificate to the planned city and changes no 本人確認情報 yet (A1-08)")
    func planned() throws {
        try city.plansMoveOut()
        let certificate = try #require(
            city.messages("move-out-certificate.deliver", to: "peerMunicipalCS/08220").first)
        #expect(city.messages("move-out-certificate.deliver").count == 2)
        #expect(certificate.fields["plannedMoveOutDate"] == .text("2025-11-01"))
        #expect(certificate.fields["expiryDate"] == .text("2025-12-01"))
        #expect(certificate.fields["groupSize"] == .integer(1))
        #expect(
            city.sentByRegister() == [
                "A1-08 municipalCS", "A1-11 integratedAddressee", "A1-11 officeLinkage",
                "A1-12 integratedAddressee", "A1-13 certificateIssuance",
            ])
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("plannedMoveOut"))
        #expect(facts["moveOutCertificate"] == .text("sent"))
        #expect(facts["removalDate"] == .text(""))
        #expect(try city.facts("municipalCS", City.code(City.headCode))["planned"] == .flag(true))
    }

    @Test("A 転出 without a card is certified on paper: A1-08 does not fire (corrections 12)")
    func paper() throws {
        try city.plansMoveOut(hasCard: false)
        #expect(city.messages("move-out-certificate.deliver").isEmpty)
        #expect(try city.registerFacts(City.headCode)["moveOutCertificate"] == .text("none"))
    }

    @Test(
        "A household is one group, certified if one of them holds a card; both are planned or none")
    func household() throws {
        try city.plansMoveOut(hasCard: true) {
            $0["wholeHousehold"] = .flag(true)
            $0["members"] = .array([
                .object([
                    "subject": .object(City.subject(City.wife)),
                    "counterInput": .object([
                        "plannedMoveOutMunicipalityCode": .text("082201"),
                        "plannedMoveOutAddress": .text("つくば市研究学園一丁目999番地の5"),
                    ]),
                ])
            ])
        }
        let certificate = try #require(
            city.messages("move-out-certificate.deliver", to: "peerMunicipalCS/08220").first)
        #expect(certificate.fields["groupSize"] == .integer(2))
        guard case .array(let movers)? = certificate.fields["movers"] else { return }
        #expect(movers.map { $0["hasIndividualNumberCard"] } == [.flag(true), .flag(false)])
        for code in [City.headCode, City.wifeCode] {
            #expect(try city.registerFacts(code)["state"] == .text("plannedMoveOut"))
        }
    }

    @Test(
        "A 転出届 that lacks what a certificate needs is refused",
        arguments: [
            ("plannedMoveOutDate", JSONValue.null, "planned-date-missing"),
            ("counterInput", .object([:]), "planned-municipality-missing"),
            ("wholeHousehold", .flag(true), "household-incomplete"),
        ])
    func incomplete(member: String, value: JSONValue, code: String) throws {
        try city.accepts("R20251006-00010", "moveOut", of: [City.head])
        let reply = try city.enters(
            "domesticMoveOut", "R20251006-00010", City.subject(City.head),
            ["plannedMoveOutMunicipalityCode": .text("082201")]
        ) {
            $0["plannedMoveOutDate"] = .text("2025-11-01")
            $0[member] = value == .null ? nil : value
        }
        #expect(reply["code"] == .text(code))
    }

    @Test(
        "V-9: the 転入通知 confirms where, keeps what was planned, and the earlier day is the removal")
    func noticed() throws {
        try city.plansMoveOut()
        city.forgetPassed()
        try city.moveInIsNoticed(on: "2025-10-28")
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("removed"))
        #expect(facts["removalDate"] == .text("2025-10-28"))
        #expect(facts["removalReason"] == .text("domesticMoveOut"))
        #expect(facts["plannedMunicipality"] == .text("082201"))
        #expect(facts["confirmedMunicipality"] == .text("082201"))
        #expect(facts["moveOutCertificate"] == .text("answered"))
        let row = try city.stored(City.headCode)
        #expect(row["confirmedMoveOutAddress"] == "つくば市研究学園一丁目999番地の5")
        #expect(row["plannedMoveOutAddress"] == "つくば市研究学園一丁目999番地の5")
        #expect(
            city.sentByRegister() == [
                "A1-03 municipalCS", "A1-11 integratedAddressee", "A1-11 officeLinkage",
                "A1-12 integratedAddressee", "A1-13 certificateIssuance",
            ])
        let update = try #require(city.messages("identity.update.request").first)
        #expect(update.fields["moveReason"] == .text("moveOut"))
        #expect(update.fields["moveDate"] == .text("20251028"))
        let certificate = try #require(city.messages("certificate-data.update").first)
        #expect(certificate.fields["removed"] == .flag(true))
    }

    @Test(
        "The planned day removes whom no notice named; a later notice is still stored and changes no day"
    )
    func scheduled() throws {
        try city.plansMoveOut()
        try city.clock.set("2025-10-31T23:59:59+09:00")
        try city.tick()
        #expect(try city.registerFacts(City.headCode)["state"] == .text("plannedMoveOut"))
        try city.clock.set("2025-11-01T00:00:00+09:00")
        try city.tick()
        #expect(try city.registerFacts(City.headCode)["state"] == .text("removed"))
        city.forgetPassed()
        try city.moveInIsNoticed(on: "2025-11-03")
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["removalDate"] == .text("2025-11-01"))
        #expect(facts["confirmedMunicipality"] == .text("082201"))
        #expect(city.sentByRegister().isEmpty)
        try city.tick()
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(4))
    }

    @Test(
        "The same notice twice is one; a corrected one, and one from a third city, replace what was confirmed"
    )
    func corrected() throws {
        try city.plansMoveOut()
        try city.moveInIsNoticed(on: "2025-10-28")
        try city.moveInIsNoticed(on: "2025-10-28")
        #expect(try city.registerFacts(City.headCode)["version"] == .integer(3))
        try city.moveInIsNoticed(on: "2025-10-28", at: "082031", peer: "08203", address: "土浦市大和町9番")
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["moveInNotices"] == .integer(2))
        #expect(facts["version"] == .integer(4))
        #expect(facts["confirmedMunicipality"] == .text("082031"))
        #expect(facts["plannedMunicipality"] == .text("082201"))
    }

    @Test("Part of a household: the notice about one leaves the other where she is")
    func part() throws {
        try household()
        try city.moveInIsNoticed(on: "2025-10-28")
        #expect(try city.registerFacts(City.headCode)["state"] == .text("removed"))
        #expect(try city.registerFacts(City.wifeCode)["state"] == .text("plannedMoveOut"))
        try city.clock.set("2025-11-01T00:00:00+09:00")
        try city.tick()
        #expect(try city.registerFacts(City.wifeCode)["removalDate"] == .text("2025-11-01"))
    }

    @Test("A notice about somebody who never said he would leave waits for a person")
    func unexpected() throws {
        try city.moveInIsNoticed(on: "2025-10-02")
        #expect(try city.registerFacts(City.headCode)["state"] == .text("current"))
        try city.moveInIsNoticed(of: "88888001071", on: "2025-10-02")
        #expect(
            try city.openCases().compactMap { $0["code"]?.text } == [
                "move-in-notice-unexpected", "move-in-notice-unknown",
            ])
        // What a person decides is a 職権消除; it takes the 転出確定地 over.
        try city.changes("exOfficioRemoval", "R20251006-00013", City.subject(City.head))
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["removalCategory"] == .text("exOfficio"))
        #expect(facts["confirmedMunicipality"] == .text("082201"))
    }

    private func isRequested(
        by peer: String = "08203", of code: String = City.headCode
    ) throws {
        try city.send(
            City.Injection(
                topic: "move-out-certificate.request/v2", from: "peerMunicipalCS/\(peer)",
                to: "municipalCS", zone: "juki-net",
                fields: [
                    "juminhyoCode": .text(code), "nameKanji": .text("佐藤　次郎"),
                    "originMunicipalityCode": .text("08201"),
                    "destinationMunicipalityCode": .text(peer),
                    "requestReason": .text("notReceived"),
                ], correlation: "ask-\(city.passed.count)", operatorID: nil, terminal: nil))
    }

    @Test(
        "C7: a peer that asks gets the certificate of a committed 転出, also another city than planned"
    )
    func requested() throws {
        try city.plansMoveOut()
        city.forgetPassed()
        try isRequested()
        let sent = try #require(
            city.messages("move-out-certificate.deliver", to: "peerMunicipalCS/08203").first)
        #expect(sent.fields["deliveryMode"] == .text("requested"))
        #expect(sent.step == "C7")
    }

    @Test("C7: without a committed 転出 the peer is refused with no-committed-move-out")
    func requestRefused() throws {
        try isRequested()
        let reply = try #require(
            city.messages("move-out-certificate.reply", to: "peerMunicipalCS/08203").first)
        #expect(reply.fields["code"] == .text("no-committed-move-out"))
        #expect(city.messages("move-out-certificate.deliver").isEmpty)
        try isRequested(of: "88888001071")
        #expect(city.messages("move-out-certificate.reply", to: "peerMunicipalCS/08203").count == 2)
    }

    @Test("C7: a certificate that was handed out on paper is not sent as well")
    func requestOfPaper() throws {
        try city.plansMoveOut(hasCard: false)
        try isRequested()
        let reply = try #require(
            city.messages("move-out-certificate.reply", to: "peerMunicipalCS/08203").first)
        #expect(reply.fields["code"] == .text("paper-certificate"))
    }

    @Test(
        "A corrected destination takes the certificate back and sends it to the right city (SC-24)")
    func redirected() throws {
        try city.plansMoveOut()
        city.forgetPassed()
        try city.changes(
            "clericalCorrection", "R20251006-00011", City.subject(City.head),
            ["plannedMoveOutMunicipalityCode": .text("082031")])
        let withdrawal = try #require(
            city.messages("move-out-certificate.withdraw", to: "peerMunicipalCS/08220").first)
        #expect(withdrawal.fields["reason"] == .text("misdirected"))
        #expect(
            city.messages("move-out-certificate.deliver", to: "peerMunicipalCS/08203").count == 1)
    }

    @Test("国外転出: no certificate, and the 附票 is told by us with the country as address (SC-03b)")
    func abroad() throws {
        try city.accepts("R20251006-00012", "moveOut", of: [City.head], hasCard: true)
        let draft = try city.enters(
            "overseasMoveOut", "R20251006-00012", City.subject(City.head),
            ["plannedMoveOutAddress": .text("アメリカ合衆国")]
        ) { $0["plannedMoveOutDate"] = .text("2025-10-20") }
        #expect(try city.approves(draft, "R20251006-00012") == nil)
        #expect(city.messages("family-register-supplement.apply").isEmpty)
        try city.clock.set("2025-10-20T00:00:00+09:00")
        try city.tick()
        #expect(city.messages("move-out-certificate.deliver").isEmpty)
        let supplement = try #require(city.messages("family-register-supplement.apply").first)
        #expect(supplement.fields["currentAddress"] == .text("アメリカ合衆国"))
        #expect(supplement.fields["addressFixedDate"] == City.day("2025-10-20"))
        #expect(try city.registerFacts(City.headCode)["removalReason"] == .text("overseasMoveOut"))
    }

    @Test("Who comes back is entered on his 除票: same 宛名番号, the history goes on")
    func returns() throws {
        try city.plansMoveOut(hasCard: false)
        try city.moveInIsNoticed(on: "2025-10-28")
        try city.clock.set("2025-12-10T09:00:00+09:00")
        try city.accepts("R20251210-00001", "moveIn")
        let draft = try city.enters(
            "domesticMoveIn", "R20251210-00001", City.code(City.headCode),
            EntryTests.paper.merging(["individualNumber": .text("999999001057")]) { $1 }
        ) { $0["paperCertificate"] = .flag(true) }
        #expect(try city.approves(draft, "R20251210-00001", verification: "V-9") == nil)
        let facts = try city.registerFacts(City.headCode)
        #expect(facts["state"] == .text("current"))
        #expect(facts["version"] == .integer(4))
        #expect(facts["residents"] == .integer(2))
        #expect(facts["removalCategory"] == .text("none"))
    }
}
