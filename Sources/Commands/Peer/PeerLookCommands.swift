internal import ArgumentParser
internal import Messaging
internal import Platform
internal import Simulation

/// 対向の一覧: who can be acted as in this lab.
struct PeerListCommand: ExampledCommand {
    static let examples = ["jukihub peer ls", "jukihub peer ls -o json"]
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "対向の一覧 The parties of this lab, and what hubs have refused to each.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let party: String
        let refused: Int
        let lastCode: String?
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try PeerDesk(lab)
        let refusals = try desk.ask(["operation": "refusals"])
        let rows = (try desk.ask(["operation": "parties"]).array ?? []).compactMap(\.string).map {
            party in
            let refused = refusals[party]?.array ?? []
            return Row(
                party: party, refused: refused.count, lastCode: refused.last?["code"]?.string)
        }
        try printer.answer(rows, rows: rows) {
            var table = TextTable([
                .init(heading: "対向 party"), .init(heading: "拒否 refused", right: true),
                .init(heading: "最後の理由 last code"),
            ])
            for row in rows {
                table.add([
                    .init(row.party), .init("\(row.refused)", row.refused > 0 ? .bad : .plain),
                    .init(row.lastCode ?? "-"),
                ])
            }
            return table.lines(printer.style)
        }
        printer.next(
            "jukihub peer received PARTY\(desk.flag)",
            "jukihub peer send-certificate 08221 --person P04\(desk.flag)")
    }
}

/// 受信: what a party has received.
struct ReceivedCommand: ExampledCommand {
    static let examples = [
        "jukihub peer received 08221", "jukihub peer received 08221 --type move-in-notice.deliver",
        "jukihub peer received cardManagement --content -o jsonl",
    ]
    static let configuration = CommandConfiguration(
        commandName: "received",
        abstract: "受信 The newest messages a party has received, oldest first.",
        discussion: "0 あり some · 1 なし none (so that a script can wait for one with --timeout).")

    @Argument(help: "対向 The party.") var party: String
    @Option(name: .long, help: "種別 Only this type (with or without /v1).") var type: String?
    @Option(name: .customLong("case"), help: "案件番号 Only this case.") var correlation: String?
    @Option(name: .long, help: "件数 At least so many, waiting for them.") var wait = 0
    @Flag(name: .long, help: "内容も The content as well (synthetic numbers).") var content = false
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Row: Encodable {
        let id: String
        let type: String
        let source: String
        let correlation: String
        let payload: JSONValue?
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try PeerDesk(lab)
        let identity = try PeerDesk.party(party)
        var request: [String: JSONValue] = [
            "operation": "received", "party": .string(identity.rawValue),
        ]
        request["type"] = type.map(JSONValue.string)
        request["correlation"] = correlation.map(JSONValue.string)
        let deadline = ContinuousClock.now + .milliseconds(Int(lab.timeout * 1_000))
        var found = try desk.ask(.object(request))["messages"]?.array ?? []
        while found.count < wait, ContinuousClock.now < deadline {
            Pause.milliseconds(50)
            found = try desk.ask(.object(request))["messages"]?.array ?? []
        }
        let rows = found.map { message in
            Row(
                id: message["id"]?.string ?? "", type: message["type"]?.string ?? "",
                source: message["source"]?.string ?? "",
                correlation: message["correlation"]?.string ?? "",
                payload: content ? message["payload"] : nil)
        }
        try printer.answer(rows, rows: rows) {
            rows.isEmpty
                ? ["受信はありません nothing received"]
                : rows.flatMap { row in
                    ["\(row.type)  \(row.source)  案件 case \(row.correlation)  電文番号 id \(row.id)"]
                        + (row.payload.map { ["  " + String(decoding: $0.encoded, as: UTF8.self)] }
                            ?? [])
                }
        }
        if let last = rows.last {
            printer.next(
                "jukihub trace \(last.correlation)\(desk.flag)",
                "jukihub peer received \(party) --content\(desk.flag)")
        }
        guard rows.count >= max(1, wait) else { throw Finding(exit: .failure) }
    }
}

/// 状態: what a party knows, without any number.
struct PeerStateCommand: ExampledCommand {
    static let examples = [
        "jukihub peer state 08221 --person P04",
        "jukihub peer state nationalServer --person P04 --expect municipality=08201",
    ]
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "状態 What a party knows of somebody, or in all, without any number.",
        discussion: "--expect: 0 その通り as expected · 1 違う different; --timeout まで待つ waits for it.")

    @Argument(help: "対向 The party.") var party: String
    @Option(name: .long, help: "人物 Somebody of people.yaml.") var person: String?
    @Option(
        name: .long,
        help: ArgumentHelp("期待する値 What has to be so; JSON, else text.", valueName: "name=value"))
    var expect: [String] = []
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard expect.allSatisfy({ $0.contains("=") }) else {
            throw ValidationError("--expect municipality=08201")
        }
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try PeerDesk(lab)
        let identity = try PeerDesk.party(party)
        var request: [String: JSONValue] = [
            "operation": "state", "party": .string(identity.rawValue),
        ]
        request["person"] = person.map(JSONValue.string)
        let expected = Dictionary(expect.map(PeerSending.pair), uniquingKeysWith: { $1 })
        let deadline = ContinuousClock.now + .milliseconds(Int(lab.timeout * 1_000))
        var facts: [String: JSONValue] = [:]
        var different: [String] = []
        repeat {
            facts = try desk.ask(.object(request))["facts"]?.object ?? [:]
            different = expected.filter { facts[$0.key] != $0.value }.map(\.key).sorted()
            if different.isEmpty { break }
            Pause.milliseconds(50)
        } while ContinuousClock.now < deadline
        try printer.answer(JSONValue.object(facts)) {
            facts.sorted { $0.key < $1.key }.map { name, value in
                let text = String(decoding: value.encoded, as: UTF8.self)
                let tone: Style.Tone = different.contains(name) ? .bad : .plain
                return printer.style.dress("\(DisplayWidth.padded(name, to: 26)) \(text)", tone)
            }
        }
        printer.next("jukihub peer received \(party)\(desk.flag)")
        guard different.isEmpty else {
            printer.note("違い different: \(different.joined(separator: ", "))")
            throw Finding(exit: .failure)
        }
    }
}
