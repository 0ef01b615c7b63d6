internal import ArgumentParser
internal import Operations
internal import Platform

/// 処理不能電文: look at it, then retry, replace, skip or release.
struct DeadLetterCommand: ExampledCommand {
    static let examples = [
        "jukihub dead-letter ls",
        "jukihub dead-letter retry municipalCS 42 --reason '受信側の障害を復旧 receiver repaired'",
    ]
    static let configuration = CommandConfiguration(
        commandName: "dead-letter",
        abstract: "処理不能電文 Dead letters: see them, then 再送, 差替え依頼, 処理対象外 or 保留解除.",
        discussion: "操作には理由が必要で、記録されます。 Every repair needs a reason, which is recorded (R-070).",
        subcommands: [
            DeadLetterListCommand.self, DeadLetterShowCommand.self, RetryCommand.self,
            ReplaceCommand.self, SkipCommand.self, ReleaseCommand.self,
        ])
}

struct DeadLetterListCommand: ExampledCommand {
    static let examples = [
        "jukihub dead-letter ls", "jukihub dead-letter ls --recipient municipalCS -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Dead letters of every zone, and how many wait behind each."
    )

    @Option(name: .long, help: "宛先 Only this receiver.") var recipient: String?
    @Option(name: .long, help: "件数 At most so many per zone.") var limit = 100
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let zone: String
        let deadLetter: DeadLetterSummary
    }

    func run() throws {
        let printer = Printer(output)
        let query = DeadLetterQuery(recipient: recipient, limit: limit)
        let all = try HubDesk(lab).answers(.deadLetterList, query, as: DeadLetterList.self)
        let rows = all.answers.flatMap { zone, list in
            list.deadLetters.map { Row(zone: zone, deadLetter: $0) }
        }
        try printer.answer(rows, rows: rows) {
            rows.isEmpty
                ? ["処理不能電文はありません no dead letters"] : table(rows).lines(printer.style)
        }
        if let one = rows.first?.deadLetter {
            printer.next(
                "jukihub dead-letter show \(one.recipient) \(one.position)",
                "jukihub dead-letter retry \(one.recipient) \(one.position) --reason '…'")
        }
        if !all.complete { throw Finding(exit: .infrastructure) }
    }

    private func table(_ rows: [Row]) -> TextTable {
        var table = TextTable([
            .init(heading: "区域 zone"), .init(heading: "宛先 receiver"),
            .init(heading: "位置 position", right: true), .init(heading: "番号 step"),
            .init(heading: "種別/版 type"), .init(heading: "理由 code"),
            .init(heading: "失敗 failures", right: true), .init(heading: "後続 behind", right: true),
            .init(heading: "以来 since"),
        ])
        for row in rows {
            let one = row.deadLetter
            table.add([
                .init(row.zone), .init(one.recipient), .init("\(one.position)"),
                .init(one.step ?? "-"),
                .init(one.topic), .init(one.code, .bad), .init("\(one.failures)"),
                .init("\(one.waitingBehind)", one.waitingBehind > 0 ? .waiting : .plain),
                .init(Figures.timeOfDay(one.since)),
            ])
        }
        return table
    }
}

/// Which dead letter: its receiver and its position in the journal of the receiver's hub.
struct DeadLetterChoice: ParsableArguments {
    @Argument(help: "宛先 The receiver.") var recipient: String
    @Argument(help: "位置 Its position (dead-letter ls).") var position: UInt64

    @Option(name: .long, help: "区域 The zone, where two hubs know this receiver.") var zone: String?
}

struct DeadLetterShowCommand: ExampledCommand {
    static let examples = ["jukihub dead-letter show municipalCS 42"]
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "詳細 One dead letter, its content masked.")

    @OptionGroup var choice: DeadLetterChoice
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let detail = try DeadLetterDesk(lab, choice).detail.answer
        try printer.answer(detail) {
            let one = detail.summary
            return [
                printer.style.dress("\(one.step ?? "-")  \(one.topic)  ✕ 処理不能 [\(one.code)]", .bad),
                "  \(one.source) → \(one.recipient)  位置 position \(one.position)",
                "  電文番号 id \(one.id)", "  案件 case \(one.correlation)",
                "  箇所 places \(one.pointers?.joined(separator: " ") ?? "-")",
                "  以来 since \(one.since)  失敗 failures \(one.failures)  後続 waiting behind \(one.waitingBehind)",
                "  内容 content \(detail.content)",
            ] + (detail.maskedPayload?.split(separator: "\n").map { "    \($0)" } ?? [])
        }
        let target = "\(detail.summary.recipient) \(detail.summary.position) --reason '…'"
        printer.next(
            "jukihub dead-letter retry \(target)", "jukihub dead-letter release \(target)")
    }
}

/// Finds the hub that holds a dead letter, so that a repair goes to that one and no other.
struct DeadLetterDesk {
    let detail: (line: HubLine, answer: DeadLetterDetail)

    init(_ lab: LabOptions, _ choice: DeadLetterChoice) throws {
        let desk = try HubDesk(lab)
        let lines = try choice.zone.map { [try desk.line($0)] } ?? desk.lines
        let reference = DeadLetterReference(recipient: choice.recipient, position: choice.position)
        var found: [(HubLine, DeadLetterDetail)] = []
        var failure: CommandFailure?
        for line in lines {
            switch line.result(.deadLetterShow, reference, as: DeadLetterDetail.self) {
            case .success(let answer): found.append((line, answer))
            case .failure(let reason):
                if failure == nil || reason.exit == .infrastructure { failure = reason }
            }
        }
        if found.count > 1 {
            let zones = found.map { $0.0.zone }.joined(separator: ", ")
            throw CommandFailure(
                "zone-needed", "複数の区域に該当します (found in several zones: \(zones))",
                hint: "--zone ZONE", exit: .usage)
        }
        guard let first = found.first else {
            throw failure
                ?? CommandFailure(
                    "dead-letter-unknown", "処理不能電文が見つかりません (no such dead letter)",
                    hint: "jukihub dead-letter ls", exit: .failure)
        }
        detail = first
    }
}
