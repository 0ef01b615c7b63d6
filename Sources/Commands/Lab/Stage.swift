internal import FoundationEssentials
internal import Platform
internal import Simulation

/// Where one scenario is played (舞台): a lab made for it, or the one somebody keeps running.
final class Stage {
    let directory: String
    private let plan: ScenarioPlayPlan
    private let settings: LabSettings
    private let kept: KeptLab?
    private let isTemporary: Bool
    private let keep: String?

    /// `alone` says that no other scenario of the same command needs a lab: it may use one that runs.
    init(_ command: SimRunCommand, _ plan: ScenarioPlayPlan, alone: Bool) throws {
        self.plan = plan
        keep = command.keep.map { LabOptions.absolute($0) + "/" + plan.name }
        let named = command.lab.path
        if alone, command.keep == nil, LabLock.isHeld(named) {
            directory = named
            settings = try command.making.settings(named, beside: plan.path)
            kept = nil
            isTemporary = false
            return
        }
        if let keep { try KeptRun.prepare(keep) }
        isTemporary = !command.isLabNamed
        if isTemporary {
            directory = try Self.temporaryDirectory()
        } else {
            directory = alone ? named : named + "/" + plan.name
        }
        let settings = try command.making.settings(directory, beside: plan.path)
        if FileManager.default.fileExists(atPath: LabDirectory(directory).description) {
            throw CommandFailure(
                "lab-exists",
                "使用済みの検証環境です (a lab lies in \(directory) already; scenarios need a new one)",
                hint: "別の --lab DIR、または rm -r \(directory)")
        }
        self.settings = settings.with(plan.scenario)
        kept = try KeptLab(self.settings)
    }

    deinit { putAway() }

    /// Ends what was started for this scenario; safe from any thread.
    var putAway: @Sendable () -> Void {
        let lab = kept?.lab
        let directory = isTemporary ? directory : nil
        return {
            lab?.stop()
            if let directory { try? FileManager.default.removeItem(atPath: directory) }
        }
    }

    /// Plays the scenario, telling each hop and step.
    func play(_ narrator: ScenarioNarrator) throws -> ScenarioReport {
        do {
            let lab = try kept?.lab ?? Lab.open(directory)
            if kept == nil, plan.scenario.needsOwnLab {
                throw CommandFailure(
                    "needs-own-lab",
                    "専用の検証環境が要るシナリオです (the scenario changes processes or configurations)",
                    hint: "jukihub dev を終了してから実行 (stop `jukihub dev` first)")
            }
            let session = try kept?.ready() ?? LabSession(lab)
            defer { session.close() }
            let people = try PeopleFile.read(settings.people)
            return try ScenarioRunner(
                plan.scenario, file: plan.path, lab: lab, session: session, people: people,
                seed: plan.seed
            ).run { narrator.tell($0) }
        } catch let fault as LabFault {
            throw KeptLab.explain(fault, kept?.lab)
        } catch let fault as ScenarioFault {
            throw Self.invalid(fault)
        }
    }

    /// Stops every process cleanly and puts the evidence where the user wants it.
    func leave(_ outcome: PlayOutcome) throws {
        guard let keep, let lab = kept?.lab else { return }
        lab.stop()
        try KeptRun.write(outcome, of: lab, to: keep)
    }

    /// Stays until a signal ends this process.
    func stay() {
        guard let lab = kept?.lab else { return }
        DevCommand.keep(lab)
    }

    static func read(_ path: String, _ settings: LabSettings) throws -> Scenario {
        do {
            return try ScenarioFile.read(
                path, schemas: settings.schemas, people: PeopleFile.read(settings.people))
        } catch let fault as ScenarioFault {
            throw invalid(fault)
        }
    }

    private static func invalid(_ fault: ScenarioFault) -> CommandFailure {
        CommandFailure(
            "scenario-invalid", "シナリオに誤り (\(fault))", hint: "Schemas/scenario.schema.json",
            exit: .failure)
    }

    static func name(of path: String) -> String {
        String(path.split(separator: "/").last ?? "scenario").split(separator: ".").first.map(
            String.init)
            ?? "scenario"
    }

    private static func temporaryDirectory() throws -> String {
        let base =
            ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
            ?? "/tmp"
        let path = "\(base)/jukihub-\(String(UInt32.random(in: .min ... .max), radix: 36))"
        try LabMaking.makeDirectory(path)
        return path
    }
}

extension Scenario {
    /// Only whoever makes a lab decides its configuration, and only whoever started processes can stop them.
    fileprivate var needsOwnLab: Bool {
        guard setting.isOrdinaryLab else { return true }
        return steps.contains { $0.stopsProcesses }
    }
}
