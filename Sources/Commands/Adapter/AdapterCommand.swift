internal import ArgumentParser
internal import FileAdapter
internal import Logging
internal import Participant
internal import ParticipantStore
internal import Platform

/// ファイル連携: for departments that exchange files.
struct AdapterCommand: ExampledCommand {
    static let examples = ["jukihub adapter csv --config /etc/jukihub/child-policy.json"]
    static let configuration = CommandConfiguration(
        commandName: "adapter",
        abstract: "ファイル連携 Departments that exchange files instead of messages.",
        subcommands: [AdapterCSVCommand.self])
}

struct AdapterCSVCommand: ExampledCommand {
    static let examples = ["jukihub adapter csv --config /etc/jukihub/child-policy.json"]
    static let configuration = CommandConfiguration(
        commandName: "csv",
        abstract: "CSV One CSV file a transfer in the department's folder, until SIGTERM.",
        discussion: """
            設定は業務システムと同じ書式で、settings に csvDirectory と requestDirectory。 The file is written and synced before the \
            message is acknowledged, named by its position on the bus: sorted by name is sorted by time, and a redelivery writes \
            the same file again. 全件提供は requestDirectory に <番号>.request という空のファイルを置く lay down an empty file <id>.request to \
            be sent everybody; <id>.sent tells that it was asked, transfer-….completed.csv that it is over.
            """)

    @Option(name: .long, help: "設定ファイル Its configuration (deploy/examples/csv-adapter.json).")
    var config: String

    func run() throws {
        try CoreDumps.disable()
        PrivateFiles.only()
        JSONLinesLog.bootstrap()
        let signals = try ShutdownSignals()
        do {
            let participant = try FileAdapter.build(try ProcessConfiguration.load(config))
            try signals.onRequest { _ in participant.stop() }
            try participant.run()
        } catch let error as StoreError {
            throw CommandFailure(
                error.code, "ファイル連携を動かせません: \(error)", hint: "jukihub check --config \(config)")
        }
    }
}
