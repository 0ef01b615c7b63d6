import ArgumentParser
import OfficeLinkage
import Participant
import Platform

/// The process of 庁内連携システム.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office-linkage", abstract: "庁内連携システムのプロセス")

    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    mutating func run() throws {
        try CoreDumps.disable()
        JSONLinesLog.bootstrap()
        let participant = try OfficeLinkage.build(ProcessConfiguration.load(config))
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}
