import GRDB
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("既存住基")
struct ResidentRegisterTests {
    let city: City

    init() throws { city = try City.before() }

    @Test("R-040: who entered a change cannot approve it; another person can")
    func twoPeople() throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        let number = try #require(city.drafted(by: "nyuryoku-01").number)
        #expect(try city.committed(number, by: "nyuryoku-01") == "same-operator")
        #expect(try city.facts("residentRegister", City.person)["state"] == .text("draft"))
        #expect(city.messages("resident.sync").isEmpty)
        #expect(try city.committed(number, by: "kakunin-01") == nil)
        #expect(try city.facts("residentRegister", City.person)["state"] == .text("current"))
        #expect(try city.committed(number, by: "kakunin-02") == "draft-unknown")
    }

    @Test("R-041: a provisional change leaves nothing but the reply and its evidence")
    func provisional() throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        city.forgetPassed()
        _ = try city.drafted()
        #expect(
            city.passed.map(\.type) == [
                "register.change.draft.request", "register.change.reply", "audit.record",
            ])
        let facts = try city.facts("residentRegister", City.person)
        #expect(facts["state"] == .text("draft"))
        #expect(facts["provisionalRows"] == .integer(1))
        #expect(facts["historyRows"] == .integer(0))
    }

    @Test("R-041: 本更新 sends everything at once, A1-03 to A1-13 and A4-01")
    func fanOut() throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        let number = try #require(city.drafted().number)
        city.forgetPassed()
        #expect(try city.committed(number) == nil)
        let steps = city.passed.filter { $0.envelope.source.rawValue == "residentRegister" }
            .map { "\($0.step) \($0.recipient)" }
        for expected in [
            "A1-03 municipalCS", "A1-09 municipalCS", "A1-11 officeLinkage",
            "A1-11 integratedAddressee", "A1-12 integratedAddressee", "A1-13 certificateIssuance",
            "A4-01 municipalCS", "A1-02 hub", "B3-04 hub",
        ] {
            #expect(steps.filter { $0 == expected }.count == 1, "\(expected): \(steps)")
        }
    }

    @Test("B3-03: a 特例転入 without the reference of a 本人確認 is refused")
    func verificationRequired() throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        let refused = try city.drafted { $0["verificationReference"] = nil }
        #expect(refused.code == "verification-required")
        #expect(refused.number == nil)
        #expect(try city.facts("residentRegister", City.person)["provisionalRows"] == .integer(0))
    }

    @Test(
        "A draft that cannot be is answered with a code, never silence",
        arguments: [
            ("receptionNumber", JSONValue.text("R20251006-00009"), "reception-unknown"),
            ("subject", .object(["juminhyoCode": .text("88888001012")]), "certificate-not-held"),
            ("moveReason", .text("death"), "item-not-for-reason"),
        ])
    func declined(member: String, value: JSONValue, code: String) throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        #expect(try city.drafted { $0[member] = value }.code == code)
        #expect(city.unaccepted.isEmpty)
    }

    @Test("The same person is not drafted twice, and not moved in twice")
    func once() throws {
        try city.movesIn()
        #expect(try city.drafted().code == "already-resident")
    }

    @Test("R-049: the 届出 takes the certificate of its own person, by name, birth date and 転出地")
    func matching() throws {
        try city.certificateArrives()
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("held"))
        try city.notificationIsAccepted()
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("inUse"))
    }

    @Test("R-049: the 届出 of another person takes nobody's certificate")
    func notMatching() throws {
        try city.certificateArrives()
        var fields = try Layouts.example("notification.accepted/v2", city.files)
        fields["subjects"] = .array([
            .object([
                "nameKanji": .text("佐藤　三郎"), "hasIndividualNumberCard": .flag(true),
                "birthDate": .object(["kind": .text("exact"), "date": .text("1990-02-14")]),
            ])
        ])
        try city.send(
            City.Injection(
                topic: "notification.accepted/v2", from: "registerTerminal", to: "residentRegister",
                zone: "number-use", fields: fields, step: "B1-01"))
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("held"))
    }

    @Test(
        "R-090: at D+30 23:59:59 the certificate is kept, at D+31 00:00 it is gone from both systems, with evidence"
    )
    func thirtyDays() throws {
        try city.certificateArrives()
        city.forgetPassed()
        try city.clock.set("2025-10-31T23:59:59+09:00")
        try city.tick()
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("held"))
        #expect(try city.facts("municipalCS", City.person)["certificate"] == .text("held"))
        #expect(city.messages("audit.record").isEmpty)
        try city.clock.set("2025-11-01T00:00:00+09:00")
        try city.tick()
        let facts = try city.facts("residentRegister", City.person)
        #expect(facts["certificate"] == .text("none"))
        #expect(facts["purgedCertificates"] == .integer(1))
        #expect(try city.facts("municipalCS", City.person)["certificate"] == .text("none"))
        let evidence = city.messages("audit.record")
        #expect(evidence.count == 2)
        #expect(evidence.allSatisfy { $0.fields["operation"] == .text("retention.purged") })
        #expect(evidence.allSatisfy { $0.fields["reference"] == .text("G-08221-20250920-00001") })
        for system in ["residentRegister", "municipalCS"] {
            #expect(try city.cells(of: system) { $0.contains("88888001047") } == 0)
        }
        try city.tick()
        #expect(city.messages("audit.record").count == 2)
    }

    @Test("R-090: the clock of a certificate in use stands still")
    func inUseIsKept() throws {
        try city.certificateArrives()
        try city.notificationIsAccepted()
        try city.clock.set("2025-12-01T00:00:00+09:00")
        try city.stores["residentRegister"]?.tick(now: city.clock.now())
        #expect(try city.facts("residentRegister", City.person)["certificate"] == .text("inUse"))
        let number = try #require(city.drafted().number)
        #expect(try city.committed(number) == nil)
    }

    @Test("宛名番号 and 世帯番号 carry their check digit (V-6), the version of the history is 1")
    func numbers() throws {
        try city.movesIn()
        let sync = try #require(city.messages("resident.sync", to: "integratedAddressee").first)
        for name in ["addresseeNumber", "householdNumber"] {
            let number = try #require(sync.fields[name]?.text)
            #expect(AddresseeNumber.isValid(number), "\(name)")
        }
        #expect(sync.fields["recordVersion"] == .integer(1))
        #expect(sync.fields["individualNumber"] == .text(City.individualNumber))
    }

    @Test("All 83 items of 住民基本台帳ファイル have their column")
    func items() throws {
        let columns = try #require(city.stores["residentRegister"]).perform {
            try $0.database.columns(in: "resident").map(\.name)
        }
        #expect(columns.count == 83 + 4)
        #expect(
            columns.prefix(3) == ["householdNumber", "householdHeadNameKana", "householdHeadName"])
        #expect(
            columns[80...82] == ["individualNumber", "formerSurnameKana", "formerSurnameKanji"])
    }

    @Test("A 転居 sends a second version and no 転入通知")
    func addressChange() throws {
        try city.movesIn()
        let number = try city.addresseeNumber()
        city.forgetPassed()
        let draft = try city.drafted {
            $0["moveReason"] = .text("addressChange")
            $0["subject"] = .object(["addresseeNumber": number])
            $0["counterInput"] = .object([
                "currentAddress": .text("水戸市中央一丁目4番1号"),
                "addressFixedDate": .object(["kind": .text("exact"), "date": .text("2025-10-20")]),
                "addressFixedNotifiedDate": .text("2025-10-20"),
            ])
            $0["verificationReference"] = nil
        }
        #expect(try city.committed(#require(draft.number)) == nil)
        #expect(city.messages("move-in-notice.deliver").isEmpty)
        #expect(city.messages("identity.update.notice").first?.step == "A1-04")
        #expect(try city.facts("municipalCS", City.person)["versions"] == .integer(2))
        #expect(try city.facts("intermediateServer")["replicaVersion"] == .integer(2))
        #expect(try city.facts("residentRegister", City.person)["historyRows"] == .integer(2))
        #expect(city.messages("addressee-pair.register.request").isEmpty)
    }
}
