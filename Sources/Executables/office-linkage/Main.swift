import ArgumentParser
import Foundation
import OfficeLinkage
import Participant
import ParticipantStore
import Platform

/// The process of 庁内連携システム, and the backup of its database.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office-linkage", abstract: "庁内連携システムのプロセス",
        subcommands: [Run.self, Backup.self], defaultSubcommand: Run.self)
}

/// Runs the process until it is asked to stop.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "プロセスを動かす(既定)")

    @OptionGroup var settings: Settings

    mutating func run() throws {
        try CoreDumps.disable()
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let participant = try OfficeLinkage.build(settings.load())
        try ShutdownSignals().onRequest { _ in participant.stop() }
        try participant.run()
    }
}

/// A consistent copy of the database while the process runs (バックアップ; R-093).
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "稼働中のデータベースの整合した控えを作る(送付先情報を含まない)")

    @OptionGroup var settings: Settings

    @Option(name: .long, help: "控えのファイル(まだ無いもの)")
    var to: String

    mutating func run() throws {
        try CoreDumps.disable()
        PrivateFiles.only()
        let summary = try SystemProcess(settings.load()).backup(to: to)
        FileHandle.standardOutput.write(Data("✓ \(summary.tables) 表, \(summary.rows) 行\n".utf8))
    }
}

/// Which configuration.
struct Settings: ParsableArguments {
    @Option(name: .long, help: "業務システム設定ファイル(JSON)")
    var config: String

    /// A configuration that cannot be used ends the process like the hub: a code, what to do, exit 2.
    func load() throws -> ProcessConfiguration {
        do throws(ConfigurationError) {
            return try ProcessConfiguration.load(config)
        } catch {
            FileHandle.standardError.write(
                Data("誤り error: \(error) [process-configuration]\n".utf8))
            throw ArgumentParser.ExitCode(Platform.ExitCode.infrastructure.rawValue)
        }
    }
}
