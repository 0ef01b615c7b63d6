internal import Foundation
internal import Simulation

/// The evidence of one run, kept (実行の証跡): the hubs' journals as they were stopped, the logs, and `run.json`.
///
/// What `flow coverage` and `rule coverage` read. Content is sealed in the journals, and the keys are not kept.
struct KeptRun: Codable {
    static let file = "run.json"

    struct Step: Codable {
        let number: Int
        let name: String
        let passed: Bool
        let failures: [String]
    }

    /// `SC-03a`, or the file's name.
    let scenario: String
    let title: String
    let file: String
    let rules: [String]
    let seed: UInt64
    let passed: Bool
    let seconds: Double
    let steps: [Step]
    /// Directories of journals beside this file.
    let hubs: [String]

    /// Makes room for a run; what an earlier run left there goes.
    static func prepare(_ directory: String) throws {
        let files = FileManager.default
        if files.fileExists(atPath: directory) {
            let contents = (try? files.contentsOfDirectory(atPath: directory)) ?? []
            guard contents.isEmpty || contents.contains(file) else {
                throw CommandFailure(
                    "keep-in-use", "証跡の置き場所に別のものがあります (\(directory) holds something else)",
                    hint: "別の --keep DIR (name another)")
            }
            try files.removeItem(atPath: directory)
        }
        try LabMaking.makeDirectory(directory)
    }

    static func write(_ outcome: PlayOutcome, of lab: Lab, to directory: String) throws {
        let files = FileManager.default
        let hubs = LabCast.zones.map(LabCast.hubProcess)
        for hub in hubs {
            try files.copyItem(
                atPath: lab.directory.state(of: hub), toPath: directory + "/" + hub)
        }
        try files.copyItem(atPath: lab.directory.logs, toPath: directory + "/logs")
        let results = outcome.report?.results ?? []
        let run = KeptRun(
            scenario: outcome.plan.scenario.number ?? Stage.name(of: outcome.plan.path),
            title: outcome.plan.scenario.title, file: outcome.plan.file,
            rules: outcome.plan.scenario.rules, seed: outcome.plan.seed, passed: outcome.passed,
            seconds: outcome.duration / .seconds(1),
            steps: results.map {
                Step(
                    number: $0.number, name: $0.name, passed: $0.passed, failures: $0.failures)
            }, hubs: hubs)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(run).write(
            to: URL(filePath: directory + "/" + file), options: .atomic)
    }

    /// Every run kept below the directories, by scenario; a directory that is a run itself counts.
    static func read(_ directories: [String]) throws -> [(run: KeptRun, directory: String)] {
        var found: [(run: KeptRun, directory: String)] = []
        for directory in directories {
            let path = LabOptions.absolute(directory)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let places = names.contains(file) ? [path] : names.sorted().map { "\(path)/\($0)" }
            for place in places {
                guard let data = FileManager.default.contents(atPath: "\(place)/\(file)") else {
                    continue
                }
                do {
                    found.append((try JSONDecoder().decode(KeptRun.self, from: data), place))
                } catch {
                    throw CommandFailure(
                        "run-unreadable", "実行の記録を読めません (cannot read \(place)/\(file))",
                        hint: "jukihub sim run --keep DIR で作り直す (make it anew)")
                }
            }
        }
        return found.sorted { $0.run.scenario < $1.run.scenario }
    }
}
