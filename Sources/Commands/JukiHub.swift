internal import ArgumentParser

/// The root of the command line (住基連携ハブ).
struct JukiHub: ExampledCommand {
    static let examples = [
        "jukihub dev                       # 検証環境を起動 start the lab and keep it running",
        "jukihub sim run Tests/Scenarios/SC-01.yaml",
        "jukihub status",
    ]
    static let configuration = CommandConfiguration(
        commandName: "jukihub",
        abstract: "住基連携ハブ The message hub for a municipality's resident register work.",
        discussion: """
            終了コード exit codes: 0 はい yes · 1 いいえ no, an assertion failed · 2 基盤障害 infrastructure · \
            3 不明 unknown or nothing ran · 64 使い方 usage · 130 中断 interrupted.
            補完 completion: jukihub --generate-completion-script bash|zsh|fish
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "検証環境 lab",
                subcommands: [
                    DevCommand.self, SimCommand.self, PeerCommand.self, PeopleCommand.self,
                    OutsideCommand.self,
                ]),
            CommandGroup(
                name: "運用 operate",
                subcommands: [
                    StatusCommand.self, WatchCommand.self, TraceCommand.self, MessageCommand.self,
                    LaneCommand.self, DeadLetterCommand.self, CountsCommand.self,
                    AuditCommand.self,
                ]),
            CommandGroup(
                name: "連携定義 catalogue",
                subcommands: [FlowCommand.self, SchemaCommand.self, RuleCommand.self]),
            CommandGroup(
                name: "構築 set up",
                subcommands: [
                    HubCommand.self, AdapterCommand.self, KeysCommand.self, CheckCommand.self,
                    BenchCommand.self,
                ]),
        ])
}
