import Foundation
import Simulation

/// The files these tests read (リポジトリ).
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .path(percentEncoded: false)
    static let schemas = root + "Schemas"
    static let scenarios = root + "Tests/Scenarios"
    static let peopleFile = scenarios + "/people.yaml"

    static func people() throws -> People { try PeopleFile.read(peopleFile) }

    /// A message's layout, e.g. `population.import.request/v1`.
    static func schema(_ topic: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: schemas + "/messages/\(topic).schema.json")))
    }

    static func scenarioSchema() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: schemas + "/scenario.schema.json")))
    }

    /// Every scenario of the repository.
    static let scenarioFiles: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: scenarios)) ?? []
        return names.filter { $0.hasPrefix("SC-") }.sorted().map { scenarios + "/" + $0 }
    }()
}
