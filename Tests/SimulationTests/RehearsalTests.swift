import Foundation
import Messaging
import Simulation
import Testing

/// What a scenario's file shows without a lab.
@Suite("Scenarios checked without a lab")
struct RehearsalTests {
    private static let catalogue: Catalogue? = {
        var files: [String: [UInt8]] = [:]
        let root = URL(filePath: Repository.schemas)
        let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        for case let file as URL in walk ?? .init() where file.pathExtension == "json" {
            let name = file.path.replacing(root.path + "/", with: "")
            files[name] = (try? Data(contentsOf: file)).map { Array($0) }
        }
        return try? Catalogue(files: files, options: CatalogueOptions(lab: true))
    }()

    private func problems(_ steps: String) throws -> [String] {
        let people = try Repository.people()
        let scenario = try ScenarioFile.parse(
            "scenario: 試験\nsteps:\n" + steps, file: "test.yaml",
            schema: try Repository.scenarioSchema(), people: people)
        return ScenarioRehearsal(
            scenario, people: people, file: "test.yaml",
            catalogue: try #require(Self.catalogue)
        ).problems()
    }

    @Test("SC-01 has no problem")
    func whole() throws {
        let people = try Repository.people()
        let path = Repository.scenarios + "/SC-01.yaml"
        let scenario = try ScenarioFile.read(path, schemas: Repository.schemas, people: people)
        let rehearsal = ScenarioRehearsal(
            scenario, people: people, file: path, catalogue: try #require(Self.catalogue))
        #expect(rehearsal.problems().isEmpty)
    }

    private static func injection(
        as sender: String = "integratedTerminal", to recipient: String = "municipalCS",
        type: String = "identity.verify.request/v1", step: String = "B2-02",
        payload: String =
            "{juminhyoCode: \"${people.P04.juminhyoCode}\", purpose: specialMoveIn, applicationReference: R1}",
        more: String = ""
    ) -> String {
        "- inject: {as: \(sender), to: \(recipient), type: \(type), step: \(step), correlation: c, "
            + "operator: nyuryoku-01, terminal: IT-01, \(more)payload: \(payload)}\n"
    }

    @Test("A message that its layout and its route take has none either")
    func fine() throws {
        #expect(try problems(Self.injection()).isEmpty)
    }

    @Test(
        "Unknown types, steps, parties and routes, broken content and unknown captures are found",
        arguments: [
            (injection(type: "identity.verify.request/v9"), "no layout"),
            (injection(type: "nothing.known/v1"), "no layout"),
            (injection(step: "A9-99"), "no step"),
            (injection(as: "nobody"), "nobody is"),
            (injection(to: "nobody"), "nobody is"),
            (injection(as: "taxSystem"), "does not go to"),
            (injection(payload: "{purpose: specialMoveIn}"), "breaks"),
            (injection(payload: "{juminhyoCode: \"${capture.code}\"}"), "nothing is captured yet"),
            ("- expect: {type: nothing.known}", "no layout"),
            ("- expect: {type: audit.record, step: A9-99}", "no step"),
            ("- assert: {systems: {nobody: {a: 1}}}", "nobody is"),
            ("- process: {name: nobody, do: stop}", "no process"),
        ])
    func faults(step: String, text: String) throws {
        let found = try problems(step)
        #expect(!found.isEmpty && found.allSatisfy { !$0.contains("88888001047") })
        #expect(found.contains { $0.contains(text) }, "\(found)")
    }

    @Test("What is expected to be refused may be wrong")
    func refusals() throws {
        let wrong = Self.injection(
            as: "taxSystem", type: "identity.verify.request/v9", payload: "{}",
            more: "refused: version-unknown, ")
        #expect(try problems(wrong).isEmpty)
    }

    @Test("The same seed makes the same names, another one others")
    func seeds() {
        func first(_ seed: UInt64) -> UInt64 {
            var generator = SeededGenerator(seed: seed)
            return generator.next()
        }
        #expect(first(7) == first(7) && first(7) != first(8))
    }
}
