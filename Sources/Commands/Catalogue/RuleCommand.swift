internal import ArgumentParser
internal import FoundationEssentials
internal import Platform

/// 規則: what the assessment demands, and what proves it.
struct RuleCommand: ExampledCommand {
    static let examples = [
        "jukihub rule ls", "jukihub rule coverage --tests test.log --runs /tmp/runs",
    ]
    static let configuration = CommandConfiguration(
        commandName: "rule", abstract: "規則 The rules of the assessment and what proves them.",
        subcommands: [RuleListCommand.self, RuleCoverageCommand.self])
}

struct RuleListCommand: ExampledCommand {
    static let examples = ["jukihub rule ls", "jukihub rule ls R-09 -o jsonl"]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Every rule; organisational ones as evidence slots.")

    @Argument(help: "番号の先頭 Only rules that begin so: R-02.") var prefix: String?
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let rules = try RuleBook.read(schemas.files()).rules.filter { rule in
            prefix.map { rule.id.hasPrefix($0) } ?? true
        }
        try printer.answer(rules, rows: rules) {
            rules.map { rule in
                let slot = rule.evidenceSlot ? "  〔証跡欄 evidence slot〕" : ""
                return
                    "\(printer.style.dress(rule.id, .strong))  \(DisplayWidth.padded(rule.enforcedBy, to: 8)) "
                    + "\(rule.ja)\(slot)\n" + printer.style.dress("       \(rule.ref)", .faint)
            }
        }
        if rules.isEmpty { throw Finding(exit: .failure) }
    }
}

struct RuleCoverageCommand: ExampledCommand {
    static let examples = [
        "jukihub rule coverage --tests test.log --runs /tmp/runs",
        "jukihub rule coverage --tests test.log -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "網羅 Which tests and scenarios prove each rule; ends with those without one.",
        discussion: """
            試験は名前の先頭の規則番号で、シナリオは rules: で結び付きます。 Tests carry rule ids at the head of their names; only \
            what passed counts.
            0 全規則に試験あり every rule · 1 試験のない規則あり one has none · 3 記録なし nothing ran.
            """)

    @Option(name: .long, help: "swift test の記録 Its log.") var tests: [String] = []
    @Option(name: .customLong("runs"), help: "sim run --keep の証跡 Directories of kept runs.")
    var runs: [String] = []
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let rule: String
        let text: String
        let kind: RuleBook.Kind
        let evidenceSlot: Bool
        let covered: Bool
        let tests: [String]
        let scenarios: [String]
    }

    func run() throws {
        let printer = Printer(output)
        let book = try RuleBook.read(schemas.files())
        let kept = try KeptRun.read(runs).map(\.run)
        var named: [String: Set<String>] = [:]
        for file in tests {
            let log = TestLog(String(decoding: try PayloadFile.read(file), as: UTF8.self))
            named.merge(log.tests) { $0.union($1) }
        }
        let rows = Self.rows(book, named, kept)
        guard !named.isEmpty || !kept.isEmpty else {
            printer.note("試験も実行もありません (neither a test nor a run)")
            throw Finding(exit: .unknown)
        }
        let missing = rows.filter { !$0.covered }
        try printer.answer(rows, rows: rows) {
            rows.map { Self.text($0, printer.style) }
                + Self.summary(rows, missing, printer.style)
        }
        if !missing.isEmpty { throw Finding(exit: .failure) }
    }

    static func rows(
        _ book: RuleBook, _ tests: [String: Set<String>], _ runs: [KeptRun]
    ) -> [Row] {
        var scenarios: [String: Set<String>] = [:]
        for run in runs where run.passed {
            for rule in run.rules { scenarios[rule, default: []].insert(run.scenario) }
        }
        return book.rules.map { rule in
            let own = (tests[rule.id] ?? []).sorted()
            let played = (scenarios[rule.id] ?? []).sorted()
            return Row(
                rule: rule.id, text: rule.ja, kind: rule.kind, evidenceSlot: rule.evidenceSlot,
                covered: rule.kind == .evidence || !own.isEmpty || !played.isEmpty, tests: own,
                scenarios: played)
        }
    }

    private static func text(_ row: Row, _ style: Style) -> String {
        let mark =
            switch (row.kind, row.covered) {
            case (.evidence, _): style.dress("□", .faint)
            case (.enforced, true): style.dress("✓", .good)
            case (.enforced, false): style.dress("✕", .bad)
            }
        let slot = row.evidenceSlot ? "〔証跡欄〕" : ""
        let proof = [
            row.tests.isEmpty ? nil : "試験 \(row.tests.count)",
            row.scenarios.isEmpty ? nil : row.scenarios.joined(separator: " "),
        ].compactMap(\.self).joined(separator: "  ")
        return "\(mark) \(row.rule)  \(row.text)\(slot)"
            + (proof.isEmpty ? "" : "\n           \(proof)")
    }

    /// Ends with the list of rules without a test.
    private static func summary(_ rows: [Row], _ missing: [Row], _ style: Style) -> [String] {
        let enforced = rows.filter { $0.kind == .enforced }
        let slots = rows.count { $0.evidenceSlot }
        return [
            "",
            "規則 rules \(enforced.count - missing.count)/\(enforced.count)  証跡欄 evidence slots \(slots)",
            missing.isEmpty
                ? "試験のない規則 rules without a test: なし none"
                : style.dress(
                    "試験のない規則 rules without a test: \(missing.map(\.rule).joined(separator: " "))",
                    .bad),
        ]
    }
}
