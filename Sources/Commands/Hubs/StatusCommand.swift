internal import ArgumentParser
internal import Operations
internal import Platform

/// 状況: every hub, and every participant with what waits for it.
struct StatusCommand: ExampledCommand {
    static let examples = [
        "jukihub status",
        "jukihub status --all -o json | jq '.[].status.participants[] | select(.parkedLanes > 0)'",
    ]
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "状況 What every hub is doing: participants, what waits, since when.",
        discussion: """
            0 すべて正常 all is well · 1 保留または処理不能あり a lane is parked or a message is dead · \
            2 応答しないハブあり a hub does not answer.
            """)

    @Flag(name: .long, help: "接続していない関係システムも Also participants that never connected.")
    var all = false

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let zone: String
        let status: HubStatus?
        let error: String?
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try HubDesk(lab)
        let rows = desk.askAll(.status, NoArguments(), as: HubStatus.self).map { reply in
            switch reply.result {
            case .success(let status): Row(zone: reply.zone, status: status, error: nil)
            case .failure(let failure):
                Row(zone: reply.zone, status: nil, error: "\(failure.code): \(failure.message)")
            }
        }
        try printer.answer(rows, rows: rows) { text(rows, printer.style) }
        if rows.contains(where: { $0.status == nil }) { throw Finding(exit: .infrastructure) }
        let stuck = rows.contains {
            $0.status?.participants.contains { $0.parkedLanes > 0 || $0.deadLetters > 0 } ?? false
        }
        if stuck {
            printer.next("jukihub dead-letter ls", "jukihub lane ls --state parked")
            throw Finding(exit: .failure)
        }
        printer.next("jukihub watch", "jukihub msg ls")
    }

    private func text(_ rows: [Row], _ style: Style) -> [String] {
        rows.flatMap { row -> [String] in
            guard let status = row.status else {
                return [style.dress("\(row.zone)  停止 not reachable  \(row.error ?? "")", .bad), ""]
            }
            let state =
                status.acceptsMessages
                ? style.dress("受付中 accepting", .good)
                : style.dress("受付停止 refusing: \(status.refusing ?? "?")", .bad)
            let counts = status.counts
            return [
                "\(style.dress(row.zone, .strong))  \(state)  受付 admitted \(Figures.grouped(counts.admitted))"
                    + "  拒否 refused \(Figures.grouped(counts.refused))"
                    + "  処理済 settled \(Figures.grouped(counts.settled))"
                    + "  再配信 redelivered \(Figures.grouped(counts.redelivered))"
                    + "  位置 position \(status.lastPosition)"
            ] + table(status).lines(style).map { "  " + $0 } + [""]
        }
    }

    private func table(_ status: HubStatus) -> TextTable {
        var table = TextTable([
            .init(heading: "関係システム participant"), .init(heading: "接続 since"),
            .init(heading: "送信 sent", right: true), .init(heading: "配信 dlvd", right: true),
            .init(heading: "処理済 settled", right: true), .init(heading: "待ち queued", right: true),
            .init(heading: "保留 parked", right: true), .init(heading: "処理不能 dead", right: true),
            .init(heading: "最長待ち oldest", right: true),
        ])
        let shown = status.participants.filter {
            all || $0.connectedSince != nil || $0.queued > 0 || $0.parkedLanes > 0
                || $0.published > 0
        }
        for one in shown.sorted(by: { $0.participant < $1.participant }) {
            let since = one.connectedSince.map(Figures.timeOfDay) ?? "切断 absent"
            let paused = one.paused ? " ‖休止 paused" : ""
            let closed =
                one.closedUntil.map { " ‖時間外 held: closed until \(Figures.moment($0))" } ?? ""
            table.add([
                .init("\(one.name) \(one.participant)\(paused)\(closed)"),
                .init(since, one.connectedSince == nil ? .waiting : .plain),
                .init(Figures.grouped(one.published)), .init(Figures.grouped(one.delivered)),
                .init(Figures.grouped(one.settled)),
                .init(Figures.grouped(one.queued), one.queued > 0 ? .waiting : .plain),
                .init("\(one.parkedLanes)", one.parkedLanes > 0 ? .bad : .plain),
                .init("\(one.deadLetters)", one.deadLetters > 0 ? .bad : .plain),
                .init(one.oldestWaitingMilliseconds.map(Figures.span) ?? "-"),
            ])
        }
        return table
    }
}
