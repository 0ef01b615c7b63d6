import Foundation
import Messaging
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
            "- expect: {type: audit.record, correlation: '123456789018'}",
            "- expect: {type: audit.record, correlation: \"\\u0031\\x323456789018\"}",
            "- expect: {type: audit.record, correlation: \"1234-5678-9018\"}",
            "- expect: {type: audit.record, correlation: \"1234 5678 9018\"}",
            "- expect:\n    type: audit.record\n    correlation: >-\n      1234\n      5678\n      9018",
            "- advance: {by: 1s} # 123456789018",
            "- inject: {as: taxSystem, to: hub, type: a/v1, correlation: c, payload: {a: [{b: 12345678901}]}}",
            "- act: {as: taxSystem, do: send, with: {number: \"123456789018\"}}",
        ])
    func literals(step: String) {
        #expect(throws: ScenarioFault.self) { try parse(step) }
    }

    @Test("A scenario says what it sets up, what its lab is and which rules it proves")
    func setting() throws {
        let scenario = try ScenarioFile.parse(
            """
            scenario: 試験
            case: SC-03a
            rules: [R-090, R-021]
            setup: {residents: [P01, P02]}
            lab:
              peers: ["14100"]
              businessSystems: [15]
              majors: {municipalCS: {identity.update.request: 1}}
              lossy: {municipalCS: [identity.update.request]}
              config: {municipal-cs: {days: 30}, hub-juki-net: {limits: {refusalsPerMinute: 3}}}
            steps:
            - advance: {by: 1d}
            """, file: "test.yaml", schema: try Repository.scenarioSchema(),
            people: try Repository.people())
        #expect(scenario.number == "SC-03a" && scenario.rules == ["R-090", "R-021"])
        let setting = scenario.setting
        #expect(setting.residents == ["P01", "P02"] && setting.peers == ["14100"])
        #expect(setting.businessSystems == ["15"] && !setting.isOrdinaryLab)
        let cs = try ParticipantID("municipalCS")
        #expect(setting.majors[cs] == ["identity.update.request": 1])
        #expect(setting.lossy[cs] == ["identity.update.request"])
        #expect(setting.configuration["municipal-cs"] == ["days": 30])
    }

    @Test(
        "A setting that means nothing is refused",
        arguments: [
            "setup: {residents: [mito]}", "rules: [X-01]", "lab: {peers: [mito]}",
            "lab: {config: {nobody: {a: 1}}}", "lab: {colour: red}", "case: SC-3",
        ])
    func badSetting(line: String) throws {
        #expect(throws: ScenarioFault.self) {
            try ScenarioFile.parse(
                "scenario: 試験\n\(line)\nsteps:\n- advance: {by: 1d}\n", file: "test.yaml",
                schema: try Repository.scenarioSchema(), people: try Repository.people())
        }
    }

    @Test(
        "Every kind of step is read",
        arguments: [
            (
                "- act: {as: taxSystem, do: resync, with: {a: 1}, capture: {b: /c}}",
                "taxSystem resync"
            ),
            ("- act: {as: taxSystem, do: resync, refused: unknown}", "taxSystem resync"),
            (
                "- behave: {party: taxSystem, on: a.b, answer: late, delay: 5s}",
                "振舞い taxSystem late"
            ),
            ("- behave: {party: taxSystem, reset: true}", "振舞い taxSystem 通常"),
            ("- process: {name: municipal-cs, do: stop}", "stop municipal-cs"),
            ("- backup: {process: municipal-cs, as: b1}", "バックアップ municipal-cs b1"),
            ("- remember: {as: before, person: P01}", "控え before"),
            ("- assert: {same: before}", "状態 before"),
            ("- audit: {zone: juki-net, findings: {offHours: 0}}", "操作ログの分析 juki-net"),
            ("- assert: {files: [{in: [\"backup:b1\"], absent: [x]}]}", "状態 "),
        ])
    func kinds(step: String, name: String) throws {
        #expect(try parse(step).steps.map(\.name) == [name])
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
            "- act: {as: taxSystem}", "- behave: {party: taxSystem}",
            "- behave: {party: taxSystem, answer: late, reset: true}",
            "- process: {name: municipal-cs, do: dance}", "- backup: {process: municipal-cs}",
            "- remember: {person: P01}", "- assert: {files: [{in: [\"other:b1\"], absent: []}]}",
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
