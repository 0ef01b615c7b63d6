import Logging
import Messaging
import Participant
import Simulation
import Testing

@Suite("The outside world")
struct OutsideStageTests {
    private let people: People
    private let theatre: OutsideTheatre

    init() throws {
        people = try Repository.people()
        theatre = try OutsideTheatre(people: people)
    }

    private var moved: Person { people.byKey["P04"]! }

    @Test(
        "A prefecture keeps an update, tells the nation, and acknowledges once however often it comes"
    )
    func prefecture() throws {
        let notice: JSONValue = [
            "juminhyoCode": .string(moved.juminhyoCode), "nameKanji": .string(moved.nameKanji),
            "birthDate": .string(moved.birthDate8), "sex": "1", "address": "水戸市見川",
            "individualNumber": .string(moved.individualNumber), "moveReason": "moveIn",
            "moveDate": "20251004",
        ]
        let answers = try theatre.deliver(
            "identity.update.notice/v3", to: "prefecturalServer", from: "municipalCS",
            step: "B3-05", notice)
        #expect(answers.map(\.topic) == ["identity.update.ack/v1"])
        #expect(answers.first?.recipients == ["municipalCS"])
        #expect(answers.first?.step == "B3-05")
        #expect(answers.first?.payload["result"] == "accepted")
        let facts = try theatre.facts(of: "prefecturalServer", "P04")
        #expect(facts["municipality"] == "08201" && facts["updates"] == 1)
        #expect(facts["individualNumberMatches"] == true)
        #expect(try theatre.facts(of: "nationalServer", "P04")["municipality"] == "08201")
    }

    @Test("The nation finds a person by card or by the four items, and nobody by wrong ones")
    func verification() throws {
        func ask(_ key: JSONValue) throws -> JSONValue? {
            var request = key.object ?? [:]
            request["purpose"] = "specialMoveIn"
            request["applicationReference"] = "R20251006-00001"
            return try theatre.deliver(
                "identity.verify.request/v1", to: "nationalServer", from: "municipalCS",
                step: "B2-02", .object(request)
            ).first?.payload
        }
        let byCard = try ask(["juminhyoCode": .string(moved.juminhyoCode)])
        #expect(byCard?["matched"] == true)
        #expect(byCard?["items"]?["municipalityCode"] == "08221")
        #expect(byCard?["items"]?["individualNumber"] == nil)
        let items: [String: JSONValue] = [
            "nameKanji": .string(moved.nameKanji), "address": .string(moved.address),
            "sex": .string(moved.sex), "birthDate": .string(moved.birthDate8),
        ]
        #expect(try ask(["fourItems": .object(items)])?["matched"] == true)
        var wrong = items
        wrong["birthDate"] = "19900215"
        let nobody = try ask(["fourItems": .object(wrong)])
        #expect(nobody?["matched"] == false && nobody?["code"] == "not-found")
        let references = [byCard, nobody].map { $0?["verificationReference"]?.string }
        #expect(Set(references).count == 2)
    }

    @Test("A request for a 符号 is answered by 情報提供ネットワークシステム in a case of its own")
    func linkCode() throws {
        let request: JSONValue = [
            "processingNumber": "PN-00000001",
            "individualNumber": .string(moved.individualNumber),
        ]
        let first = try theatre.deliver(
            "link-code.acquire.request/v1", to: "nationalServer", from: "municipalCS",
            step: "A5-03", request)
        #expect(first.map(\.topic) == ["link-code.issued/v1"])
        #expect(first.first?.sender == "infoNetwork")
        #expect(first.first?.recipients == ["intermediateServer"])
        #expect(first.first?.correlation != OutsideTheatre.correlation)
        #expect(first.first?.causation == nil)
        let again = try theatre.deliver(
            "link-code.acquire.request/v1", to: "nationalServer", from: "municipalCS",
            step: "A5-03", request)
        #expect(again.first?.payload == first.first?.payload)
        #expect(try theatre.facts(of: "infoNetwork", nil)["linkCodes"] == 1)
    }

    @Test("A number nobody has gets no 符号")
    func unknownNumber() throws {
        #expect(throws: OutsideTheatre.Refused(code: "individual-number-unknown")) {
            try theatre.deliver(
                "link-code.acquire.request/v1", to: "nationalServer", from: "municipalCS",
                step: "A5-03",
                ["processingNumber": "PN-00000002", "individualNumber": "000000000000"])
        }
    }

    @Test("A card moves with its holder; somebody else's does not")
    func card() throws {
        func use(_ code: String) throws -> JSONValue? {
            try theatre.deliver(
                "card.continued-use.request/v1", to: "cardManagement", from: "municipalCS",
                step: "B3-06",
                [
                    "juminhyoCode": .string(code), "cardManagementNumber": "LB00000010049",
                    "municipalityCode": "08201", "address": "水戸市見川", "moveDate": "20251004",
                ]
            ).first?.payload
        }
        let other = try #require(people.byKey["P05"])
        #expect(try use(other.juminhyoCode)?["code"] == "card-unknown")
        #expect(try theatre.facts(of: "cardManagement", "P04")["municipality"] == "08221")
        #expect(try use(moved.juminhyoCode)?["result"] == "accepted")
        let facts = try theatre.facts(of: "cardManagement", "P04")
        #expect(facts["municipality"] == "08201" && facts["continuedUses"] == 1)
    }

    @Test("A 転入通知 with anybody's 個人番号 in a free text is noticed")
    func smuggled() throws {
        func notice(_ address: String) throws {
            try theatre.deliver(
                "move-in-notice.deliver/v1", to: "peerMunicipalCS/08221", from: "municipalCS",
                step: "B3-05",
                [
                    "juminhyoCode": .string(moved.juminhyoCode), "currentAddress": .string(address),
                ])
        }
        try notice("水戸市見川")
        #expect(try theatre.facts(of: "peerMunicipalCS/08221", "P04")["numbersWhereNone"] == 0)
        try notice("水戸市 \(moved.individualNumber) 番地")
        let facts = try theatre.facts(of: "peerMunicipalCS/08221", "P04")
        #expect(facts["numbersWhereNone"] == 1 && facts["moveInNotices"] == 2)
    }

    @Test("コンビニ交付 keeps the newest version and never issues for a removed person")
    func certificates() throws {
        func update(_ version: Int, removed: Bool) throws {
            try theatre.deliver(
                "certificate-data.update/v1", to: "certificateIssuance", from: "residentRegister",
                step: "A1-13",
                [
                    "certificateSubjectId": "clab0000000000010049",
                    "recordVersion": .integer(version), "removed": .bool(removed),
                    "juminhyoCode": .string(moved.juminhyoCode),
                ])
        }
        try update(2, removed: false)
        try update(1, removed: true)
        #expect(try theatre.facts(of: "certificateIssuance", "P04")["issuable"] == true)
        try update(3, removed: true)
        let facts = try theatre.facts(of: "certificateIssuance", "P04")
        #expect(facts["issuable"] == false && facts["version"] == 3 && facts["subjects"] == 1)
    }

    @Test("From a transfer the outside learns a person's 宛名番号")
    func learning() throws {
        #expect(theatre.identifiers("P04")["addresseeNumber"] == nil)
        try theatre.deliver(
            "resident-info.transfer/v1", to: "taxSystem", from: "officeLinkage", step: "C5",
            [
                "transferNumber": "1", "profile": "tax-1", "addresseeNumber": "0000099990",
                "recordVersion": 1, "change": "moveIn",
                "items": ["nameKanji": .string(moved.nameKanji)],
            ])
        #expect(theatre.identifiers("P04")["addresseeNumber"] == "0000099990")
        #expect(try theatre.facts(of: "taxSystem", "P04")["holdsIndividualNumber"] == false)
    }

    @Test("What a party does not know is refused for good, and changes nothing")
    func unexpected() throws {
        #expect(throws: OutsideTheatre.Refused(code: "type-unexpected")) {
            try theatre.deliver(
                "resident.sync/v2", to: "prefecturalServer", from: "municipalCS", step: "A1-11",
                [:])
        }
        #expect(theatre.received(by: "prefecturalServer") == 0)
    }
}
