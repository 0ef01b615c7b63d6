import Simulation
import Testing

@Suite("Counting hops and comparing facts")
struct MatchingTests {
    private let lines: [HopEvent] = [
        MatchingTests.line("admitted", position: 1),
        MatchingTests.line("settled", position: 1),
        MatchingTests.line("settled", position: 1),
        MatchingTests.line("settled", position: 2, recipient: "taxSystem"),
        MatchingTests.line("settled", position: 3, type: "resident.sync/v1"),
        MatchingTests.line("settled", position: 4, correlation: "K-2"),
    ].compactMap(\.self)

    private static func line(
        _ event: String, position: Int, recipient: String = "officeLinkage",
        type: String = "resident.sync/v2", correlation: String = "K-1"
    ) -> HopEvent? {
        let value: JSONValue = [
            "event": .string(event), "zone": "number-use", "position": .integer(position),
            "id": .string("residentRegister~1~\(position)"), "type": .string(type),
            "step": "A1-11", "source": "residentRegister", "recipient": .string(recipient),
            "bytes": 812, "latencyMicroseconds": 940, "correlation": .string(correlation),
            "time": "2025-10-06T09:00:00.000+09:00",
        ]
        return HopEvent(parsing: value.encoded)
    }

    private func expectation(_ text: String) throws -> HopExpectation {
        let scenario = try ScenarioFile.parse(
            "scenario: 試験\nsteps:\n- expect: {\(text)}", file: "test.yaml",
            schema: try Repository.scenarioSchema(), people: try Repository.people())
        guard case .expect(let expectation)? = scenario.steps.first?.action else {
            throw ScenarioFault(file: "test.yaml", "no expectation")
        }
        return expectation
    }

    private func match(_ text: String) throws -> HopMatch {
        HopMatch(try expectation(text).pattern) { $0 }
    }

    @Test(
        "A line told twice counts once, and every condition must hold",
        arguments: [
            ("type: resident.sync", 4), ("type: resident.sync/v2", 3),
            ("type: resident.sync/v2, to: officeLinkage", 2),
            ("type: resident.sync, to: officeLinkage, correlation: K-1", 2),
            ("type: resident.sync, event: admitted", 1), ("type: resident.sync, zone: lgwan", 0),
            ("type: resident.sync, step: A1-12", 0), ("type: resident", 0),
            ("type: resident.sync, event: refused", 0),
        ])
    func counting(text: String, count: Int) throws {
        #expect(try match(text).count(lines) == count)
    }

    @Test("What nearly came is shown, nearest first, three at most")
    func nearMisses() throws {
        let match = try match(
            "type: resident.sync/v2, to: taxSystem, step: A1-12, correlation: K-1")
        let near = match.nearMisses(lines)
        #expect(near.count == 3)
        #expect(near.first?.hop.recipient == "taxSystem")
        #expect(try self.match("type: audit.record, to: x, from: y").nearMisses(lines).isEmpty)
    }

    @Test("A near miss says in which attributes it differs, and shows no long number")
    func differences() throws {
        let event = try #require(
            HopEvent(
                parsing: Array(
                    #"{"event":"settled","zone":"juki-net","type":"a.b/v1","step":"A1-03","correlation":"K-999999001014"}"#
                        .utf8)))
        let near = try match("type: a.b/v1, step: B1-03, correlation: K-2").nearMisses([event])
        #expect(
            near.map(\.differences) == [
                ["step: B1-03 expected, A1-03", "correlation: K-2 expected, K-*"]
            ])
    }

    @Test("Where too many came, those that came are shown")
    func tooMany() throws {
        let match = try match("type: resident.sync/v2, to: officeLinkage")
        let near = match.nearMisses(lines, tooMany: true)
        #expect(!near.isEmpty && near.allSatisfy(\.differences.isEmpty))
    }

    @Test("A line this room does not understand is passed over")
    func unreadable() {
        #expect(HopEvent(parsing: Array("{\"event\":\"sneezed\",\"zone\":\"lgwan\"}".utf8)) == nil)
        #expect(HopEvent(parsing: [0xFF]) == nil)
    }
}
