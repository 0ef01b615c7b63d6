import ArgumentParser
import MunicipalCS
import Participant
import Platform

/// The process of 市町村CS.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "municipal-cs", abstract: "市町村CSのプロセス")

    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    mutating func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let participant = try MunicipalCS.build(ProcessConfiguration.load(config))
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}
