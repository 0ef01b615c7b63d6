import Messaging
import Simulation
import Testing

@Suite("The invented people")
struct PeopleTests {
    @Test(
        "All fixtures of catalogue 4.8 are there, and everybody has valid numbers that nobody shares"
    )
    func fixtures() throws {
        let people = try Repository.people()
        let fixtures = (1...10).map { $0 < 10 ? "P0\($0)" : "P\($0)" }
        #expect(fixtures.allSatisfy { people.byKey[$0] != nil })
        for person in people.byKey.values {
            #expect(IndividualNumber.isValid(person.individualNumber), "\(person.key)")
            #expect(JuminhyoCode.isValid(person.juminhyoCode), "\(person.key)")
            #expect(
                AddresseeNumber.isValid(person.items["addresseeNumber"]?.string ?? ""),
                "\(person.key)")
            #expect(!person.address.isEmpty)
        }
        #expect(Set(people.individualNumbers).count == people.byKey.count)
        #expect(Set(people.byKey.values.map(\.juminhyoCode)).count == people.byKey.count)
        #expect(Set(people.byKey.values.map(\.nameKanji)).count == people.byKey.count)
    }

    @Test("外字, IVS and 拡張漢字 are read code point for code point")
    func rareCharacters() throws {
        let person = try #require(try Repository.people().byKey["P16"])
        let scalars = person.nameKanji.unicodeScalars.map(\.value)
        #expect(scalars == [0x6E21, 0x9089, 0xE0102, 0x3000, 0x20BB7, 0xE000, 0x5B50])
    }

    @Test("The 本籍 of P04 is 宇都宮市, of P01 and P02 水戸市 (corrections 17)")
    func domiciles() throws {
        let people = try Repository.people().byKey
        let name = "registeredDomicileMunicipalityCode"
        #expect(people["P04"]?.items[name] == "092011")
        #expect(people["P01"]?.items[name] == "082015")
        #expect(people["P02"]?.items[name] == "082015")
    }

    @Test("Birth dates and readings have the forms the CS side needs")
    func derived() throws {
        let person = try #require(try Repository.people().byKey["P04"])
        #expect(person.birthDate8 == "19900214")
        #expect(person.nameFurigana == "さとう　じろう")
        #expect(person.items["birthDate"] == "1990-02-14")
    }

    private static let person = """
          P01: {nameKanji: 水戸　太郎, nameKana: ミト　タロウ, sexCode: "1", birthDate: 1980-04-01,
            juminhyoCode: "1", individualNumber: "1", municipality: "08201", address: 水戸市}
        """

    @Test(
        "A file that does not call its people invented is not read",
        arguments: ["people:\n\(person)", "synthetic: false\npeople:\n\(person)"])
    func mustBeSynthetic(text: String) {
        #expect(throws: ScenarioFault.self) { try People(yaml: text, file: "people.yaml") }
    }

    @Test(
        "A file that is no YAML is refused by line, column and kind, and its text is not repeated",
        arguments: [
            "  P01: {individualNumber: \"999999001014\", address: [999999001014\n",
            "  P01: 999999001014: 999999001014\n", "  P01: *999999001014\n",
            "  P01: &x 1\n  999999001014: \"a\n", "  999999001014: 1\n  999999001014: 2\n",
            "  P01: \"999999001014\" 999999001014\n", "  P01: !<999999001014 x\n",
            "  P01: %999999001014\n", "  P01: @999999001014\n", "  P01: \"\\q999999001014\"\n",
            "--- 999999001014\n--- 999999001014\n", "  P01: \u{1}999999001014\n",
        ])
    func brokenText(lines: String) throws {
        let text = "synthetic: true\npeople:\n" + lines
        let fault = try #require(throws: ScenarioFault.self) {
            try People(yaml: text, file: "people.yaml")
        }
        #expect(!fault.description.contains("999999001014"))
        #expect(fault.description.utf8.count < 200)
    }

    @Test("A number that stands where a name belongs is not named as the place")
    func numberAsName() throws {
        let text = "synthetic: true\npeople:\n  999999001014: 5\n"
        let fault = try #require(throws: ScenarioFault.self) {
            try People(yaml: text, file: "people.yaml")
        }
        #expect(fault.place == "/people/*")
    }

    @Test("The place of a broken line is its line and column")
    func brokenPlace() throws {
        let text = "synthetic: true\npeople:\n  P01: a: \"999999001014\"\n"
        let fault = try #require(throws: ScenarioFault.self) {
            try People(yaml: text, file: "people.yaml")
        }
        #expect(fault.place == "line 3:9")
    }

    @Test("A person without an address or with an impossible birthday is not read")
    func incomplete() throws {
        let good = "synthetic: true\npeople:\n" + Self.person
        _ = try People(yaml: good, file: "people.yaml")
        for (old, new) in [("1980-04-01", "1980-02-30"), ("address: 水戸市", "town: 水戸市")] {
            #expect(throws: ScenarioFault.self) {
                try People(yaml: good.replacing(old, with: new), file: "people.yaml")
            }
        }
    }
}
