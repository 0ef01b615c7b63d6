internal import ArgumentParser
internal import FoundationEssentials
internal import Platform
internal import Simulation

/// シナリオ実行: the outside injected, every hop shown, every expectation checked.
struct SimRunCommand: ExampledCommand {
    static let examples = [
        "jukihub sim run Tests/Scenarios/SC-01.yaml",
        "jukihub sim run --lab /tmp/lab --stay Tests/Scenarios/SC-01.yaml",
    ]
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "実行 Play scenarios: shows each hop as it happens, then every state that is checked.",
        discussion: """
            jukihub dev が起動中ならその検証環境で、なければ新しい検証環境で実行し後片付けします。 In the lab that \
            `jukihub dev` keeps running, else in a new one, which is stopped afterwards (a temporary one is removed too).
            0 すべて成立 all hold · 1 不成立 an expectation failed · 2 基盤障害 infrastructure · 3 実行なし nothing ran.
            """)

    @Argument(help: "シナリオ Scenario files (YAML or JSON).") var files: [String]
    @Flag(name: .long, help: "実行後も動かし続ける Keep the lab running afterwards (one file).") var stay =
        false
    @OptionGroup var making: LabMaking
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if stay, files.count != 1 { throw ValidationError("--stay takes one scenario") }
    }

    func run() throws {
        let printer = Printer(output)
        let interruption = try Interruption()
        var passed = 0
        for file in files {
            let path = LabOptions.absolute(file)
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure(
                    "scenario-missing", "シナリオがありません (no such file: \(file))",
                    hint: "ls Tests/Scenarios")
            }
            let stage = try Stage(self, scenario: path, alone: files.count == 1)
            interruption.onSignal(stage.putAway)
            let narrator = ScenarioNarrator(printer)
            let report = try stage.play(path, narrator)
            try narrator.close(report, file: file)
            if report.passed { passed += 1 }
            if stay {
                printer.next(
                    "jukihub status --lab \(stage.directory)",
                    "jukihub trace --last --lab \(stage.directory)")
                printer.note("Ctrl-C で終了 stays until Ctrl-C")
                stage.keep()
            }
            interruption.onSignal(nil)
        }
        if passed < files.count { throw Finding(exit: .failure) }
    }

    /// Whether the user named a lab, by flag or environment.
    var isLabNamed: Bool {
        lab.lab != nil || !(ProcessInfo.processInfo.environment["JUKIHUB_LAB"] ?? "").isEmpty
    }
}
