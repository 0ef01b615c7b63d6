internal import ArgumentParser
internal import Messaging
internal import Platform

/// 手順の網羅: every step of 別添1 with the messages and scenarios that realised it.
struct FlowCoverageCommand: ExampledCommand {
    static let examples = [
        "jukihub flow coverage --runs /tmp/runs", "jukihub flow coverage /tmp/runs -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "網羅 Which steps the runs kept by `sim run --keep` realised, from their journals.",
        discussion: """
            合格した実行の、決着した電文と証跡だけを数えます。 Only settled messages and admitted evidence of runs that passed.
            0 全手順あり every step · 1 実現されていない手順あり one is missing · 3 実行なし no run.
            """)

    @Argument(help: "証跡のディレクトリ Directories of `sim run --keep`.") var directories: [String] = []
    @Option(name: .customLong("runs"), help: "同上 The same.") var runs: [String] = []
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let catalogue = try schemas.catalogue()
        let kept = try KeptRun.read(directories + runs)
        guard !kept.isEmpty else {
            printer.note("実行の記録がありません (no run)")
            throw Finding(exit: .unknown)
        }
        var coverage = FlowCoverage()
        for (run, directory) in kept { try coverage.read(run, in: directory) }
        let rows = coverage.rows(catalogue)
        let missing = rows.filter { !$0.covered }
        try printer.answer(rows, rows: rows) {
            text(rows, catalogue, printer.style)
                + summary(rows, missing, kept.map(\.run), printer.style)
        }
        if !missing.isEmpty { throw Finding(exit: .failure) }
    }

    private func text(
        _ rows: [FlowCoverage.Row], _ catalogue: Catalogue, _ style: Style
    ) -> [String] {
        var lines: [String] = []
        for group in catalogue.groups {
            let steps = Set(catalogue.steps.filter { $0.group == group.id }.map(\.id.rawValue))
            lines.append(style.dress("\(group.id)  \(group.ja ?? group.note ?? "")", .strong))
            for row in rows where steps.contains(row.step) {
                let mark = row.covered ? style.dress("✓", .good) : style.dress("✕", .bad)
                lines.append(
                    "\(mark) \(DisplayWidth.padded(row.number, to: 6)) \(FlowText.words(row.text, indent: 9))"
                )
                lines += row.messages.map { "           \($0.from) → \($0.to)  \($0.type)" }
                if row.covered {
                    lines.append(
                        style.dress(
                            "           シナリオ \(row.scenarios.joined(separator: " "))", .faint))
                }
            }
        }
        return lines
    }

    private func summary(
        _ rows: [FlowCoverage.Row], _ missing: [FlowCoverage.Row], _ runs: [KeptRun],
        _ style: Style
    ) -> [String] {
        let failed = runs.filter { !$0.passed }.map(\.scenario)
        var lines = [
            "",
            "手順 steps \(rows.count - missing.count)/\(rows.count)  実行 runs \(runs.count)"
                + (failed.isEmpty
                    ? "" : "  不成立のため除外 not counted: \(failed.joined(separator: " "))"),
        ]
        if !missing.isEmpty {
            lines.append(
                style.dress(
                    "実現されていない手順 missing: \(missing.map(\.number).joined(separator: " "))", .bad))
        }
        return lines
    }
}
