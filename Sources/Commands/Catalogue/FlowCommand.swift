internal import ArgumentParser
internal import Messaging
internal import Operations
internal import Platform

/// 事務の流れ: 別添1 as the hub routes it, with live totals.
struct FlowCommand: ExampledCommand {
    static let examples = ["jukihub flow ls B3", "jukihub flow show B3-01"]
    static let configuration = CommandConfiguration(
        commandName: "flow",
        abstract: "事務の流れ The numbered steps of 別添1, their routes and types, with live totals.",
        subcommands: [FlowListCommand.self, FlowShowCommand.self, FlowCoverageCommand.self])
}

struct FlowListCommand: ExampledCommand {
    static let examples = [
        "jukihub flow ls", "jukihub flow ls B3", "jukihub flow ls --offline -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Every step with its text; totals of the hubs that answer.")

    @Argument(help: "番号の先頭 Only steps that begin so: A1, B3, C.") var prefix: String?
    @Flag(name: .long, help: "ハブに尋ねない Do not ask the hubs.") var offline = false
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let catalogue = try schemas.catalogue()
        let totals = offline ? nil : FlowTraffic(lab)
        let steps = catalogue.steps.filter { step in
            prefix.map { step.id.rawValue.hasPrefix($0) || step.number.hasPrefix($0) } ?? true
        }
        let rows = steps.map { FlowStep($0, catalogue, totals) }
        try printer.answer(rows, rows: rows) { text(rows, catalogue, printer.style) }
        if rows.isEmpty { throw Finding(exit: .failure) }
        printer.next("jukihub flow show \(rows[0].step)")
    }

    private func text(_ rows: [FlowStep], _ catalogue: Catalogue, _ style: Style) -> [String] {
        var lines: [String] = []
        for group in catalogue.groups {
            let own = rows.filter { $0.group == group.id }
            guard !own.isEmpty else { continue }
            let heading = group.ja ?? group.note ?? ""
            lines.append(style.dress("\(group.id)  \(heading)", .strong))
            lines += own.map { row in
                let count = row.messages.map { "  \(Figures.grouped($0))件" } ?? ""
                return
                    "  \(DisplayWidth.padded(row.number, to: 6)) \(FlowText.words(row.text, indent: 9))\(style.dress(count, .good))"
            }
        }
        return lines
    }
}

struct FlowShowCommand: ExampledCommand {
    static let examples = ["jukihub flow show B3-01", "jukihub flow show 'A1-③' -o json"]
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "詳細 One step: the exact text, who sends what to whom, what follows, live totals.")

    @Argument(help: "番号 A1-03 or A1-③.") var step: String
    @Flag(name: .long, help: "ハブに尋ねない Do not ask the hubs.") var offline = false
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let catalogue = try schemas.catalogue()
        guard
            let found = catalogue.steps.first(where: { $0.id.rawValue == step || $0.number == step }
            )
        else {
            throw CommandFailure(
                "step-unknown", "この番号の手順はありません (no such step)", hint: "jukihub flow ls",
                exit: .failure)
        }
        let row = FlowStep(found, catalogue, offline ? nil : FlowTraffic(lab))
        try printer.answer(row) { FlowText.lines(row, printer.style) }
        if let type = row.routes.first?.type {
            printer.next("jukihub schema show \(type) --example")
        }
    }
}
