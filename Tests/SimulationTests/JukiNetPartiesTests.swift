import Messaging
import Simulation
import Testing

@Suite("The parties of 住基ネット")
struct JukiNetPartiesTests {
    private let people: People
    private let theatre: OutsideTheatre

    init() throws {
        people = try Repository.people()
        theatre = try OutsideTheatre(people: people)
    }

    private func person(_ key: String) -> Person { people.byKey[key]! }

    private func generate(
        _ key: String, _ reason: String, control: String, old: String? = nil
    ) throws -> JSONValue? {
        var request: [String: JSONValue] = [
            "juminhyoCode": .string(person(key).juminhyoCode), "municipalityCode": "08201",
            "reason": .string(reason), "requestControlNumber": .string(control),
            "requestedDate": "20251006",
        ]
        request["individualNumber"] = old.map(JSONValue.string)
        return try theatre.deliver(
            "individual-number.generate.forward/v1", to: "individualNumberGenerator",
            from: "municipalCS", step: "A1-06", .object(request)
        ).first?.payload
    }

    @Test(
        "A1-07: a birth gets the person's number, the same request the same one, a second request none"
    )
    func birth() throws {
        let first = try generate("P03", "birth", control: "D20251014-00001")
        #expect(first?["individualNumber"]?.string == person("P03").individualNumber)
        #expect(first?["generatedDate"] == "20251006")
        #expect(try generate("P03", "birth", control: "D20251014-00001") == first)
        let second = try generate("P03", "birth", control: "D20251014-00002")
        #expect(second?["result"] == "refused" && second?["code"] == "number-exists")
        #expect(try theatre.facts(of: "individualNumberGenerator", "P03")["assigned"] == 1)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test(
        "A1-07: a change gets the next number; with a wrong old one it is refused; 機構 answers with the new one"
    )
    func change() throws {
        let wrong = try generate(
            "P08", "changeOnRequest", control: "D20251112-00001",
            old: person("P01").individualNumber)
        #expect(wrong?["code"] == "old-number-different")
        let next = try generate(
            "P08", "changeOnRequest", control: "D20251112-00002",
            old: person("P08").individualNumber)
        #expect(next?["individualNumber"] == person("P08").items["nextIndividualNumber"])
        #expect(try theatre.facts(of: "nationalServer", "P08")["individualNumberIsNext"] == true)
        #expect(try theatre.facts(of: "nationalServer", "P08")["individualNumberMatches"] == false)
    }

    @Test(
        "A1-07: whoever is not in the people file gets a number of their own with a right check digit"
    )
    func derived() throws {
        func number(_ code: String) throws -> String {
            let answer = try theatre.deliver(
                "individual-number.generate.forward/v1", to: "individualNumberGenerator",
                from: "municipalCS", step: "A1-06",
                [
                    "juminhyoCode": .string(code), "municipalityCode": "08201",
                    "reason": "firstResidence", "requestControlNumber": "D20251014-1",
                    "requestedDate": "20251006",
                ]
            ).first?.payload
            return answer?["individualNumber"]?.string ?? ""
        }
        let numbers = try [number("24727059608"), number("24846016224")]
        #expect(numbers.allSatisfy { IndividualNumber.isValid($0) && $0.hasPrefix("9") })
        #expect(Set(numbers).count == 2)
    }

    @Test(
        "A number is assigned once more, for somebody else, or with a wrong check digit, in the case of its request"
    )
    func assign() throws {
        _ = try generate("P03", "birth", control: "D20251014-00001")
        let again = try theatre.act("individualNumberGenerator", "assign", ["person": "P03"]).first
        #expect(again?.correlation == OutsideTheatre.correlation && again?.causation != nil)
        #expect(again?.payload["individualNumber"]?.string == person("P03").individualNumber)
        let other = try theatre.act(
            "individualNumberGenerator", "assign", ["person": "P03", "codeOf": "P05"]
        ).first?.payload
        #expect(other?["juminhyoCode"]?.string == person("P05").juminhyoCode)
        let spoiled = try theatre.act(
            "individualNumberGenerator", "assign", ["person": "P03", "badCheckDigit": true]
        ).first?.payload["individualNumber"]?.string
        #expect(spoiled?.count == 12 && !IndividualNumber.isValid(spoiled ?? ""))
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test(
        "C11: a batch of codes has a right check digit each, none twice, first those of the people named"
    )
    func pool() throws {
        func batch(_ arguments: JSONValue) throws -> [String] {
            try theatre.act("nationalServer", "replenish", arguments)
                .first?.payload["juminhyoCodes"]?.array?.compactMap(\.string) ?? []
        }
        #expect(try batch(["people": ["P03"]]) == [person("P03").juminhyoCode])
        let codes = try batch(["count": 20]) + batch(["count": 20])
        #expect(codes.allSatisfy { JuminhyoCode.isValid($0) })
        #expect(Set(codes).count == 40)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test(
        "B4-01: prefecture and nation find by code, number or the beginning of names, each its own people"
    )
    func search() throws {
        func search(_ server: String, _ keys: JSONValue) throws -> [String?] {
            var request = keys.object ?? [:]
            request["purpose"] = "moveIn"
            return try theatre.deliver(
                "identity.search.request/v2", to: server, from: "municipalCS", step: "B4-01",
                .object(request)
            ).first?.payload["hits"]?.array?.map { $0["juminhyoCode"]?.string } ?? []
        }
        let sato = person("P04").juminhyoCode
        #expect(try search("prefecturalServer", ["juminhyoCode": .string(sato)]) == [sato])
        let byNumber: JSONValue = ["individualNumber": .string(person("P04").individualNumber)]
        #expect(try search("nationalServer", byNumber) == [sato])
        let byName: JSONValue = ["fourItems": ["nameKanji": "佐藤", "birthDate": "19900214"]]
        #expect(try search("nationalServer", byName) == [sato])
        #expect(try search("nationalServer", ["fourItems": [:]]).isEmpty)
        var elsewhere = byName.object ?? [:]
        elsewhere["municipalityCode"] = "13101"
        #expect(try search("nationalServer", .object(elsewhere)).isEmpty)
        #expect(
            try search("prefecturalServer", ["juminhyoCode": .string(person("P03").juminhyoCode)])
                .isEmpty)
        #expect(try theatre.facts(of: "nationalServer", nil)["searches"] == 4)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test(
        "B5-02: an enquiry is answered with the 個人番号 the nation has; two people, a wrong item or a dead one find nobody"
    )
    func inquiry() throws {
        func ask(_ keys: JSONValue) throws -> JSONValue? {
            var request = keys.object ?? [:]
            request["purpose"] = "numberCheck"
            request["applicationReference"] = "R20251006-00001"
            return try theatre.deliver(
                "identity.inquiry.request/v1", to: "nationalServer", from: "municipalCS",
                step: "B5-01", .object(request)
            ).first?.payload
        }
        let sato = person("P04")
        let found = try ask(["individualNumber": .string(sato.individualNumber)])
        #expect(found?["items"]?["individualNumber"]?.string == sato.individualNumber)
        #expect(found?["verificationReference"]?.string?.hasPrefix("Q-") == true)
        let wrong = try ask([
            "juminhyoCode": .string(sato.juminhyoCode),
            "individualNumber": .string(person("P05").individualNumber),
        ])
        #expect(wrong?["matched"] == false && wrong?["code"] == "not-found")
        try notify("P07", reason: "death")
        let dead = try ask(["juminhyoCode": .string(person("P07").juminhyoCode)])
        #expect(dead?["code"] == "removed")
        #expect(theatre.inadmissible.isEmpty)
    }

    /// One update of a person by the lab's city (A1-04).
    private func notify(_ key: String, reason: String, address: String? = nil) throws {
        let person = person(key)
        try theatre.deliver(
            "identity.update.notice/v3", to: "prefecturalServer", from: "municipalCS",
            step: "A1-04",
            [
                "juminhyoCode": .string(person.juminhyoCode),
                "nameKanji": .string(person.nameKanji), "birthDate": .string(person.birthDate8),
                "sex": .string(person.sex), "address": .string(address ?? person.address),
                "individualNumber": .string(person.individualNumber),
                "moveReason": .string(reason), "moveDate": "20251004",
            ])
    }

    @Test("A city that reports a mover-out does not take the person back from the new one")
    func moverOut() throws {
        try theatre.act("peerMunicipalCS/13101", "moveInNotice", ["person": "P05"])
        #expect(try theatre.facts(of: "nationalServer", "P05")["municipality"] == "13101")
        try notify("P05", reason: "moveOut")
        let facts = try theatre.facts(of: "nationalServer", "P05")
        #expect(facts["municipality"] == "13101" && facts["updates"] == 2)
    }

    private func submission(_ keys: [String], batch: String) -> JSONValue {
        let records = keys.map { key -> JSONValue in
            let person = person(key)
            return [
                "juminhyoCode": .string(person.juminhyoCode),
                "nameKanji": .string(person.nameKanji), "birthDate": .string(person.birthDate8),
                "sex": .string(person.sex), "address": .string(person.address),
                "individualNumber": .string(person.individualNumber),
                "moveReason": "addressChange", "moveDate": "20240401",
            ]
        }
        return [
            "batchId": .string(batch), "municipalityCode": "08201", "chunk": 1, "chunkCount": 1,
            "recordCount": .integer(records.count), "records": .array(records),
            "digest": .string(ConsistencyDigest.of(records, batch: batch)),
        ]
    }

    private func check(_ submission: JSONValue) throws -> [OutsideTheatre.Sent] {
        try theatre.deliver(
            "consistency.check.submit/v1", to: "prefecturalServer", from: "municipalCS",
            step: "B6-01", submission)
    }

    @Test(
        "B6-02, B6-03: what the prefecture has otherwise, not at all or alone comes back by code and item, and is evidence"
    )
    func consistency() throws {
        let clean = try check(submission(["P09", "P01"], batch: "C-1"))
        #expect(clean.last?.payload["state"] == "matched")
        #expect(clean.first?.topic == "audit.record/v1" && clean.first?.step == "B6-02")
        try theatre.act("prefecturalServer", "drift", ["person": "P09"])
        try theatre.act("prefecturalServer", "forget", ["person": "P01"])
        try theatre.act("prefecturalServer", "plant", ["person": "P07"])
        let result = try check(submission(["P09", "P01"], batch: "C-2")).last?.payload
        #expect(result?["state"] == "mismatch" && result?["mismatchCount"] == 3)
        let found = result?["mismatches"]?.array?.map {
            ($0["juminhyoCode"]?.string ?? "") + ($0["kind"]?.string ?? "")
        }
        #expect(
            Set(found ?? []) == [
                person("P09").juminhyoCode + "different", person("P01").juminhyoCode + "onlyHere",
                person("P07").juminhyoCode + "onlyThere",
            ])
        let different = result?["mismatches"]?.array?.first { $0["kind"] == "different" }
        #expect(different?["fields"] == ["address"])
        #expect(try theatre.facts(of: "prefecturalServer", nil)["lastCheckMismatches"] == 3)
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test(
        "B6-01: a run that is not whole is refused",
        arguments: [
            ("/recordCount", 3, "count-mismatch"), ("/chunk", 2, "chunk-out-of-order"),
            ("/records/0/address", "水戸市", "digest-mismatch"),
        ] as [(String, JSONValue, String)])
    func broken(pointer: String, value: JSONValue, code: String) throws {
        var broken = submission(["P09", "P01"], batch: "C-3")
        var isChanged = broken.set(value, at: pointer)
        if pointer == "/chunk" { isChanged = isChanged && broken.set(2, at: "/chunkCount") }
        #expect(isChanged)
        let result = try check(broken).first?.payload
        #expect(result?["state"] == "refused" && result?["code"]?.string == code)
    }

    @Test("B7-02, B8-01: notices are counted once per control number; cards end once")
    func cards() throws {
        func link(_ status: String, _ key: String = "P08") throws -> JSONValue? {
            try theatre.deliver(
                "card.status.link/v1", to: "cardManagement", from: "municipalCS", step: "B8-01",
                [
                    "juminhyoCode": .string(person(key).juminhyoCode),
                    "cardManagementNumber": .string(person("P08").cardManagementNumber ?? ""),
                    "status": .string(status), "statusDate": "20251112",
                ]
            ).first?.payload
        }
        #expect(try link("suspensionLifted")?["code"] == "card-state-unfit")
        try theatre.act("cardManagement", "suspend", ["person": "P08"])
        #expect(try theatre.facts(of: "cardManagement", "P08")["cardState"] == "suspended")
        #expect(try link("suspensionLifted")?["result"] == "accepted")
        #expect(try link("abolished", "P01")?["code"] == "card-unknown")
        #expect(try link("abolished")?["result"] == "accepted")
        #expect(try theatre.facts(of: "cardManagement", "P08")["cardState"] == "abolished")
        #expect(try theatre.facts(of: "cardManagement", "P08")["statusLinks"] == 2)
        #expect(theatre.inadmissible.isEmpty)
    }
}
