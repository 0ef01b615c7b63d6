internal import ArgumentParser
internal import Messaging
internal import Platform
internal import Simulation

/// What every sending verb understands: where, in which case, and how the right message is spoilt.
struct PeerSending: ParsableArguments {
    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("案件番号 The case it belongs to; else one of its own.", valueName: "id"))
    var correlation: String?

    @Flag(name: .long, help: "二重に Each message twice, under two numbers.") var twice = false
    @Flag(name: .long, help: "逆順に The last message first.") var reversed = false
    @Option(
        name: .long,
        help: ArgumentHelp("一部だけ Only these messages, counted from 0: 0,2.", valueName: "list"))
    var only: String?
    @Option(name: .long, help: "別の版 As another version of its type.") var version: Int?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "内容を変える Put a value (JSON, else text) at a pointer: /groupSize=2.",
            valueName: "pointer=value"))
    var set: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp("内容を除く Take away what stands at a pointer.", valueName: "pointer"))
    var remove: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp("有効期限 When the message expires (RFC 3339).", valueName: "time"))
    var expiry: String?
    @Option(name: .long, help: "手順番号 Another step (B3-01).") var step: String?
    @Option(
        name: .customLong("expect-refused"),
        help: ArgumentHelp(
            "拒否が正しい The hub has to refuse it with this code: then the exit code is 0.",
            valueName: "code"))
    var expectRefused: String?
    @Flag(name: .long, help: "内容も The content as well (synthetic numbers).") var content = false

    func validate() throws {
        guard set.allSatisfy({ $0.hasPrefix("/") && $0.contains("=") }) else {
            throw ValidationError("--set /groupSize=2")
        }
        guard try onlyList() != [] else { throw ValidationError("--only 0,2") }
    }

    /// The arguments every act takes (``Alterations``).
    func arguments() throws -> [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        arguments["correlation"] = correlation.map(JSONValue.string)
        if twice { arguments["times"] = 2 }
        if reversed { arguments["order"] = "reversed" }
        arguments["only"] = try onlyList().map { .array($0.map(JSONValue.integer)) }
        arguments["version"] = version.map(JSONValue.integer)
        arguments["expiry"] = expiry.map(JSONValue.string)
        arguments["step"] = step.map(JSONValue.string)
        if !set.isEmpty {
            arguments["set"] = .object(
                Dictionary(set.map { Self.pair($0) }, uniquingKeysWith: { $1 }))
        }
        if !remove.isEmpty { arguments["remove"] = .array(remove.map(JSONValue.string)) }
        return arguments
    }

    private func onlyList() throws -> [Int]? {
        guard let only else { return nil }
        return try only.split(separator: ",").map {
            guard let index = Int($0), index >= 0 else { throw ValidationError("--only 0,2") }
            return index
        }
    }

    /// `name=value`; a value that is JSON is that, any other is text.
    static func pair(_ text: String) -> (String, JSONValue) {
        let parts = text.split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false
        ).map(String.init)
        let value = parts.count > 1 ? parts[1] : ""
        return (parts[0], (try? JSONValue(parsing: Array(value.utf8))) ?? .string(value))
    }
}

/// Lets a party act, and says what came of it (対向の動作).
struct PeerAct {
    let party: String
    let verb: String
    let arguments: [String: JSONValue]
    let sending: PeerSending
    let lab: LabOptions
    let output: OutputOptions

    struct Result: Encodable {
        let party: String
        let verb: String
        let messages: [PeerMessage]
        /// What the party tells besides.
        let told: JSONValue
    }

    func run() throws {
        let desk = try PeerDesk(lab)
        let identity = try PeerDesk.party(party)
        let answer = try desk.ask([
            "operation": "act", "request": PeerDesk.requestName(),
            "as": .string(identity.rawValue), "do": .string(verb),
            "with": .object(arguments.merging(try sending.arguments(), uniquingKeysWith: { $1 })),
        ])
        let messages = try desk.outcomes(of: answer["sent"]?.array ?? [])
        try Self.report(
            Result(
                party: identity.rawValue, verb: verb, messages: messages,
                told: answer["told"] ?? [:]), sending, Printer(output), desk)
    }

    /// Prints what was sent, suggests what to look at next, and ends as the answers want it.
    static func report(
        _ result: Result, _ sending: PeerSending, _ printer: Printer, _ desk: PeerDesk
    ) throws {
        var shown = result
        if !sending.content {
            let bare = result.messages.map { message in
                var bare = message
                bare.payload = nil
                return bare
            }
            shown = Result(
                party: result.party, verb: result.verb, messages: bare, told: result.told)
        }
        try printer.answer(shown, rows: shown.messages) {
            guard !shown.messages.isEmpty else {
                return ["✓ 済み done  \(shown.party) \(shown.verb) (送信なし nothing sent)"]
            }
            return shown.messages.flatMap { message in
                [message.line(printer.style)]
                    + (message.payload.map { [String(decoding: $0.encoded, as: UTF8.self)] } ?? [])
            }
        }
        if let first = result.messages.first {
            printer.next(
                "jukihub trace \(first.correlation)\(desk.flag)",
                "jukihub peer received \(result.party)\(desk.flag)")
        } else {
            printer.next("jukihub peer state \(result.party)\(desk.flag)")
        }
        if let status = exit(result.messages, expecting: sending.expectRefused) {
            throw Finding(exit: status)
        }
    }

    /// Nil where everything is as expected.
    private static func exit(_ messages: [PeerMessage], expecting code: String?) -> ExitStatus? {
        if messages.contains(where: { $0.state == "waiting" }) { return .unknown }
        if let code {
            let isExpected = messages.allSatisfy { $0.state == "refused" && $0.code == code }
            return isExpected && !messages.isEmpty ? nil : .failure
        }
        return messages.contains { $0.state == "refused" } ? .failure : nil
    }
}
