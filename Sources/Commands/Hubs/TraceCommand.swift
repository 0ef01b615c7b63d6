internal import ArgumentParser
internal import Operations
internal import Platform

/// 案件: one case over all zones, step by step, and what it waits for.
struct TraceCommand: ExampledCommand {
    static let examples = [
        "jukihub trace CASE                # 案件番号 (msg ls shows them)",
        "jukihub trace juki-net:12         # この電文の案件",
        "jukihub trace --last",
    ]
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "案件追跡 One case over every zone, step by step, and what it waits for.",
        discussion: """
            0 完了 complete · 1 保留中 stuck: a lane is parked · 3 進行中または不明 still waiting, or no such case. \
            案件番号は区域の境で付け替わります。 A case's number changes at a zone's edge (X-11); the zones are \
            joined here, in the operator's tool.
            """)

    @Argument(help: "案件番号・電文番号・区域:位置 A correlation id, a message id, or ZONE:POSITION.")
    var id: String?

    @Flag(name: .long, help: "最新の案件 The case of the newest message.") var last = false
    @Flag(
        name: .customLong("one-zone"),
        help: "他区域を照会しない Do not ask residentRegister for the other zones.")
    var oneZone = false
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (id == nil) == last else { throw ValidationError("an ID, or --last") }
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try HubDesk(lab)
        let tracer = try CaseTracer(desk, joined: !oneZone)
        let found = try tracer.trace(
            startingAt: id.map { try tracer.cases(named: $0) } ?? tracer.newest())
        try printer.answer(found, rows: found.hops) { CaseText.lines(found, printer.style) }
        if let waiting = found.hops.first(where: { hop in
            hop.deliveries.contains { $0.state != .settled }
        }) {
            printer.next("jukihub msg show \(waiting.zone):\(waiting.position)", "jukihub lane ls")
        }
        switch found.state {
        case .complete: break
        case .stuck: throw Finding(exit: .failure)
        case .waiting, .unknown: throw Finding(exit: .unknown)
        }
    }
}
