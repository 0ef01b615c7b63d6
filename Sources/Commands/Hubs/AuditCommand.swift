internal import ArgumentParser
internal import Operations
internal import Platform

/// 監査: what stands out in the evidence.
struct AuditCommand: ExampledCommand {
    static let examples = ["jukihub audit report --day 2025-10-06"]
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "監査 What the evidence shows (R-076).",
        subcommands: [AuditReportCommand.self])
}

/// 操作ログの分析: commands out of hours, failed attempts to get in, searches in bulk.
struct AuditReportCommand: ExampledCommand {
    static let examples = [
        "jukihub audit report --day 2025-10-06",
        "jukihub audit report --day 2025-10-06 --from 08:30 --to 17:15 --searches 30 -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "操作ログの分析 One day: off-hours access, failed authentication, bulk searches.",
        discussion:
            "0 所見なし nothing stands out · 1 所見あり findings · 2 応答しないハブあり a hub does not answer.")

    @Option(name: .long, help: "日付 The day in Japan, YYYY-MM-DD.") var day: String
    @Option(name: .long, help: "執務時間の始まり Office hours from.") var from = "08:30"
    @Option(name: .long, help: "執務時間の終わり Office hours to.") var to = "17:15"
    @Option(name: .long, help: "1時間の検索件数 Searches of one operator an hour that are bulk.")
    var searches = 30
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let zone: String
        let finding: AuditReport.Finding
    }

    func run() throws {
        let printer = Printer(output)
        let all = try HubDesk(lab).answers(
            .auditReport, AuditQuery(day: day, from: from, to: to, searchesAnHour: searches),
            as: AuditReport.self)
        let rows = all.answers.flatMap { zone, report in
            report.findings.map { Row(zone: zone, finding: $0) }
        }
        try printer.answer(rows, rows: rows) {
            rows.isEmpty ? ["所見はありませんnothing stands out"] : table(rows).lines(printer.style)
        }
        if !all.complete { throw Finding(exit: .infrastructure) }
        if !rows.isEmpty { throw Finding(exit: .failure) }
    }

    private func table(_ rows: [Row]) -> TextTable {
        var table = TextTable([
            .init(heading: "区域 zone"), .init(heading: "所見 finding"), .init(heading: "誰 who"),
            .init(heading: "端末 terminal"), .init(heading: "内容 what"),
            .init(heading: "件数", right: true), .init(heading: "最初 first"),
        ])
        for row in rows {
            let finding = row.finding
            let word =
                switch finding.kind {
                case .offHours: "時間外 off hours"
                case .loginFailure: "認証・権限の失敗 entry refused"
                case .bulkSearch: "大量検索 bulk search"
                }
            table.add([
                .init(row.zone), .init(word, .waiting), .init(finding.who),
                .init(finding.terminal ?? "-"), .init(finding.what), .init("\(finding.count)"),
                .init(Figures.moment(finding.first)),
            ])
        }
        return table
    }
}
