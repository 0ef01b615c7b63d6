internal import ArgumentParser
internal import Operations
internal import Platform

/// 電文: find one, know its fate.
struct MessageCommand: ExampledCommand {
    static let examples = ["jukihub msg ls --step B3-01", "jukihub msg show juki-net:12"]
    static let configuration = CommandConfiguration(
        commandName: "msg",
        abstract: "電文 Messages: find one, know its fate. Payloads are always masked.",
        subcommands: [MessageListCommand.self, MessageShowCommand.self])
}

struct MessageListCommand: ExampledCommand {
    static let examples = [
        "jukihub msg ls",
        "jukihub msg ls --zone juki-net --type identity.update.notice --limit 20 -o jsonl",
        "jukihub msg ls --case CASE",
    ]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Messages, newest first, every zone.")

    @Option(name: .long, help: "区域 Only this zone.") var zone: String?
    @Option(name: .long, help: "送信元 Only from this participant.") var source: String?
    @Option(name: .long, help: "宛先 Only to this participant.") var recipient: String?
    @Option(name: .long, help: "電文種別 Only this message type.") var type: String?
    @Option(name: .long, help: "別添1の番号 Only this step, e.g. A1-03.") var step: String?
    @Option(name: .customLong("case"), help: "案件 Only this correlation id.") var correlation:
        String?
    @Option(name: .long, help: "これより前 Only before this position (with --zone).") var before: UInt64?
    @Option(name: .long, help: "件数 At most so many per zone.") var limit = 50

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if before != nil, zone == nil { throw ValidationError("--before needs --zone") }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000") }
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try HubDesk(lab)
        let query = MessageQuery(
            before: before, limit: limit, source: source, recipient: recipient, type: type,
            step: step, correlation: correlation)
        let pages: [MessagePage]
        var complete = true
        if let zone {
            pages = [try desk.line(zone).ask(.messageList, query)]
        } else {
            let all = try desk.answers(.messageList, query, as: MessagePage.self)
            pages = all.answers.map(\.answer)
            complete = all.complete
        }
        let messages = pages.flatMap(\.messages).sorted { $0.time > $1.time }
        try printer.answer(messages, rows: messages) {
            messages.isEmpty
                ? ["該当する電文はありません no message matches"]
                : MessageTable.table(messages).lines(printer.style)
        }
        if let first = messages.first {
            printer.next(
                "jukihub msg show \(first.zone):\(first.position)",
                "jukihub trace \(first.correlation)")
        }
        if let zone, let next = pages.first?.next {
            printer.note("続き more: jukihub msg ls --zone \(zone) --before \(next)")
        }
        if !complete { throw Finding(exit: .infrastructure) }
        if messages.isEmpty { throw Finding(exit: .failure) }
    }
}

struct MessageShowCommand: ExampledCommand {
    static let examples = [
        "jukihub msg show juki-net:12",
        "jukihub msg show 'municipalCS~0000000000000001~7' -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "詳細 One message: envelope, deliveries, payload with every field masked.")

    @Argument(help: "電文番号または 区域:位置 A message id, or ZONE:POSITION.") var message: String
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let detail = try MessageLocator(HubDesk(lab)).find(message)
        try printer.answer(detail) { MessageText.lines(detail, printer.style) }
        printer.next("jukihub trace \(detail.summary.correlation)")
    }
}
