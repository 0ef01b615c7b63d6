internal import ArgumentParser
internal import FoundationEssentials
internal import Platform
internal import Simulation

/// シナリオ実行: the outside injected, every hop shown, every expectation checked.
struct SimRunCommand: ExampledCommand {
    static let examples = [
        "jukihub sim run Tests/Scenarios/SC-01.yaml",
        "jukihub sim run --lab /tmp/lab --stay Tests/Scenarios/SC-01.yaml",
        "jukihub sim run Tests/Scenarios/SC-01.yaml Tests/Scenarios/SC-02.yaml --keep /tmp/runs --report junit:/tmp/runs.xml",
    ]
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract:
            "実行 Play scenarios: shows each hop as it happens, then every state that is checked.",
        discussion: """
            シナリオごとに新しい検証環境 (プロセス、ディレクトリ、時計) を作り、後片付けします。 Each scenario has a lab of its \
            own, which leaves nothing behind; only one file alone goes into the lab that `jukihub dev` keeps running.
            0 すべて成立 all hold · 1 不成立 an expectation failed · 2 基盤障害 infrastructure · 3 実行なし nothing ran.
            """)

    @Argument(help: "シナリオ Scenario files (YAML or JSON).") var files: [String]
    @Flag(name: .long, help: "実行後も動かし続ける Keep the lab running afterwards (one file).") var stay =
        false
    @Option(
        name: .long,
        help: ArgumentHelp("同時に実行する数 Scenarios played at the same time.", valueName: "n"))
    var jobs = 1
    @Option(
        name: .customLong("repeat"),
        help: ArgumentHelp("繰返し How often each is played, with the next seed each.", valueName: "n")
    )
    var repetitions = 1
    @Option(
        name: .long,
        help: ArgumentHelp(
            "乱数の種 What the run's own names are made of; told for each run.", valueName: "number"))
    var seed: UInt64?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "証跡を残す Keep each run's evidence here: hub journals, logs, run.json.", valueName: "dir"))
    var keep: String?
    @Option(
        name: .long,
        help: ArgumentHelp("報告 A report for CI: junit:FILE.", valueName: "form:file"))
    var report: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "絞込み Only scenarios whose number, title or file holds this.", valueName: "text"))
    var filter: String?
    @Flag(
        name: .customLong("dry-run"),
        help: "点検だけ Check files, people and injected content against the schemas; no lab.")
    var dryRun = false
    @OptionGroup var making: LabMaking
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...8).contains(jobs) else { throw ValidationError("--jobs 1〜8") }
        guard (1...1_000).contains(repetitions) else { throw ValidationError("--repeat 1〜1000") }
        if stay, files.count != 1 || repetitions != 1 {
            throw ValidationError("--stay takes one scenario")
        }
        if let report, !report.hasPrefix("junit:") || report.utf8.count < 7 {
            throw ValidationError("--report junit:FILE")
        }
        if jobs > 1, isLabNamed { throw ValidationError("--jobs と --lab は併用できません") }
    }

    func run() throws {
        let printer = Printer(output)
        let plays = try planned()
        guard !plays.isEmpty else {
            printer.note("該当するシナリオがありません (no scenario matches \(filter ?? ""))")
            throw Finding(exit: .unknown)
        }
        if dryRun { return try DryRun(self, printer).check(plays) }
        let interruption = try Interruption()
        let running = RunningStages()
        interruption.onSignal { running.putAway() }
        let started = ContinuousClock.now
        let suite = ScenarioSuite(command: self, printer: printer, running: running)
        let outcomes = try suite.play(plays)
        if let report {
            try JUnitReport.write(outcomes, to: String(report.dropFirst("junit:".count)))
        }
        if plays.count > 1 {
            try suite.summarise(outcomes, seconds: (.now - started) / .seconds(1))
        }
        if let exit = suite.exit(outcomes) { throw Finding(exit: exit) }
    }

    /// Every run asked for, in order; files that cannot be read end the command before any lab is made.
    private func planned() throws -> [ScenarioPlayPlan] {
        var plays: [ScenarioPlayPlan] = []
        let base = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        for file in files {
            let path = LabOptions.absolute(file)
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure(
                    "scenario-missing", "シナリオがありません (no such file: \(file))",
                    hint: "ls Tests/Scenarios")
            }
            let settings = try making.settings(lab.path, beside: path)
            let scenario = try Stage.read(path, settings)
            if let filter,
                ![scenario.number ?? "", scenario.title, file].contains(where: {
                    $0.contains(filter)
                })
            {
                continue
            }
            for repetition in 0..<repetitions {
                plays.append(
                    ScenarioPlayPlan(
                        file: file, path: path, scenario: scenario,
                        seed: base &+ UInt64(repetition),
                        repetition: repetitions > 1 ? repetition + 1 : nil))
            }
        }
        return plays
    }

    /// Whether the user named a lab, by flag or environment.
    var isLabNamed: Bool {
        lab.lab != nil || !(ProcessInfo.processInfo.environment["JUKIHUB_LAB"] ?? "").isEmpty
    }
}

/// One run that is to be made (実行の予定).
struct ScenarioPlayPlan: Sendable {
    /// As the user named it.
    let file: String
    let path: String
    let scenario: Scenario
    let seed: UInt64
    /// From 1, where each file is played several times.
    let repetition: Int?

    /// `SC-03a`, or the file's own name; with the repetition.
    var name: String {
        let own = scenario.number ?? Stage.name(of: path)
        return repetition.map { "\(own).\($0)" } ?? own
    }

    /// The one line that plays it again.
    var command: String { "jukihub sim run --seed \(seed) \(file)" }
}
