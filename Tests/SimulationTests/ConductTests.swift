import Messaging
import Simulation
import Testing

@Suite("How an outside party answers when a test wants it otherwise")
struct ConductTests {
    private let people: People
    private let theatre: OutsideTheatre

    init() throws {
        people = try Repository.people()
        theatre = try OutsideTheatre(people: people)
    }

    /// One request for continued use of a card, and what is answered at once.
    private func use(_ key: String = "P04") throws -> [OutsideTheatre.Sent] {
        let person = people.byKey[key]!
        return try theatre.deliver(
            "card.continued-use.request/v1", to: "cardManagement", from: "municipalCS",
            step: "B3-06",
            [
                "juminhyoCode": .string(person.juminhyoCode),
                "cardManagementNumber": .string(person.cardManagementNumber ?? ""),
                "municipalityCode": "08201", "address": "水戸市見川", "moveDate": "20251004",
            ])
    }

    private func uses() throws -> JSONValue? {
        try theatre.facts(of: "cardManagement", nil)["continuedUses"]
    }

    private let type = "card.continued-use.request"

    @Test("Never: it takes the message and says nothing, until that is taken back")
    func never() throws {
        try theatre.behave("cardManagement", on: type, Conduct(.never))
        #expect(try use().isEmpty)
        #expect(try uses() == 1)
        try theatre.behave("cardManagement", on: type, nil)
        #expect(try use().count == 1)
    }

    @Test("Late: its answer leaves when the lab's time has passed, in the case of its request")
    func late() throws {
        var conduct = Conduct(.late)
        conduct.delayMilliseconds = 5_000
        try theatre.behave("cardManagement", on: type, conduct)
        #expect(try use().isEmpty)
        #expect(try theatre.pass(.milliseconds(4_999)).isEmpty)
        let answer = try theatre.pass(.milliseconds(1))
        #expect(answer.map(\.topic) == ["card.continued-use.ack/v1"])
        #expect(answer.first?.correlation == OutsideTheatre.correlation)
        #expect(answer.first?.causation != nil)
        #expect(try theatre.pass(.seconds(60)).isEmpty)
    }

    @Test("Twice: the same answer under two numbers")
    func twice() throws {
        try theatre.behave("cardManagement", on: nil, Conduct(.twice))
        let answers = try use()
        #expect(answers.count == 2)
        #expect(answers[0].payload == answers[1].payload)
    }

    @Test(
        "Refuse: it changes nothing and answers with the code; one without such an answer is not taken"
    )
    func refuse() throws {
        var conduct = Conduct(.refuse)
        conduct.code = "maintenance"
        try theatre.behave("cardManagement", on: nil, conduct)
        let answer = try use().first?.payload
        #expect(answer?["result"] == "refused" && answer?["code"] == "maintenance")
        #expect(answer?["juminhyoCode"]?.string == people.byKey["P04"]?.juminhyoCode)
        #expect(try uses() == 0)
        try theatre.behave("infoNetwork", on: nil, conduct)
        try theatre.behave("peerMunicipalCS/08221", on: nil, conduct)
        #expect(throws: OutsideTheatre.Refused(code: "maintenance")) {
            try theatre.deliver(
                "move-in-notice.deliver/v1", to: "peerMunicipalCS/08221", from: "municipalCS",
                step: "A1-10", ["juminhyoCode": "88888001047"])
        }
        #expect(theatre.inadmissible.isEmpty)
    }

    @Test("A conduct for so many messages is over after them, refused ones counted")
    func times() throws {
        var conduct = Conduct(.refuse)
        conduct.times = 2
        try theatre.behave("peerMunicipalCS/08221", on: "move-in-notice.deliver", conduct)
        func notice() throws {
            try theatre.deliver(
                "move-in-notice.deliver/v1", to: "peerMunicipalCS/08221", from: "municipalCS",
                step: "A1-10", ["juminhyoCode": "88888001047"])
        }
        for _ in 1...2 { #expect(throws: OutsideTheatre.Refused.self) { try notice() } }
        try notice()
        #expect(try theatre.facts(of: "peerMunicipalCS/08221", "P04")["moveInNotices"] == 1)
    }

    @Test("Out of order: the second answer before the first; taking it back sends what is kept")
    func outOfOrder() throws {
        try theatre.behave("cardManagement", on: type, Conduct(.outOfOrder))
        #expect(try use("P04").isEmpty)
        let answers = try use("P05")
        let holders = answers.map { $0.payload["juminhyoCode"]?.string }
        #expect(holders == [people.byKey["P05"]?.juminhyoCode, people.byKey["P04"]?.juminhyoCode])
        #expect(try use("P02").isEmpty)
        #expect(try theatre.behave("cardManagement", on: nil, nil).count == 1)
    }

    @Test("An act spoils the right message as it is told, and sends it so often and in that order")
    func alterations() throws {
        let sent = try theatre.act(
            "peerMunicipalCS/08221", "sendCertificate",
            [
                "people": ["P04", "P05"], "separately": true, "order": "reversed", "times": 2,
                "set": ["/destinationMunicipalityCode": "13101"], "remove": ["/expiryDate"],
                "version": 9, "correlation": "case-1",
            ])
        #expect(sent.count == 4)
        #expect(sent.allSatisfy { $0.topic == "move-out-certificate.deliver/v9" })
        #expect(sent.allSatisfy { $0.correlation == "case-1" })
        #expect(sent.allSatisfy { $0.payload["destinationMunicipalityCode"] == "13101" })
        #expect(sent.allSatisfy { $0.payload["expiryDate"] == nil })
        let first = sent.first?.payload["movers"]?.array?.first?["juminhyoCode"]
        #expect(first?.string == people.byKey["P05"]?.juminhyoCode)
        #expect(theatre.told["sent"]?.array?.count == 4)
    }

    @Test(
        "An act that cannot be done has a code, and nothing has changed",
        arguments: [
            ("sendCertificate", ["person": "P99"], "person-unknown"),
            ("sendCertificate", [:], "argument-missing"), ("dance", [:], "verb-unknown"),
            ("sendCertificate", ["person": "P04", "plannedDate": "soon"], "argument-invalid"),
            (
                "sendCertificate", ["person": "P04", "set": ["/no/where": 1]],
                "pointer-leads-nowhere"
            ),
            ("sendCertificate", ["person": "P04", "times": 1_000], "argument-invalid"),
            ("sendCertificate", ["person": "P04", "version": 0], "argument-invalid"),
        ] as [(String, JSONValue, String)])
    func cannot(verb: String, arguments: JSONValue, code: String) throws {
        #expect(throws: OutsideTheatre.Refused(code: code)) {
            try theatre.act("peerMunicipalCS/08221", verb, arguments)
        }
        #expect(try theatre.facts(of: "peerMunicipalCS/08221", "P04")["certificatesSent"] == 0)
    }
}
