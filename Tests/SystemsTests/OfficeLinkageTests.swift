import Messaging
import OfficeLinkage
import ParticipantStore
import Testing

@Suite("庁内連携")
struct OfficeLinkageTests {
    let city: City

    init() throws { city = try City.before("2025-10-06T09:00:00+09:00") }

    /// The recipients the city is wired to.
    private static let wired = [
        "taxSystem", "businessSystem/2", "businessSystem/3", "businessSystem/29",
    ]

    private func sync(
        _ number: String = "0000010049", version: Int64 = 1, _ changes: JSONFields = [:]
    ) throws {
        var fields = try Layouts.example("resident.sync/v2", city.files)
        fields["addresseeNumber"] = .text(number)
        fields["recordVersion"] = .integer(version)
        fields.merge(changes) { $1 }
        try city.send(
            City.Injection(
                topic: "resident.sync/v2", from: "residentRegister", to: "officeLinkage",
                zone: "number-use", fields: fields))
    }

    private func askForSnapshot(_ id: String, as department: String = "businessSystem/3") throws {
        try city.send(
            City.Injection(
                topic: "resident-info.snapshot.request/v1", from: department,
                to: "officeLinkage", zone: "number-use", fields: ["snapshotId": .text(id)],
                correlation: "snapshot-\(id)", operatorID: nil, terminal: nil))
    }

    private func transfers(to department: String = "businessSystem/3") -> [City.Passed] {
        city.messages("resident-info.transfer", to: department)
    }

    // MARK: Profiles

    @Test("R-010: a recipient gets exactly its profile's items, on its legal basis")
    func items() throws {
        try sync()
        let transfer = try #require(transfers().first)
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

    @Test(
        "R-010: a recipient without a profile gets nothing, whoever it is and whatever it asks for")
    func withoutProfile() throws {
        try sync()
        #expect(city.messages("resident-info.transfer").count == Self.wired.count)
        try askForSnapshot("S1", as: "businessSystem/99")
        try city.tick()
        #expect(transfers(to: "businessSystem/99").isEmpty)
        let answer = try #require(city.messages("resident-info.snapshot.completed").first)
        #expect(answer.fields["code"] == .text("no-profile"))
    }

    @Test("R-023: no transfer carries a 個人番号, and 庁内連携 holds none")
    func noNumber() throws {
        try sync()
        #expect(
            try city.facts("officeLinkage", ["addresseeNumber": .text("0000010049")])[
                "holdsIndividualNumber"] == .flag(false))
        #expect(try city.cells(of: "officeLinkage") { $0.contains(City.individualNumber) } == 0)
    }

    @Test(
        "A recipient keeps its 移転先No, and bears the name of the day",
        arguments: [
            ("2024-02-25T09:00:00+09:00", "2", "子ども課"),
            ("2024-02-26T00:00:00+09:00", "2", "こども政策課"),
            ("2024-02-26T00:00:00+09:00", "29", "幼児保育課"),
        ])
    func names(at time: String, number: String, name: String) throws {
        try city.clock.set(time)
        #expect(try city.facts("officeLinkage")["recipientName.\(number)"] == .text(name))
    }

    @Test("The assessment's 34 recipients have a profile each, by 移転先No")
    func all() throws {
        struct File: Decodable {
            struct Profile: Decodable { let transferNumber: String }

            let profiles: [Profile]
        }
        let file = try #require(city.files["catalogue/transfer-profiles.json"])
        let numbers = try PayloadCoding.decode(File.self, from: file).profiles
            .map(\.transferNumber)
        #expect(numbers == (1...34).map { String($0) })
    }

    @Test("A file that holds no profiles is refused")
    func noProfiles() {
        #expect(throws: Refuse.self) { try TransferProfiles.read(Array("{}".utf8)) }
    }

    // MARK: What a change means

    @Test("An older version is neither kept nor handed on")
    func stale() throws {
        try sync(version: 2)
        try sync(version: 1)
        let facts = try city.facts("officeLinkage", ["addresseeNumber": .text("0000010049")])
        #expect(facts["version"] == .integer(2))
        #expect(facts["transfersSent"] == .integer(Int64(Self.wired.count)))
    }

    @Test(
        "A change says what it means and from when",
        arguments: [
            ("domesticMoveIn", "none", "entry", "2025-10-04"),
            ("addressChange", "none", "amendment", "2025-10-04"),
            ("clericalCorrection", "none", "correction", "2025-10-04"),
            ("cancelDecrease", "none", "cancellation", "2025-10-04"),
            ("domesticMoveOut", "none", "plannedMoveOut", "2025-11-01"),
            ("domesticMoveOut", "movedOut", "removal", "2025-11-01"),
            ("death", "deceased", "removal", "2025-11-01"),
        ])
    func meaning(reason: String, removal: String, change: String, from: String) throws {
        try sync(
            "0000010049",
            [
                "moveReason": .text(reason), "removalCategory": .text(removal),
                "removalMoveDate": .object(["kind": .text("exact"), "date": .text("2025-11-01")]),
            ])
        let transfer = try #require(transfers().first)
        #expect(transfer.fields["change"] == .text(change))
        #expect(transfer.fields["effectiveDate"] == .text(from))
    }

    @Test(
        "While 支援措置 stands nothing goes out, also in a snapshot; released, the newest version goes once"
    )
    func restriction() throws {
        try sync(version: 1)
        try sync(version: 2, ["restricted": .flag(true)])
        try askForSnapshot("S1")
        try city.tick()
        #expect(transfers().map { $0.fields["recordVersion"] } == [.integer(1)])
        try sync(version: 2, ["restricted": .flag(false)])
        #expect(transfers().map { $0.fields["recordVersion"] } == [.integer(1), .integer(2)])
        try sync(version: 2, ["restricted": .flag(true)])
        try sync(version: 2, ["restricted": .flag(false)])
        #expect(transfers().count == 2)
    }

    @Test(
        "Who was held back in a snapshot comes at release, also where that version went out before")
    func restrictionInSnapshot() throws {
        try sync(version: 1)
        try sync(version: 1, ["restricted": .flag(true)])
        try askForSnapshot("S1")
        try city.tick()
        try sync(version: 1, ["restricted": .flag(false)])
        #expect(transfers().map { $0.fields["recordVersion"] } == [.integer(1), .integer(1)])
        #expect(transfers(to: "businessSystem/2").count == 1)
    }

    // MARK: Snapshots

    @Test(
        "A snapshot brings everybody once, changes meanwhile come once, and the count tells the end"
    )
    func snapshot() throws {
        for serial in 1...600 { try sync(number(serial)) }
        city.forgetPassed()
        try askForSnapshot("S1")
        try city.stores["officeLinkage"]?.tick(now: city.clock.now())
        try sync(number(1), version: 2)
        try sync(number(600), version: 2)
        try city.tick()
        let mine = transfers()
        var seen: [String: Int] = [:]
        for transfer in mine {
            seen[
                "\(transfer.fields["addresseeNumber"]!)/\(transfer.fields["recordVersion"]!)",
                default: 0] += 1
        }
        #expect(seen.values.allSatisfy { $0 == 1 })
        #expect(Set(mine.map { $0.fields["addresseeNumber"] }).count == 600)
        let done = try #require(city.messages("resident-info.snapshot.completed").first)
        #expect(done.fields["sent"] == .integer(599))
        #expect(done.fields["overtaken"] == .integer(1))
        #expect(city.messages("resident-info.transfer", to: "businessSystem/2").count == 2)
    }

    @Test("A second snapshot waits for none: it is refused while one runs, and its id serves once")
    func twice() throws {
        for serial in 1...501 { try sync(number(serial)) }
        try askForSnapshot("S1")
        try askForSnapshot("S2")
        try city.tick()
        try city.tick()
        try askForSnapshot("S1")
        let answers = city.messages("resident-info.snapshot.completed")
        #expect(
            answers.map { $0.fields["code"] } == [
                .text("snapshot-running"), nil, .text("snapshot-running"),
            ])
    }

    @Test("A snapshot survives its process, and goes on where it was")
    func killed() throws {
        for serial in 1...501 { try sync(number(serial)) }
        city.forgetPassed()
        try askForSnapshot("S1")
        try city.stores["officeLinkage"]?.tick(now: city.clock.now())
        try city.open("officeLinkage")
        try city.tick()
        #expect(transfers().count == 501)
        #expect(city.messages("resident-info.snapshot.completed").count == 1)
    }

    @Test("A new 庁内連携 asks the register for everybody, once")
    func resync() throws {
        city.silent.insert("residentRegister")
        try city.stores["officeLinkage"]?.tick(now: city.clock.now())
        try city.stores["officeLinkage"]?.tick(now: city.clock.now())
        try city.pump()
        #expect(city.messages("resident.resync.request", to: "residentRegister").count == 1)
        #expect(try city.facts("officeLinkage")["resync"] != .text("none"))
    }

    @Test("A department's acknowledgement is kept with the transfer")
    func acknowledged() throws {
        try sync()
        var ack = try Layouts.example("resident-info.ack/v1", city.files)
        ack["recordVersion"] = .integer(1)
        try city.send(
            City.Injection(
                topic: "resident-info.ack/v1", from: "taxSystem", to: "officeLinkage",
                zone: "number-use", fields: ack))
        #expect(try city.facts("officeLinkage")["transfersAcknowledged"] == .integer(1))
    }

    private func number(_ serial: Int) -> String {
        let digits = String(serial)
        return AddresseeNumber.completed(
            serial: String(repeating: "0", count: 9 - digits.count) + digits) ?? ""
    }
}
