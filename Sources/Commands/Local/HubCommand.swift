internal import ArgumentParser
internal import Hub
internal import Logging
internal import Platform

/// 連携基盤: one zone's hub, until a signal.
struct HubCommand: ExampledCommand {
    static let examples = ["jukihub hub --config /etc/jukihub/hub-juki-net.json"]
    static let configuration = CommandConfiguration(
        commandName: "hub",
        abstract: "連携基盤 Run the hub of one zone until SIGTERM.",
        discussion: """
            起動前に jukihub check --config FILE で検査 check the file first. 記録は標準エラーへJSON一行ずつ \
            logs: JSON lines on standard error. 2 起動できない・台帳の障害 cannot start, or the journal failed.
            """)

    @Option(name: .long, help: "設定ファイル Its configuration (deploy/examples/hub-juki-net.json).")
    var config: String

    func run() throws {
        try CoreDumps.disable()
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let logger = Logger(label: "jukihub.hub")
        let signals = try ShutdownSignals()
        let configuration: HubConfiguration
        do throws(ConfigurationError) {
            configuration = try HubConfiguration.load(config)
        } catch {
            throw Self.failure("hub-configuration", "\(error)", config)
        }
        do {
            let hub = try HubProcess(configuration, logger: logger)
            try signals.onRequest { _ in hub.stop() }
            try hub.run()
        } catch let error as HubError {
            throw Self.failure(error.code.rawValue, "\(error)", config)
        } catch {
            throw Self.failure("hub-failed", "\(error)", config)
        }
    }

    private static func failure(_ code: String, _ text: String, _ config: String) -> CommandFailure
    {
        CommandFailure(code, "連携基盤を動かせません: \(text)", hint: "jukihub check --config \(config)")
    }
}
