internal import ArgumentParser
internal import Operations
internal import Platform

/// 日次件数突合: one day's messages of every way, as the sender's and as the receiver's end have them.
struct CountsCommand: ExampledCommand {
    static let examples = [
        "jukihub counts --day 2025-10-06",
        "jukihub counts --day 2025-10-06 -o json | jq '.[] | select(.admitted != .settled)'",
    ]
    static let configuration = CommandConfiguration(
        commandName: "counts",
        abstract:
            "日次件数突合 One day's messages of every way: taken from the sender, done by the receiver.",
        discussion: """
            0 一致 both ends agree · 1 不一致 they differ: messages wait, or ended otherwise · \
            2 応答しないハブあり a hub does not answer.
            """)

    @Option(name: .long, help: "日付 The day in Japan, YYYY-MM-DD.") var day: String
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let zone: String
        let link: String?
        let step: String?
        let topic: String
        let source: String
        let recipient: String
        let admitted: UInt64
        let settled: UInt64
        let ended: UInt64
        let agrees: Bool

        init(_ zone: String, _ row: DailyCounts.Row) {
            self.zone = zone
            link = row.link
            step = row.step
            topic = row.topic
            source = row.source
            recipient = row.recipient
            admitted = row.admitted
            settled = row.settled
            ended = row.ended
            agrees = row.agrees
        }
    }

    func run() throws {
        let printer = Printer(output)
        let all = try HubDesk(lab).answers(
            .dailyCounts, CountQuery(day: day), as: DailyCounts.self)
        let rows = all.answers.flatMap { zone, counts in counts.rows.map { Row(zone, $0) } }
        try printer.answer(rows, rows: rows) {
            rows.isEmpty ? ["この日の電文はありませんno messages that day"] : table(rows).lines(printer.style)
        }
        if !all.complete { throw Finding(exit: .infrastructure) }
        if rows.contains(where: { !$0.agrees }) {
            printer.next("jukihub msg ls", "jukihub dead-letter ls")
            throw Finding(exit: .failure)
        }
    }

    private func table(_ rows: [Row]) -> TextTable {
        var table = TextTable([
            .init(heading: "区域 zone"), .init(heading: "経路 link"), .init(heading: "番号 step"),
            .init(heading: "種別/版 type"), .init(heading: "送信元 → 宛先"),
            .init(heading: "受付 admitted", right: true),
            .init(heading: "処理済 settled", right: true),
            .init(heading: "その他 ended", right: true), .init(heading: "突合"),
        ])
        for row in rows {
            table.add([
                .init(row.zone), .init(row.link ?? "-"), .init(row.step ?? "-"), .init(row.topic),
                .init("\(row.source) → \(row.recipient)"), .init(Figures.grouped(row.admitted)),
                .init(Figures.grouped(row.settled)), .init(Figures.grouped(row.ended)),
                row.agrees ? .init("一致", .good) : .init("不一致", .bad),
            ])
        }
        return table
    }
}
