import Messaging
import Participant
import Simulation
import Testing

@Suite("コンビニ交付, 法務省 and 異動受付支援")
struct CertificateAndNoticeTests {
    private let theatre: ApplicationTheatre

    init() throws { theatre = try ApplicationTheatre() }

    private func update(
        _ version: Int, _ person: String = "P02", removed: Bool = false, name: String? = nil,
        subject: String = "clab0000000000010022", suspended: Bool? = nil
    ) throws -> JSONValue? {
        let items = theatre.person(person)
        var payload: [String: JSONValue] = [
            "certificateSubjectId": .string(subject), "recordVersion": .integer(version),
            "removed": .bool(removed), "juminhyoCode": .string(items.juminhyoCode),
            "nameKanji": .string(name ?? items.nameKanji),
            "currentAddress": .string(items.address),
        ]
        payload["suspended"] = suspended.map(JSONValue.bool)
        return try theatre.deliver(
            "certificate-data.update/v1", to: "certificateIssuance", from: "residentRegister",
            step: "A1-13", .object(payload)
        ).first?.payload
    }

    private func request(_ person: String = "P02", _ kind: String = "resident") throws -> JSONValue
    {
        try theatre.act(
            "certificateCenter", "requestCertificate",
            ["person": .string(person), "certificate": .string(kind)])
        return theatre.told
    }

    @Test("R-041: until a change is committed the shop's machine prints the data there was")
    func provisional() throws {
        #expect(try request()["code"] == "not-known")
        _ = try update(1)
        #expect(try request()["recordVersion"] == 1)
        _ = try update(2, name: "水戸　華子")
        let told = try request()
        #expect(told["recordVersion"] == 2 && told["nameKanji"] == "水戸　華子")
        _ = try update(3, removed: true)
        #expect(try request()["code"] == "not-issuable")
        let facts = try theatre.facts("P02", of: "certificateCenter")
        #expect(facts["requests"] == 4 && facts["issued"] == 2)
        #expect(facts["lastRefusal"] == "not-issuable")
    }

    @Test("An older version neither replaces the data nor makes a removed person issuable")
    func olderVersion() throws {
        _ = try update(5, removed: true)
        #expect(try update(4)?["result"] == "accepted")
        #expect(try request()["code"] == "not-issuable")
        let facts = try theatre.facts("P02", of: "certificateIssuance")
        #expect(facts["version"] == 5 && facts["olderUpdates"] == 1)
        _ = try update(6, suspended: true)
        #expect(try request()["code"] == "not-issuable")
    }

    @Test("R-014: the issuer refuses data under a key in which a 個人番号 or 住民票コード stands")
    func key() throws {
        for number in [theatre.person("P02").individualNumber, theatre.person("P02").juminhyoCode] {
            let answer = try update(1, subject: "c0000" + number)
            #expect(answer?["result"] == "refused")
            #expect(answer?["code"] == "key-bears-personal-number")
        }
        #expect(try theatre.facts(nil, of: "certificateIssuance")["subjects"] == 0)
        #expect(try update(1)?["result"] == "accepted")
    }

    @Test("Seal and tax certificates are made of what 印鑑登録 and 税 have given")
    func otherCertificates() throws {
        #expect(try request("P02", "seal")["result"] == "refused")
        try theatre.act("sealRegistration", "register", ["person": "P02"])
        try theatre.act("taxSystem", "provideCertificateData", ["person": "P02"])
        #expect(try request("P02", "seal")["result"] == "issued")
        #expect(try request("P02", "tax")["result"] == "issued")
        try theatre.act("sealRegistration", "abolish", ["person": "P02"])
        #expect(try request("P02", "seal")["result"] == "refused")
    }

    @Test("A 法務省通知 waits at the terminal for a person, and goes on in its own case, once")
    func ministryNotice() throws {
        let notice = try #require(
            try theatre.act(
                "moj", "notice",
                [
                    "person": "P06", "newResidenceCardNumber": "EF87654321GH",
                    "periodOfStay": "P3Y", "correlation": "K-moj",
                ]
            ).first)
        #expect(notice.payload["residenceCardNumber"] == "AB12345678CD")
        try theatre.deliver(notice.raw.envelope, notice.raw.payload, to: "mojTerminal")
        #expect(try theatre.facts(nil, of: "mojTerminal")["pendingNotices"] == 1)
        let imported = try #require(try theatre.act("mojTerminal", "import", [:]).first)
        #expect(imported.topic == "moj-notice.imported/v1" && imported.payload == notice.payload)
        #expect(try Envelope(parsing: imported.raw.envelope).correlation.rawValue == "K-moj")
        #expect(try Envelope(parsing: imported.raw.envelope).operatorID?.rawValue == "nyuryoku-01")
        let fault = try #require(throws: ControlFault.self) {
            try theatre.act("mojTerminal", "import", [:])
        }
        #expect(fault.code == "no-notice")
    }

    private func created(_ number: String, _ times: [String], card: String = "AB12345678CD")
        -> JSONValue
    {
        [
            "fileNumber": .string(number), "municipalityCode": "08201",
            "notices": .array(
                times.enumerated().map { index, time in
                    [
                        "noticeSequence": .integer(index + 1), "changeKind": "correction",
                        "changeDate": "2025-10-20", "changedAt": .string(time),
                        "residenceCardNumber": .string(card), "nameKanji": "NGUYEN VAN A",
                        "birthDate": ["kind": "exact", "date": "1996-07-20"],
                    ]
                }),
        ]
    }

    private func create(_ file: JSONValue) throws -> [ApplicationTheatre.Sent] {
        try theatre.deliver(
            "municipal-notice.created/v1", to: "mojTerminal", from: "residentRegister",
            step: "A3-03", file)
    }

    @Test("市町村通知 files go to 法務省 oldest first, and its answer comes back to the register")
    func municipalNotices() throws {
        #expect(try create(created("MN-1", ["2025-10-20T10:00:00+09:00"])).isEmpty)
        #expect(
            try create(created("MN-2", ["2025-10-20T11:00:00+09:00"], card: "ZZ00000000ZZ")).isEmpty
        )
        var results: [JSONValue] = []
        for _ in 0..<2 {
            let sent = try #require(try theatre.act("mojTerminal", "send", [:]).first)
            let answer = try #require(
                try theatre.deliver(sent.raw.envelope, sent.raw.payload, to: "moj").first)
            let relayed = try #require(
                try theatre.deliver(answer.raw.envelope, answer.raw.payload, to: "mojTerminal")
                    .first)
            #expect(relayed.topic == "municipal-notice.result/v1")
            #expect(
                try Envelope(parsing: relayed.raw.envelope).recipients.first?.rawValue
                    == "residentRegister")
            results.append(relayed.payload)
        }
        #expect(results.map { $0["fileNumber"] } == ["MN-1", "MN-2"])
        #expect(results.map { $0["result"] } == ["accepted", "refused"])
        #expect(
            results.last?.value(at: "/errors/0/code") == "residence-card-unknown")
        let facts = try theatre.facts(nil, of: "mojTerminal")
        #expect(facts["filesUnsent"] == 0 && facts["fileErrors"] == 1)
        #expect(try theatre.facts("P06", of: "moj")["municipalNotices"] == 1)
    }

    @Test("A 市町村通知 file that is not in the order of what happened is not taken")
    func disorder() throws {
        #expect(throws: ApplicationTheatre.NotTaken.self) {
            try create(
                created("MN-1", ["2025-10-20T11:00:00+09:00", "2025-10-20T10:00:00+09:00"]))
        }
        #expect(try theatre.facts(nil, of: "mojTerminal")["files"] == 0)
    }

    @Test("異動受付支援 sends what a resident prepared, and only the old version asks for data")
    func reception() throws {
        let change = try #require(
            try theatre.act("receptionSupport", "change", ["person": "P01"]).first)
        #expect(change.topic == "reception.change-data/v2")
        #expect(
            change.payload.value(at: "/subject/nameKanji")?.string
                == theatre.person("P01").nameKanji)
        let read = try #require(
            try theatre.act("receptionSupport", "read", ["person": "P01"]).first)
        #expect(read.topic == "reception.change-data/v1" && read.payload["operation"] == "read")
        try theatre.deliver(
            "reception.reply/v1", to: "receptionSupport", from: "residentRegister", step: "C10",
            [
                "supportNumber": read.payload["supportNumber"] ?? "", "result": "refused",
                "code": "read-not-offered",
            ])
        let facts = try theatre.facts(nil, of: "receptionSupport")
        #expect(facts["refused"] == 1 && facts["lastCode"] == "read-not-offered")
    }

    @Test("戸籍 keeps where a person lives now, and notices a 個人番号 that must not be there")
    func supplement() throws {
        let person = theatre.person("P01")
        for (municipality, name) in [
            ("131016", person.nameKanji), ("082015", person.individualNumber),
        ] {
            let answer = try theatre.deliver(
                "family-register-supplement.apply/v1", to: "familyRegister",
                from: "residentRegister", step: "A4-04",
                [
                    "juminhyoCode": .string(person.juminhyoCode), "nameKanji": .string(name),
                    "currentMunicipalityCode": .string(municipality),
                ])
            #expect(answer.first?.payload["result"] == "accepted")
        }
        let facts = try theatre.facts("P01", of: "familyRegister")
        #expect(facts["supplements"] == 2 && facts["municipality"] == "082015")
        #expect(facts["numbersWhereNone"] == 1)
    }
}
