import JSONSchema
import Messaging
import Simulation
import Testing

@Suite("架空の住民")
struct PeopleGeneratorTests {
    private func population(_ count: Int, seed: UInt64 = 7) throws -> [[JSONValue]] {
        Array(
            PeopleGenerator(
                count: count, seed: seed, city: try MunicipalityCode("08201"),
                today: try CivilDate(iso: "2025-10-01")))
    }

    @Test("The same seed gives the same people, another seed others, and the number is exact")
    func deterministic() throws {
        for count in [0, 1, 10, 997] {
            #expect(try population(count).reduce(0) { $0 + $1.count } == count)
        }
        #expect(try population(300) == population(300))
        #expect(try population(300) != population(300, seed: 8))
        // A longer population begins like a shorter one, but for its last household.
        #expect(try Array(population(500).prefix(100)) == Array(population(400).prefix(100)))
    }

    @Test("Every number is valid, synthetic, and nobody else's")
    func numbers() throws {
        let people = try population(2_000).flatMap { $0 }
        func all(_ name: String) -> [String] { people.compactMap { $0[name]?.string } }
        for (name, isValid) in [
            ("individualNumber", { IndividualNumber.isValid($0) && $0.hasPrefix("98") }),
            ("juminhyoCode", { JuminhyoCode.isValid($0) && $0.hasPrefix("77") }),
            ("addresseeNumber", { AddresseeNumber.isValid($0) }),
        ] as [(String, (String) -> Bool)] {
            #expect(all(name).count == 2_000 && Set(all(name)).count == 2_000)
            #expect(all(name).allSatisfy(isValid))
        }
        #expect(all("householdNumber").allSatisfy { AddresseeNumber.isValid($0) })
        #expect(all("residenceCardNumber").allSatisfy { ResidenceCardNumber.normalised($0) == $0 })
    }

    @Test("Each household has one head first, one address, and children younger than their parents")
    func households() throws {
        for household in try population(3_000) {
            let relations = household.compactMap { $0["relationshipCode"]?.string }
            #expect(relations.first == "世帯主" && relations.count { $0 == "世帯主" } == 1)
            for name in ["householdNumber", "currentAddress", "householdHeadName"] {
                #expect(Set(household.map { $0[name] }).count == 1)
            }
            func born(_ relation: String) -> [String] {
                household.filter { $0["relationshipCode"]?.string == relation }
                    .compactMap { $0["birthDate"]?["date"]?.string }
            }
            guard let parent = born("世帯主").first?.prefix(4), let year = Int(parent) else {
                continue
            }
            for child in born("子") {
                #expect((Int(child.prefix(4)) ?? 0) - year >= 16)
            }
        }
    }

    @Test("Foreign residents, 旧氏, 外字, selectors and 不詳 dates are among them in plausible shares")
    func shares() throws {
        let people = try population(20_000).flatMap { $0 }
        let foreigners = people.count { $0["article30_45Category"] != nil }
        #expect((100...2_000).contains(foreigners))
        #expect(people.contains { $0["formerSurnameKanji"] != nil })
        #expect(people.contains { $0["foreignAliasKanji"] != nil })
        #expect(people.contains { $0["birthDate"]?["kind"] == "unknown" })
        func hasScalar(_ range: ClosedRange<UInt32>) -> Bool {
            people.contains { person in
                (person["nameKanji"]?.string ?? "").unicodeScalars.contains {
                    range.contains($0.value)
                }
            }
        }
        #expect(hasScalar(0xE0100...0xE01EF) && hasScalar(0xE000...0xF8FF))
        #expect(hasScalar(0x20000...0x2FFFF))
        #expect(
            people.allSatisfy {
                $0["article30_45Category"] == nil || $0["registeredDomicile"] == nil
            })
    }

    @Test("Every household is a valid population.import.request")
    func layout() throws {
        var library = SchemaLibrary(captures: [])
        let file = try Repository.schema("population.import.request/v1")
        try library.add(file, uri: "urn:test:import")
        let schema = try library.compile("urn:test:import")
        var checker = Checker()
        for household in try population(3_000) {
            let body: JSONValue = ["batchId": "gen-7", "residents": .array(household)]
            let verdict = checker.check(body.encoded.span, against: schema)
            #expect(verdict.isValid, "\(verdict)")
        }
    }
}
