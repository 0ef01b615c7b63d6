import ArgumentParser
import Participant
import Platform
import ResidentRegister

/// The process of 既存住基システム.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resident-register", abstract: "既存住基システムのプロセス")

    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    mutating func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let participant = try ResidentRegister.build(ProcessConfiguration.load(config))
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}
