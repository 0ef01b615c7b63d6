internal import ArgumentParser

/// シナリオ: scenarios played against a lab.
struct SimCommand: ExampledCommand {
    static let examples = ["jukihub sim run Tests/Scenarios/SC-01.yaml"]
    static let configuration = CommandConfiguration(
        commandName: "sim", abstract: "シナリオ Scenarios: the outside world, injected and checked.",
        subcommands: [SimRunCommand.self])
}
