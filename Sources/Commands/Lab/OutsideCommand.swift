internal import ArgumentParser
internal import Logging
internal import Platform
internal import Simulation

/// 対向システム模擬: the process that plays everybody outside city hall.
struct OutsideCommand: ExampledCommand {
    static let examples = ["jukihub outside --config DIR/conf/outside.json"]
    static let configuration = CommandConfiguration(
        commandName: "outside",
        abstract:
            "対向システム模擬 Play the parties outside city hall. A lab only: it holds everybody's keys.")

    @Option(name: .long, help: "設定ファイル Written by `jukihub dev`.") var config: String

    func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let logger = Logger(label: "jukihub.outside")
        let signals = try ShutdownSignals()
        let process = try OutsideProcess.build(OutsideConfiguration(file: config), logger: logger)
        try signals.onRequest { _ in process.stop() }
        try process.run()
    }
}
