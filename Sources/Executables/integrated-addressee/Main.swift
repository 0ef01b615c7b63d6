import ArgumentParser
import IntegratedAddressee
import Participant
import Platform

/// The process of 団体内統合宛名システム.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrated-addressee", abstract: "団体内統合宛名システムのプロセス")

    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    mutating func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let participant = try IntegratedAddressee.build(ProcessConfiguration.load(config))
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}
