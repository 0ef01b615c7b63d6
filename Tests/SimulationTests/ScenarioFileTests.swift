import Foundation
import Simulation
import Testing

@Suite("Scenario files")
struct ScenarioFileTests {
    @Test("Every scenario of the repository is read", arguments: Repository.scenarioFiles)
    func repository(path: String) throws {
        let scenario = try ScenarioFile.read(
            path, schemas: Repository.schemas, people: try Repository.people())
        #expect(!scenario.steps.isEmpty)
        #expect(scenario.number != nil)
    }

    @Test("There is at least the special move-in")
    func present() {
        #expect(Repository.scenarioFiles.contains { $0.hasSuffix("/SC-01.yaml") })
    }

    private static let head = "scenario: 試験\nsteps:\n"

    private func parse(_ steps: String) throws -> Scenario {
        try ScenarioFile.parse(
            Self.head + steps, file: "test.yaml", schema: try Repository.scenarioSchema(),
            people: try Repository.people())
    }

    @Test("A story of one expectation is read")
    func smallest() throws {
        let scenario = try parse("- expect: {type: audit.record, count: 3, within: 500ms}")
        #expect(scenario.steps.map(\.name) == ["* → * audit.record ×3"])
    }

    @Test(
        "A literal number of eleven or twelve digits is refused wherever it stands",
        arguments: [
            "- expect: {type: audit.record, correlation: \"12345678901\"}",
            "- expect: {type: audit.record, correlation: K-123456789018-x}",
            "- expect: {type: audit.record, correlation: \"１２３４５６７８９０１２\"}",
            "- {name: \"123456789018\", advance: {by: 1s}}",
            "- assert: {systems: {municipalCS: {\"a12345678901\": 1}}}",
            "- assert: {systems: {municipalCS: {count: 123456789018}}}",
        ])
    func literals(step: String) {
        #expect(throws: ScenarioFault.self) { try parse(step) }
    }

    @Test("Ten and thirteen digits are no personal number")
    func otherLengths() throws {
        _ = try parse("- expect: {type: audit.record, correlation: \"0000010049-1234567890123\"}")
    }

    @Test(
        "What the schema does not know is refused",
        arguments: [
            "- {}", "- expect: {type: audit.record, colour: red}", "- expect: {count: 1}",
            "- {advance: {by: 1s}, expect: {type: audit.record}}", "- advance: {by: soon}",
            "- advance: {by: 1s, to: \"2025-10-06T09:00:00+09:00\"}", "- assert: {person: P04}",
            "- restart: {process: hub-lgwan, signal: hup}", "- expect: {type: Audit}",
        ])
    func schema(step: String) {
        #expect(throws: ScenarioFault.self) { try parse(step) }
    }

    @Test(
        "A reference to nobody and nothing is refused",
        arguments: ["people.P99.nameKanji", "people.P04.shoeSize", "env.HOME", "clock.hour"])
    func references(reference: String) {
        #expect(throws: ScenarioFault.self) {
            try parse("- expect: {type: audit.record, correlation: \"x-${\(reference)}\"}")
        }
    }

    @Test("A fault names its place and never the text")
    func faultText() throws {
        do {
            _ = try parse("- expect: {type: audit.record, correlation: \"123456789018\"}")
            Issue.record("the scenario was accepted")
        } catch let fault as ScenarioFault {
            #expect(fault.place == "/steps/0/expect/correlation")
            #expect(!fault.description.contains("123456789018"))
        }
    }

    @Test(
        "YAML that could be read in two ways is refused",
        arguments: ["a: 1\na: 2\n", "a: &x 1\nb: *x\n", "", "? [1]\n: 2\n", "a: [1\n"])
    func ambiguousYAML(text: String) throws {
        #expect(throws: ScenarioFault.self) {
            try ScenarioFile.parse(
                text, file: "test.yaml", schema: try Repository.scenarioSchema(),
                people: try Repository.people())
        }
    }

    @Test("JSON is as good as YAML")
    func json() throws {
        let text = #"{"scenario": "試験", "steps": [{"advance": {"by": "31d"}}]}"#
        let scenario = try ScenarioFile.parse(
            text, file: "test.json", schema: try Repository.scenarioSchema(),
            people: try Repository.people())
        #expect(scenario.steps.count == 1)
    }
}
