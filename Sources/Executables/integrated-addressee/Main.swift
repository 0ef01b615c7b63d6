import ArgumentParser
import Foundation
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
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let participant = try IntegratedAddressee.build(configuration())
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }

    /// A configuration that cannot be used ends the process like the hub: a code, what to do, exit 2.
    private func configuration() throws -> ProcessConfiguration {
        do throws(ConfigurationError) {
            return try ProcessConfiguration.load(config)
        } catch {
            FileHandle.standardError.write(
                Data("誤り error: \(error) [process-configuration]\n".utf8))
            throw ArgumentParser.ExitCode(Platform.ExitCode.infrastructure.rawValue)
        }
    }
}
