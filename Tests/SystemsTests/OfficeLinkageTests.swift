import Messaging
import OfficeLinkage
import ParticipantStore
import Testing

@Suite("庁内連携")
struct OfficeLinkageTests {
    let city: City

    init() throws { city = try City.before("2025-10-06T09:00:00+09:00") }

    private func sync(version: Int64 = 1) throws {
        var fields = try Layouts.example("resident.sync/v2", city.files)
        fields["recordVersion"] = .integer(version)
        try city.send(
            City.Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "officeLinkage",
                zone: "number-use", fields: fields))
    }

    @Test("R-010: a recipient gets exactly its profile's items, on its legal basis")
    func items() throws {
        try sync()
        let transfer = try #require(
            city.messages("resident-info.transfer", to: "businessSystem/3").first)
        guard case .object(let items)? = transfer.fields["items"] else {
            Issue.record("no items")
            return
        }
        #expect(
            Set(items.keys) == [
                "nameKanji", "sexCode", "birthDate", "currentAddress", "moveReason", "moveDate",
                "removalCategory",
            ])
        #expect(transfer.envelope.legalBasis == "number-law-9-1")
        #expect(transfer.envelope.businessTask == "予防接種の実施に関する事務")
        #expect(transfer.fields["transferNumber"] == .text("3"))
    }

    @Test("R-010: a recipient without a profile gets nothing")
    func withoutProfile() throws {
        try sync()
        #expect(city.messages("resident-info.transfer", to: "businessSystem/29").isEmpty)
        #expect(city.messages("resident-info.transfer").count == 3)
    }

    @Test("R-023: no transfer carries a 個人番号, and 庁内連携 holds none")
    func noNumber() throws {
        try sync()
        #expect(
            try city.facts("officeLinkage", ["addresseeNumber": .text("0000010049")])[
                "holdsIndividualNumber"] == .flag(false))
        #expect(try city.cells(of: "officeLinkage") { $0.contains(City.individualNumber) } == 0)
    }

    @Test("An older version is neither kept nor handed on")
    func stale() throws {
        try sync(version: 2)
        try sync(version: 1)
        let facts = try city.facts("officeLinkage", ["addresseeNumber": .text("0000010049")])
        #expect(facts["version"] == .integer(2))
        #expect(facts["transfersSent"] == .integer(3))
    }

    @Test("A file that holds no profiles is refused")
    func profiles() throws {
        #expect(throws: Refuse.self) { try TransferProfile.read(Array("{}".utf8)) }
    }
}
