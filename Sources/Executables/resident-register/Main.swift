import ArgumentParser
import Foundation
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
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let participant = try ResidentRegister.build(configuration())
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
