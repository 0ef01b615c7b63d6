internal import ArgumentParser
internal import Messaging
internal import Platform
internal import Simulation

/// 動作: any verb of any outside party.
struct PeerActCommand: ExampledCommand {
    static let examples = [
        "jukihub peer act nationalServer replenish --with count=20",
        "jukihub peer act individualNumberGenerator assign --with person=P03 --with codeOf=P05",
        "jukihub peer act prefecturalServer drift --with person=P09",
    ]
    static let configuration = CommandConfiguration(
        commandName: "act",
        abstract:
            "動作 Let any outside party do something by its own logic (Tests/Scenarios/VERBS.md).")

    @Argument(help: "対向 The party: a municipality's code, or prefecturalServer, infoNetwork ….")
    var party: String
    @Argument(help: "動作 The verb.") var verb: String
    @Option(
        name: .long,
        help: ArgumentHelp("引数 An argument; JSON, else text.", valueName: "name=value"))
    var with: [String] = []
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard with.allSatisfy({ $0.contains("=") }) else {
            throw ValidationError("--with person=P04")
        }
    }

    func run() throws {
        try PeerAct(
            party: party, verb: verb,
            arguments: Dictionary(with.map(PeerSending.pair), uniquingKeysWith: { $1 }),
            sending: sending, lab: lab, output: output
        ).run()
    }
}

/// 応答のしかた: late, twice, out of order, refused or never.
struct PeerAnswerCommand: ExampledCommand {
    static let examples = [
        "jukihub peer answer cardManagement never --on mailing-address.notify",
        "jukihub peer answer prefecturalServer late --delay 30m",
        "jukihub peer answer 08221 refuse --on move-out-certificate.request --code person-unknown --times 1",
        "jukihub peer answer prefecturalServer reset",
    ]
    static let configuration = CommandConfiguration(
        commandName: "answer",
        abstract:
            "応答のしかた How a party answers from now on: never, late, twice, refuse, out-of-order; reset."
    )

    enum Manner: String, CaseIterable, ExpressibleByArgument {
        case never, late, twice, refuse, reset
        case outOfOrder = "out-of-order"
    }

    @Argument(help: "対向 The party.") var party: String
    @Argument(help: "応答 How.") var manner: Manner
    @Option(name: .long, help: "種別 Only to this type; else to every one.") var on: String?
    @Option(
        name: .long,
        help: ArgumentHelp("遅れ How late, in the lab's time: 500ms 5s 10m 24h.", valueName: "time"))
    var delay: String?
    @Option(name: .long, help: "理由コード The refusal's code.") var code: String?
    @Option(name: .long, help: "回数 For so many messages only.") var times: Int?
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    struct Result: Encodable {
        let party: String
        let answer: String
        let on: String?
        let delay: String?
        let code: String?
        let times: Int?
    }

    func validate() throws {
        if manner == .late {
            guard let delay, DurationText.parse(delay) != nil else {
                throw ValidationError("late --delay 30m")
            }
        }
        guard times.map({ $0 > 0 }) ?? true else { throw ValidationError("--times 1") }
    }

    func run() throws {
        let printer = Printer(output)
        let desk = try PeerDesk(lab)
        let identity = try PeerDesk.party(party)
        var request: [String: JSONValue] = [
            "operation": "behave", "party": .string(identity.rawValue),
        ]
        if manner == .reset {
            request["reset"] = true
        } else {
            request["answer"] = .string(manner == .outOfOrder ? "outOfOrder" : manner.rawValue)
        }
        request["on"] = on.map(JSONValue.string)
        request["delay"] = delay.map(JSONValue.string)
        request["code"] = code.map(JSONValue.string)
        request["times"] = times.map(JSONValue.integer)
        _ = try desk.ask(.object(request))
        try printer.answer(
            Result(
                party: identity.rawValue, answer: manner.rawValue, on: on, delay: delay, code: code,
                times: times)
        ) {
            [
                "✓ 今後の応答 from now on  \(identity)  \(on ?? "全種別 every type")  → \(manner.rawValue)"
                    + [
                        delay.map { " \($0)" }, code.map { " [\($0)]" },
                        times.map { " ×\($0)" },
                    ].compactMap(\.self).joined()
            ]
        }
        printer.next(
            manner == .reset
                ? "jukihub peer received \(party)\(desk.flag)"
                : "jukihub peer answer \(party) reset\(on.map { " --on \($0)" } ?? "")\(desk.flag)")
    }
}

/// 試験電文の投入: a message exactly as written, with the party's own key.
struct PeerInjectCommand: ExampledCommand {
    static let examples = [
        "jukihub peer inject 08221 --to municipalCS --type move-in-notice.deliver/v1 --step C6 notice.json",
        "jukihub peer inject 08221 --to municipalCS --type move-in-notice.deliver/v1 --step C6 - --twice < notice.json",
        "jukihub peer inject familyRegister --to municipalCS --type move-in-notice.deliver/v1 --step C6 notice.json --expect-refused link-forbidden",
    ]
    static let configuration = CommandConfiguration(
        commandName: "inject",
        abstract: "試験電文の投入 Send a message exactly as written, as one of the outside parties.",
        discussion: "内容の例 An example of the content: jukihub schema show TYPE --example.")

    @Argument(help: "対向 The party that sends.") var party: String
    @Argument(help: "内容のファイル The content, JSON; - for standard input.") var file: String
    @Option(name: .long, help: "宛先 A receiver; several for several.") var to: [String]
    @Option(name: .long, help: "種別/版 The type, like move-in-notice.deliver/v1.") var type: String
    @Option(name: .long, help: "操作者 The operator.") var `operator`: String?
    @Option(name: .long, help: "操作端末 The terminal.") var terminal: String?
    @Option(name: .customLong("legal-basis"), help: "法令の根拠 Its legal basis.") var legalBasis:
        String?
    @Option(name: .customLong("business-task"), help: "操作業務 Its business task.")
    var businessTask: String?
    @OptionGroup var sending: PeerSending
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !to.isEmpty else { throw ValidationError("--to municipalCS") }
    }

    func run() throws {
        let desk = try PeerDesk(lab)
        let identity = try PeerDesk.party(party)
        var payload = try content()
        for pointer in sending.remove where !payload.remove(at: pointer) { throw nowhere(pointer) }
        for pair in sending.set.map(PeerSending.pair) where !payload.set(pair.1, at: pair.0) {
            throw nowhere(pair.0)
        }
        let name = PeerDesk.requestName()
        let correlation = sending.correlation ?? name.string ?? "peer"
        let receivers = try to.map { try PeerDesk.party($0).rawValue }
        var request: [String: JSONValue] = [
            "operation": "inject", "as": .string(identity.rawValue),
            "to": .array(receivers.map(JSONValue.string)), "type": .string(type),
            "correlation": .string(correlation), "payload": payload,
        ]
        request["step"] = sending.step.map(JSONValue.string)
        request["expiry"] = sending.expiry.map(JSONValue.string)
        request["operator"] = self.operator.map(JSONValue.string)
        request["terminal"] = terminal.map(JSONValue.string)
        request["legalBasis"] = legalBasis.map(JSONValue.string)
        request["businessTask"] = businessTask.map(JSONValue.string)
        var sent: [JSONValue] = []
        for count in 1...(sending.twice ? 2 : 1) {
            request["request"] = .string("\(name.string ?? "")-\(count)")
            let answer = try desk.ask(.object(request))
            sent.append([
                "id": answer["id"] ?? .null, "type": .string(type),
                "from": .string(identity.rawValue),
                "to": .array(receivers.map(JSONValue.string)),
                "correlation": .string(correlation), "payload": payload,
            ])
        }
        try PeerAct.report(
            PeerAct.Result(
                party: identity.rawValue, verb: "inject", messages: try desk.outcomes(of: sent),
                told: [:]), sending, Printer(output), desk)
    }

    private func content() throws -> JSONValue {
        do {
            return try JSONValue(parsing: PayloadFile.read(file))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(
                "content-unreadable", "内容がJSONではありません (\(file) is not JSON)",
                hint: "jukihub schema show \(type) --example", exit: .failure)
        }
    }

    private func nowhere(_ pointer: String) -> CommandFailure {
        CommandFailure(
            "pointer-leads-nowhere", "その場所がありません (nothing at \(pointer))",
            hint: "jukihub schema show \(type) --example", exit: .failure)
    }
}
