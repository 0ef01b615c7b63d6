internal import ArgumentParser
internal import Messaging
internal import Platform
internal import Simulation
internal import ZeroMQ

/// 検証環境: a whole municipality on one machine, kept running.
struct DevCommand: ExampledCommand {
    static let examples = [
        "jukihub dev", "jukihub dev --lab /tmp/lab --admit businessSystem/15=kokuho.pub",
    ]
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract:
            "検証環境を起動 Make or start the lab and keep it running: three hubs, five systems, the outside.",
        discussion: """
            架空の人物だけを使います。 Synthetic people only. Ctrl-C で全プロセスを終了 ends every process; 状態は残り、\
            次の jukihub dev で再開 the state stays and the next `jukihub dev` goes on with it. 終了したプロセスは再起動 \
            a process that ends is started again (after 0.2 s, then later and later).
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "新しい検証環境の時計の始まり Where a new lab's clock starts; scenarios move it forward only.",
            valueName: "rfc3339"))
    var start = "2025-09-01T09:00:00.000+09:00"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "関係システムを加える Register a participant of yours: its id and its public key's file.",
            valueName: "id=file.pub"))
    var admit: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "他市町村を加える Another municipality a new lab plays, by its five-digit code.",
            valueName: "code"))
    var peer: [String] = []

    @OptionGroup var making: LabMaking
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (try? Instant(rfc3339: start)) != nil else {
            throw ValidationError("--start 2025-09-01T09:00:00+09:00")
        }
        for code in peer where code.utf8.count != 5 || (try? MunicipalityCode(code)) == nil {
            throw ValidationError("--peer 14100")
        }
    }

    struct Ready: Encodable {
        struct Zone: Encodable {
            let zone: String
            let endpoint: String
            let tapEndpoint: String
            let hubPublicKey: String
        }
        let lab: String
        let zones: [Zone]
        let control: String
        let processes: [String]
    }

    func run() throws {
        let printer = Printer(output)
        let interruption = try Interruption()
        printer.note("検証環境を起動中 starting: \(lab.path)")
        var settings = try making.settings(lab.path)
        settings.start = try? Instant(rfc3339: start)
        settings.peers += peer.filter { !settings.peers.contains($0) }
        let admissions = try admit.map { try LabAdmission($0) }
        let kept = try KeptLab(settings) { lab in
            for admission in admissions { try admission.register(in: lab, schemas: making.schemas) }
        }
        defer { kept.stop() }
        let lab = kept.lab
        interruption.onSignal { lab.stop() }
        // The session ends once everybody answers, so that `sim run` can have the observer's place.
        try kept.ready().close()
        try announce(lab, printer)
        Self.keep(lab)
    }

    /// Stays until a signal ends this process; starts again what ends, and says so.
    static func keep(_ lab: Lab) -> Never {
        var keeper = LabKeeper(lab)
        while true {
            for event in keeper.look(at: .now) { Printer.message(text(event, lab)) }
            Pause.milliseconds(50)
        }
    }

    private static func text(_ event: LabKeeper.Event, _ lab: Lab) -> String {
        switch event {
        case .ended(let process, let status, let wait):
            let how =
                status > 128 ? "シグナル signal \(status - 128)" : "終了コード exit status \(status)"
            return "終了 ended: \(process) (\(how)); 再起動 restart in "
                + "\(Figures.tenths(wait / .seconds(1)))s; 記録 log \(lab.directory.log(of: process))"
        case .restarted(let process):
            return "再起動 restarted: \(process) (\(lab.starts(of: process)) 回目の起動 starts)"
        case .notRestarted(let process, let reason, let wait):
            return "再起動できません cannot restart: \(process) (\(reason)); 再試行 again in "
                + "\(Figures.tenths(wait / .seconds(1)))s"
        }
    }

    private func announce(_ lab: Lab, _ printer: Printer) throws {
        let description = lab.description
        let ready = Ready(
            lab: lab.directory.root,
            zones: description.zones.map {
                .init(
                    zone: $0.zone.rawValue, endpoint: $0.endpoint, tapEndpoint: $0.tapEndpoint,
                    hubPublicKey: $0.hubPublicKey.text)
            }, control: description.control, processes: lab.processes)
        try printer.answer(ready) {
            [
                "検証環境 lab \(ready.lab)  (\(ready.processes.count) プロセス processes)",
                "  模擬時計 clock \(lab.clock.now().rfc3339)",
            ]
                + ready.zones.map {
                    "  \(DisplayWidth.padded($0.zone, to: 12)) \($0.endpoint)  公開鍵 \($0.hubPublicKey)"
                }
        }
        let flag = self.lab.path == LabOptions.defaultPath ? "" : " --lab \(ready.lab)"
        printer.next(
            "jukihub watch\(flag)                                # 別の端末で in another terminal",
            "jukihub sim run\(flag) Tests/Scenarios/SC-01.yaml", "jukihub status\(flag)")
        printer.note("Ctrl-C で終了")
    }
}
