internal import FoundationEssentials
internal import Platform
internal import Simulation

/// Where one scenario is played (舞台): a lab somebody keeps running, or one made for it.
final class Stage {
    let directory: String
    private let settings: LabSettings
    private let kept: KeptLab?
    private let isTemporary: Bool

    /// `alone` says that no other scenario of the same command needs the directory.
    init(_ command: SimRunCommand, scenario: String, alone: Bool) throws {
        let named = command.lab.path
        if LabLock.isHeld(named) {
            directory = named
            settings = try command.making.settings(named, beside: scenario)
            kept = nil
            isTemporary = false
            return
        }
        // Before any directory is made: a scenario that cannot be read leaves nothing behind.
        let start = try Self.read(scenario, command.making.settings(named, beside: scenario)).start
        isTemporary = !command.isLabNamed
        if isTemporary {
            directory = try Self.temporaryDirectory()
        } else {
            directory = alone ? named : named + "/" + Self.name(of: scenario)
        }
        var settings = try command.making.settings(directory, beside: scenario)
        if FileManager.default.fileExists(atPath: LabDirectory(directory).description) {
            throw CommandFailure(
                "lab-exists",
                "使用済みの検証環境です (a lab lies in \(directory) already; scenarios need a new one)",
                hint: "別の --lab DIR、または rm -r \(directory)")
        }
        settings.start = start
        self.settings = settings
        kept = try KeptLab(settings)
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
    func play(_ path: String, _ narrator: ScenarioNarrator) throws -> ScenarioReport {
        let scenario = try Self.read(path, settings)
        do {
            let lab = try kept?.lab ?? Lab.open(directory)
            if kept == nil, scenario.restartsProcesses {
                throw CommandFailure(
                    "restart-needs-own-lab", "プロセスを再起動するシナリオです (the scenario restarts processes)",
                    hint: "jukihub dev を終了してから実行 (stop `jukihub dev` first)")
            }
            let session = try kept?.ready() ?? LabSession(lab)
            defer { session.close() }
            let people = try PeopleFile.read(settings.people)
            return try ScenarioRunner(
                scenario, file: path, lab: lab, session: session, people: people
            ).run { narrator.tell($0) }
        } catch let fault as LabFault {
            throw KeptLab.explain(fault, kept?.lab)
        }
    }

    /// Stays until a signal ends this process.
    func keep() {
        guard let lab = kept?.lab else { return }
        DevCommand.keep(lab)
    }

    private static func read(_ path: String, _ settings: LabSettings) throws -> Scenario {
        do {
            return try ScenarioFile.read(
                path, schemas: settings.schemas, people: PeopleFile.read(settings.people))
        } catch let fault as ScenarioFault {
            throw CommandFailure(
                "scenario-invalid", "シナリオに誤り (\(fault))", hint: "Schemas/scenario.schema.json",
                exit: .failure)
        }
    }

    private static func name(of path: String) -> String {
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
    /// Only whoever started the processes can restart them.
    fileprivate var restartsProcesses: Bool {
        steps.contains { step in
            if case .restart = step.action { true } else { false }
        }
    }
}
