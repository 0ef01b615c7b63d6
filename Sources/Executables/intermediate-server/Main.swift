import ArgumentParser
import IntermediateServer
import Participant
import Platform

/// The process of 中間サーバー.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intermediate-server", abstract: "中間サーバーのプロセス")

    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    mutating func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let participant = try IntermediateServer.build(ProcessConfiguration.load(config))
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}
