internal import ArgumentParser
internal import Messaging
internal import Platform

/// 電文定義: the layouts of message types.
struct SchemaCommand: ExampledCommand {
    static let examples = [
        "jukihub schema show identity.update.notice/v3 --example > e.json",
        "jukihub schema validate identity.update.notice/v3 e.json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "電文定義 Message layouts: list, show, validate a file against one.",
        subcommands: [SchemaListCommand.self, SchemaShowCommand.self, SchemaValidateCommand.self])
}

struct SchemaListCommand: ExampledCommand {
    static let examples = ["jukihub schema ls", "jukihub schema ls --all -o jsonl"]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Message types and their versions.")

    @Flag(name: .long, help: "版のない種別も Also types that have no layout yet.") var all = false
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let type: String
        let text: String
        let kind: String
        let majors: [Int]
        let order: String
        let retention: String
        let humanTriggered: Bool
    }

    func run() throws {
        let printer = Printer(output)
        let rows = try schemas.catalogue().types.filter { all || !$0.majors.isEmpty }.map { type in
            Row(
                type: type.name.rawValue, text: type.ja, kind: type.kind.rawValue,
                majors: type.majors, order: type.order.rawValue, retention: type.retention,
                humanTriggered: type.humanTriggered)
        }
        try printer.answer(rows, rows: rows) {
            var table = TextTable([
                .init(heading: "電文種別 type"), .init(heading: "名称"), .init(heading: "版"),
                .init(heading: "種類 kind"), .init(heading: "順序 order"),
                .init(heading: "保持 retention"),
            ])
            for row in rows {
                table.add([
                    .init(row.type), .init(row.text),
                    .init(row.majors.map { "v\($0)" }.joined(separator: " ")), .init(row.kind),
                    .init(row.order), .init(row.retention),
                ])
            }
            return table.lines(printer.style)
        }
        if let row = rows.last(where: { !$0.majors.isEmpty }), let major = row.majors.last {
            printer.next("jukihub schema show \(row.type)/v\(major) --example")
        }
    }
}

struct SchemaShowCommand: ExampledCommand {
    static let examples = [
        "jukihub schema show identity.update.notice/v3",
        "jukihub schema show resident.sync --example > e.json   # 最新の版 the newest version",
    ]
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "詳細 The JSON Schema of a topic, or a synthetic example of it.",
        discussion: "出力は -o によらず JSON です。 The output is JSON whatever -o says.")

    @Argument(help: "電文種別と版 TYPE or TYPE/vN.") var topic: String
    @Flag(name: .long, help: "例 An example that fits, instead of the schema.") var example = false
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let layout = try Layout(named: topic, schemas)
        guard example else {
            Printer.data(layout.text)
            return
        }
        guard let text = try layout.example() else {
            throw CommandFailure(
                "no-example", "この電文定義には例がありません (\(layout.topic.rawValue) has no example)",
                hint: "jukihub schema show \(layout.topic.rawValue)", exit: .unknown)
        }
        Printer.data(text)
        Printer(output).next("jukihub schema validate \(layout.topic.rawValue) e.json")
    }
}

struct SchemaValidateCommand: ExampledCommand {
    static let examples = [
        "jukihub schema validate identity.update.notice/v3 e.json",
        "jukihub schema validate resident.sync - < e.json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract:
            "検査 Check a payload: says keyword, instance pointer and schema pointer, never the value.",
        discussion: "0 適合 valid · 1 不適合 invalid · 2 読めない unreadable.")

    @Argument(help: "電文種別と版 TYPE or TYPE/vN.") var topic: String
    @Argument(help: "ファイル A file, or - for standard input.") var file: String
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let layout = try Layout(named: topic, schemas)
        let finding = layout.check(try PayloadFile.read(file))
        try printer.answer(finding) {
            finding.valid
                ? [printer.style.dress("✓ 適合 valid", .good) + "  \(finding.topic)"]
                : [
                    printer.style.dress("✕ 不適合 invalid", .bad) + "  \(finding.topic)",
                    "  規則 keyword    \(finding.keyword ?? "-")",
                    "  場所 instance   \(finding.instancePointer ?? "-")",
                    "  定義 schema     \(finding.schemaPointer ?? "-")",
                ] + (finding.missingMember.map { ["  不足 missing    \($0)"] } ?? [])
                    + (finding.text.map { ["  \($0)"] } ?? [])
        }
        if !finding.valid { throw Finding(exit: .failure) }
    }
}
