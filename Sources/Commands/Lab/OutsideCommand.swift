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
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let logger = Logger(label: "jukihub.outside")
        let signals = try ShutdownSignals()
        let process = try OutsideProcess.build(configuration(), logger: logger)
        try signals.onRequest { _ in process.stop() }
        try process.run()
    }

    private func configuration() throws -> OutsideConfiguration {
        do {
            return try OutsideConfiguration(file: config)
        } catch let error as FileFailure {
            throw Self.failure("\(error)")
        } catch {
            throw Self.failure("\(config): 検証環境の設定ではありません (no configuration of a lab's)")
        }
    }

    private static func failure(_ text: String) -> CommandFailure {
        CommandFailure(
            "outside-configuration", "対向システム模擬の設定を使えません (\(text))",
            hint: "jukihub dev が DIR/conf/outside.json を書く (written by `jukihub dev`)")
    }
}
