import JSONSchema
import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("既存住基と市町村CSの間")
struct CSLinkTests {
    let city: City

    init() throws {
        city = try City.before("2025-10-06T09:00:00+09:00")
        city.absent = ["residentRegister"]
    }

    private static let links = [
        "identity.update.request/v1", "identity.update.request/v2", "identity.update.request/v3",
        "individual-number.generate.request/v1", "move-in-notice.deliver/v1",
        "move-out-certificate.deliver/v2", "family-register-supplement.deliver/v1",
        "mailing-address.extracted/v1", "mailing-address.extracted/v2",
        "link-code.acquire.request/v1", "register-cs.reconcile.request/v1",
        "identity.update.reply/v1", "individual-number.assigned/v1", "identity.load.request/v1",
    ]

    private func verdict(_ topic: String, _ fields: JSONFields) throws -> Bool {
        let index = try #require(city.catalogue.topicIndex(of: Topic(topic)))
        var checker = Checker()
        var scan = NumberScan()
        let payload = try PayloadCoding.encode(fields)
        return checker.check(
            payload.span, against: city.catalogue.topic(index).schema, inspector: &scan) == .valid
    }

    @Test(
        "R-005, R-006: no message between register and CS takes an item its layout does not name, whichever item of F1 it is",
        arguments: links)
    func closed(topic: String) throws {
        let example = try Layouts.example(topic, city.files)
        #expect(try verdict(topic, example))
        let known = Set(try Layouts.fields(topic, city.files))
        let foreign =
            try Layouts.fields("register.change.draft.request/v1", city.files)
            + [
                "addresseeNumber", "householdNumber", "integratedAddresseeNumber", "taxNumber",
                "administrativeDistrictCode", "householdHeadName", "residenceCardNumber",
                "nationalityCode", "aliasHistory", "remarks", "linkCode",
            ]
        for name in foreign where !known.contains(name) {
            var fields = example
            fields[name] = .text("0000010049")
            #expect(try !verdict(topic, fields), "\(topic) takes \(name)")
        }
    }

    @Test(
        "R-003, R-004: nothing of F2 or F3 comes from anybody but the register, whatever the hub lets pass",
        arguments: [
            "identity.update.request/v3", "identity.load.request/v1",
            "mailing-address.extracted/v2", "individual-number.generate.request/v1",
            "register-cs.reconcile.request/v1",
        ])
    func source(topic: String) throws {
        let before = try city.cells(of: "municipalCS") { _ in true }
        for source in ["officeLinkage", "integratedAddressee", "peerMunicipalCS/08221"] {
            let settlement = try city.send(
                City.Injection(
                    topic: topic, from: source, to: "municipalCS", zone: "juki-net",
                    fields: Layouts.example(topic, city.files), isLinked: false))
            #expect(settlement == .failed(code: "source-not-permitted"))
        }
        #expect(try city.cells(of: "municipalCS") { _ in true } == before)
    }

    @Test("R-006: a type the CS does not know is refused")
    func unknownType() throws {
        let settlement = try city.send(
            City.Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "municipalCS",
                zone: "juki-net", fields: Layouts.example("resident.sync/v2", city.files),
                isLinked: false))
        #expect(settlement == .failed(code: "type-not-handled"))
    }

    @Test("R-030, R-031: the CS passes a 符号取得要求 on and keeps neither 処理通番 nor 個人番号")
    func linkCode() throws {
        city.silent = ["nationalServer"]
        try city.toCS("link-code.acquire.request/v1", from: "residentRegister", step: "A5-02")
        let passed = try city.last("link-code.acquire.request", to: "nationalServer")
        #expect(passed.step == "A5-03")
        let number = try #require(passed.fields["processingNumber"]?.text)
        let person = try #require(passed.fields["individualNumber"]?.text)
        #expect(
            try city.cells(of: "municipalCS") { $0.contains(number) || $0.contains(person) } == 0)
    }
}
