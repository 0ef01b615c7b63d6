internal import ArgumentParser
internal import Operations
internal import Platform

/// 対象者別処理順: whose changes wait, behind what.
struct LaneCommand: ExampledCommand {
    static let examples = [
        "jukihub lane ls --state parked", "jukihub lane show municipalCS 3f0a91c2d4e5b607",
    ]
    static let configuration = CommandConfiguration(
        commandName: "lane",
        abstract: "対象者別処理順 Lanes that are not simply ready: whose changes wait, behind what.",
        subcommands: [LaneListCommand.self, LaneShowCommand.self])
}

extension LaneSummary.State: ExpressibleByArgument {
    var words: String {
        switch self {
        case .ready: "◌ 処理可 ready"
        case .inFlight: "● 配信中 in flight"
        case .backoff: "↻ 再試行待ち backoff"
        case .parked: "‖ 保留 parked"
        }
    }

    var tone: Style.Tone { self == .parked ? .bad : .waiting }
}

struct LaneListCommand: ExampledCommand {
    static let examples = [
        "jukihub lane ls", "jukihub lane ls --recipient municipalCS --state parked",
    ]
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "一覧 Lanes that are not ready, every zone.")

    @Option(name: .long, help: "宛先 Only this receiver.") var recipient: String?
    @Option(name: .long, help: "状態 ready, inFlight, backoff or parked.") var state:
        LaneSummary.State?
    @Option(name: .long, help: "件数 At most so many per zone.") var limit = 100
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let zone: String
        let lane: LaneSummary
    }

    func run() throws {
        let printer = Printer(output)
        let query = LaneQuery(recipient: recipient, state: state, limit: limit)
        let all = try HubDesk(lab).answers(.laneList, query, as: LaneList.self)
        let rows = all.answers.flatMap { zone, list in list.lanes.map { Row(zone: zone, lane: $0) }
        }
        try printer.answer(rows, rows: rows) {
            rows.isEmpty
                ? ["待っている対象者はありません no lane waits"] : table(rows).lines(printer.style)
        }
        if let row = rows.first {
            printer.next("jukihub lane show \(row.lane.recipient) \(row.lane.lane)")
        }
        if !all.complete { throw Finding(exit: .infrastructure) }
    }

    private func table(_ rows: [Row]) -> TextTable {
        var table = TextTable([
            .init(heading: "区域 zone"), .init(heading: "宛先 receiver"), .init(heading: "処理順 lane"),
            .init(heading: "対象者 subject"), .init(heading: "状態 state"), .init(heading: "理由 code"),
            .init(heading: "失敗 failures", right: true), .init(heading: "待ち waiting", right: true),
            .init(heading: "以来 since"),
        ])
        for row in rows {
            let lane = row.lane
            table.add([
                .init(row.zone), .init(lane.recipient), .init(lane.lane), .init(lane.subject),
                .init(lane.state.words, lane.state.tone), .init(lane.code ?? "-"),
                .init("\(lane.failures)"), .init("\(lane.waiting)"),
                .init(lane.since.map(Figures.timeOfDay) ?? "-"),
            ])
        }
        return table
    }
}

struct LaneShowCommand: ExampledCommand {
    static let examples = ["jukihub lane show municipalCS 3f0a91c2d4e5b607"]
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "詳細 One lane and the messages that wait in it.")

    @Argument(help: "宛先 The receiver.") var recipient: String
    @Argument(help: "処理順 The lane's sixteen hexadecimal digits.") var lane: String
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let printer = Printer(output)
        let reference = LaneReference(recipient: recipient, lane: lane)
        let found: LaneDetail = try HubDesk(lab).first(.laneShow, reference)
        try printer.answer(found) {
            let summary = found.summary
            let code = summary.code.map { "  [\($0)]" } ?? ""
            return [
                "\(summary.recipient)  \(summary.lane)  \(summary.subject)  "
                    + printer.style.dress(summary.state.words, summary.state.tone) + code
            ] + MessageTable.table(found.messages).lines(printer.style)
        }
        if found.summary.state == .parked, let head = found.summary.headPosition {
            printer.next("jukihub dead-letter show \(found.summary.recipient) \(head)")
        }
    }
}
