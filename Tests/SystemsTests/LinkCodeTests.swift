import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("符号の取得 and 副本")
struct LinkCodeTests {
    let city: City

    init() throws { city = try City.before() }

    private func sync(version: Int64 = 1) throws {
        var fields = try Layouts.example("resident.sync/v2", city.files, number: 1)
        fields["recordVersion"] = .integer(version)
        try city.send(
            City.Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "integratedAddressee",
                zone: "number-use", fields: fields))
    }

    @Test("A5-01 to A5-04: the request takes the only legal way and comes back as a bound 符号")
    func relay() throws {
        try sync()
        let hops = city.messages("link-code.acquire.request").map {
            "\($0.envelope.source) \($0.step) \($0.zone)"
        }
        #expect(
            hops == [
                "intermediateServer A5-02 number-use", "integratedAddressee A5-02 number-use",
                "residentRegister A5-02 juki-net", "municipalCS A5-03 juki-net",
            ])
        #expect(try city.facts("intermediateServer")["linkCodeState"] == .text("bound"))
        #expect(city.unaccepted.isEmpty)
    }

    @Test("R-029: the 中間サーバー holds no 個人番号 in any table, and none in clear in any file")
    func noNumber() throws {
        city.silent = ["nationalServer"]
        try sync()
        #expect(try city.facts("intermediateServer")["individualNumbersStored"] == .integer(0))
        #expect(
            try city.cells(of: "intermediateServer") { $0.contains(City.individualNumber) } == 0)
        for suffix in ["", "-wal"] {
            let bytes = try ScratchFile.bytes(city.path(of: "intermediateServer") + suffix)
            #expect(!ScratchFile.contains(bytes, City.individualNumber))
        }
        #expect(try city.facts("intermediateServer")["pendingLinkCodes"] == .integer(1))
    }

    @Test("R-030: the relays keep neither 処理通番 nor 個人番号, nor the register a 団体内統合宛名番号")
    func relaysKeepNothing() throws {
        try sync()
        let hop = try #require(city.messages("link-code.acquire.request").first)
        let processingNumber = try #require(hop.fields["processingNumber"]?.text)
        for system in ["residentRegister", "municipalCS", "integratedAddressee"] {
            #expect(try city.cells(of: system) { $0.contains(processingNumber) } == 0, "\(system)")
        }
        for system in ["residentRegister", "municipalCS"] {
            #expect(
                try city.cells(of: system) { $0.contains(City.individualNumber) } == 0, "\(system)")
        }
        let integrated = try #require(
            city.messages("addressee-pair.register.request").first?
                .fields["integratedAddresseeNumber"]?.text)
        #expect(try city.cells(of: "residentRegister") { $0.contains(integrated) } == 0)
        for (name, store) in city.stores {
            let kept = try store.outboxEntries(unsettledOnly: false)
                .filter {
                    [
                        "link-code.acquire.request", "addressee-pair.register.request",
                        "processing-number.issued",
                    ].contains($0.topic.type.rawValue)
                }
            #expect(kept.isEmpty, "\(name) keeps A5 after its acknowledgement")
        }
    }

    @Test("R-031: the 処理通番 is discarded when the 符号 comes, and when it never comes")
    func processingNumberGoes() throws {
        city.silent = ["nationalServer"]
        try sync()
        let hop = try #require(city.messages("link-code.acquire.request").first)
        let processingNumber = try #require(hop.fields["processingNumber"]?.text)
        #expect(try city.cells(of: "intermediateServer") { $0.contains(processingNumber) } == 1)
        city.clock.time = city.clock.time + .seconds(7 * 86_400 + 1)
        try city.tick()
        #expect(try city.cells(of: "intermediateServer") { $0.contains(processingNumber) } == 0)
        let late = try city.send(
            City.Injection(
                topic: "link-code.issued/v1", from: "infoNetwork", to: "intermediateServer",
                zone: "number-use",
                fields: [
                    "processingNumber": .text(processingNumber),
                    "linkCode": .text("XLAB0000SYNTHETIC0000000000000001"),
                ]))
        #expect(late == .failed(code: "processing-number-unknown"))
    }

    @Test("R-029, R-031: a 処理通番 that is never answered begins A5 again at A5-①, and not for ever")
    func begunAgain() throws {
        city.silent = ["nationalServer"]
        try sync()
        for attempt in 2...6 {
            city.clock.time = city.clock.time + .seconds(7 * 86_400 + 1)
            try city.tick()
            #expect(city.messages("addressee-pair.register.request").count == attempt)
            #expect(try city.facts("intermediateServer")["pendingLinkCodes"] == .integer(1))
        }
        let numbers = city.messages("link-code.acquire.request", to: "nationalServer")
            .compactMap { $0.fields["processingNumber"]?.text }
        #expect(Set(numbers).count == 6)
        city.clock.time = city.clock.time + .seconds(7 * 86_400 + 1)
        try city.tick()
        #expect(city.messages("addressee-pair.register.request").count == 6)
        #expect(try city.facts("intermediateServer")["linkCodeState"] == .text("timedOut"))
        let facts = try city.facts(
            "integratedAddressee", ["addresseeNumber": .text("0000010049")])
        #expect(facts["linkCode"] == .text("failed"))
        #expect(facts["linkCodeAttempts"] == .integer(5))
    }

    @Test(
        "R-029: killed in the middle of A5, the 中間サーバー has forgotten the 個人番号, and the new beginning binds the 符号"
    )
    func begunAgainAndBound() throws {
        city.silent = ["nationalServer"]
        try sync()
        try city.open("intermediateServer")
        city.silent = []
        city.clock.time = city.clock.time + .seconds(7 * 86_400 + 1)
        try city.tick()
        let facts = try city.facts("intermediateServer")
        #expect(facts["linkCodeState"] == .text("bound"))
        #expect(facts["individualNumbersStored"] == .integer(0))
        #expect(facts["processingNumbersStored"] == .integer(0))
    }

    @Test("A5-02: reply and request for the 符号 are queued together, the number in neither table")
    func issuedTogether() throws {
        city.silent = ["nationalServer"]
        try sync()
        let issued = try #require(city.messages("processing-number.issued").first)
        let request = try #require(city.messages("link-code.acquire.request").first)
        #expect(issued.fields["processingNumber"] == request.fields["processingNumber"])
        #expect(issued.envelope.causation == request.envelope.causation)
    }

    @Test("A newer version of a person makes no second pair; an older one changes nothing")
    func versions() throws {
        try sync(version: 2)
        try sync(version: 3)
        try sync(version: 1)
        #expect(city.messages("addressee-pair.register.request").count == 1)
        let facts = try city.facts(
            "integratedAddressee", ["addresseeNumber": .text("0000010049")])
        #expect(facts["version"] == .integer(3))
        #expect(facts["pairs"] == .integer(1))
    }

    @Test("A1-12: hop 2 names the person by 団体内統合宛名番号 only, and the answer comes back by 宛名番号")
    func replica() throws {
        try sync()
        try city.send(
            City.Injection(
                topic: "replica.update.request/v2", from: "residentRegister",
                to: "integratedAddressee", zone: "number-use",
                fields: Layouts.example("replica.update.request/v2", city.files)))
        let hop2 = try #require(
            city.messages("replica.update.request", to: "intermediateServer").first)
        #expect(hop2.fields["addresseeNumber"] == nil)
        #expect(hop2.fields["integratedAddresseeNumber"] != nil)
        let reply = try #require(
            city.messages("replica.update.reply", to: "residentRegister").first)
        #expect(reply.fields["addresseeNumber"] == .text("0000010049"))
        #expect(reply.fields["replicaVersion"] == .integer(1))
        let hop1 = try #require(city.messages("replica.update.request").first)
        #expect(reply.envelope.causation == hop1.envelope.id)
    }

    @Test("A 副本 before its pair is known waits, and is not lost")
    func replicaBeforePair() throws {
        let settlement = try city.send(
            City.Injection(
                topic: "replica.update.request/v2", from: "residentRegister",
                to: "integratedAddressee", zone: "number-use",
                fields: Layouts.example("replica.update.request/v2", city.files)))
        #expect(settlement == .retryLater(after: .seconds(1), code: "pair-unknown"))
        let waiting = try #require(city.messages("replica.update.request").first)
        try sync()
        #expect(try city.redeliver(waiting) == .accepted)
    }

    @Test("R-056: a 副本 of an older version changes nothing and is answered")
    func staleReplica() throws {
        var fields = try Layouts.example("replica.update.request/v2", city.files, number: 1)
        func update(_ version: Int64) throws -> JSONFields? {
            fields["recordVersion"] = .integer(version)
            try city.send(
                City.Injection(
                    topic: "replica.update.request/v2", from: "integratedAddressee",
                    to: "intermediateServer", zone: "number-use", fields: fields))
            return city.messages("replica.update.reply").last?.fields
        }
        #expect(try update(2)?["replicaVersion"] == .integer(1))
        #expect(try update(1)?["code"] == .text("stale-version"))
        #expect(try city.facts("intermediateServer")["replicaVersion"] == .integer(1))
    }
}
