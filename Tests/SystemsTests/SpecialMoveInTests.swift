import Messaging
import Participant
import ParticipantStore
import Testing

@Suite("SC-01 特例転入 over the five systems")
struct SpecialMoveInTests {
    @Test("Every system ends in the state of the final-state matrix")
    func finalState() throws {
        let city = try City.before()
        try city.movesIn()
        try city.cardIsUsedFurther()
        #expect(city.unaccepted.isEmpty, "\(city.unaccepted)")

        let register = try city.facts("residentRegister", City.person)
        #expect(register["state"] == .text("current"))
        #expect(register["certificate"] == .text("consumed"))
        #expect(register["previousMunicipalityCode"] == .text("082210"))
        #expect(register["version"] == .integer(1))
        #expect(register["historyRows"] == .integer(1))
        #expect(register["provisionalRows"] == .integer(0))
        for step in ["A103", "A112", "A113"] {
            #expect(register["answer.\(step)"] == .text("accepted"), "\(step)")
        }

        let cs = try city.facts("municipalCS", City.person)
        #expect(cs["identity"] == .text("current"))
        #expect(cs["versions"] == .integer(1))
        #expect(cs["certificate"] == .text("none"))
        #expect(cs["mailingAddresses"] == .integer(0))
        #expect(cs["prefecture"] == .text("accepted"))
        #expect(cs["pairWaiting"] == .flag(false))
        #expect(cs["verificationsMatched"] == .integer(1))
        #expect(cs["relaysOpen"] == .integer(0))

        let addressee = try city.facts(
            "integratedAddressee", ["addresseeNumber": city.addresseeNumber()])
        #expect(addressee["pair"] == .text("active"))
        #expect(addressee["replica"] == .text("accepted"))
        #expect(addressee["processingNumbersStored"] == .integer(0))

        let intermediate = try city.facts("intermediateServer")
        #expect(intermediate["replicas"] == .integer(1))
        #expect(intermediate["replicaVersion"] == .integer(1))
        #expect(intermediate["boundLinkCodes"] == .integer(1))
        #expect(intermediate["pendingLinkCodes"] == .integer(0))
        #expect(intermediate["individualNumbersStored"] == .integer(0))

        let office = try city.facts("officeLinkage", ["addresseeNumber": city.addresseeNumber()])
        #expect(office["present"] == .flag(true))
        #expect(office["holdsIndividualNumber"] == .flag(false))
    }

    @Test("Outside parties get what the matrix says, once")
    func outside() throws {
        let city = try City.before()
        try city.movesIn()
        try city.cardIsUsedFurther()
        let notices = city.messages("move-in-notice.deliver", to: "peerMunicipalCS/08221")
        #expect(notices.count == 1)
        #expect(notices.first?.step == "B3-05")
        let update = try #require(city.messages("identity.update.notice").first)
        #expect(update.step == "B3-05")
        #expect(update.fields["address"] == .text("水戸市見川二丁目999番地の4"))
        #expect(
            Set(update.fields.keys) == [
                "juminhyoCode", "nameKanji", "birthDate", "sex", "address", "individualNumber",
                "moveReason", "moveDate",
            ])
        #expect(city.messages("card.continued-use.request", to: "cardManagement").count == 1)
        #expect(city.messages("card.continued-use.ack", to: "integratedTerminal").count == 1)
        #expect(city.messages("certificate-data.update").count == 1)
    }

    @Test(
        "戸籍の附票 goes to the 本籍地 (A4-02), or to our own 戸籍 system (A4-04)",
        arguments: [
            ("092011", "peerMunicipalCS/09201", "A4-02"), ("082015", "familyRegister", "A4-04"),
        ])
    func supplement(domicile: String, recipient: String, step: String) throws {
        let city = try City.before()
        try city.movesIn(domicile: domicile)
        let supplements = city.passed.filter {
            $0.type.hasPrefix("family-register-supplement") && $0.recipient == recipient
        }
        #expect(supplements.map(\.step) == [step])
        let register = try city.facts("residentRegister", City.person)
        #expect(register["answer.A404"] == (step == "A4-04" ? .text("accepted") : nil))
    }

    @Test("One case has a correlation of its own in each zone, and the register can pair them")
    func correlations() throws {
        let city = try City.before()
        try city.movesIn()
        func correlations(_ type: String) -> Set<String> {
            Set(city.messages(type).map(\.envelope.correlation.rawValue))
        }
        #expect(correlations("identity.update.request") == ["peer-1"])
        #expect(correlations("resident.sync") == ["case-1"])
        let issuer = correlations("certificate-data.update")
        #expect(issuer.isDisjoint(with: ["case-1", "peer-1"]))
        for message in city.messages("identity.update.request")
            + city.messages("certificate-data.update")
        {
            #expect(message.envelope.causation == nil, "causation does not cross a zone's edge")
        }
        try city.send(
            City.Injection(
                topic: "case.pairing.request/v1", from: "operator/sato", to: "residentRegister",
                zone: "number-use", fields: ["correlationId": .text("case-1")],
                correlation: "operator-1"))
        let reply = try #require(city.messages("case.pairing.reply").last)
        guard case .array(let cases)? = reply.fields["cases"] else {
            Issue.record("no cases")
            return
        }
        let found = Set(cases.compactMap { $0["correlationId"]?.text })
        #expect(found == issuer.union(["case-1", "peer-1"]))
    }

    @Test("Each system can be killed after any message, and the end is the same")
    func reopened() throws {
        let city = try City.before()
        try city.certificateArrives()
        try city.notificationIsAccepted()
        for name in city.stores.keys { try city.open(name) }
        try city.identityIsVerified()
        let number = try #require(city.drafted().number)
        for name in city.stores.keys { try city.open(name) }
        #expect(try city.committed(number) == nil)
        for name in city.stores.keys { try city.open(name) }
        let before = city.passed.count
        for message in city.passed where message.type != "lab.state.request" {
            #expect(try city.redeliver(message) == .accepted)
        }
        try city.pump()
        // Answers of outside parties to a redelivery are new messages; the systems themselves send nothing again.
        let again = city.passed.dropFirst(before).filter {
            city.stores[$0.envelope.source.rawValue] != nil
        }
        #expect(again.isEmpty, "\(again.map(\.type))")
        #expect(try city.facts("municipalCS", City.person)["versions"] == .integer(1))
    }
}
