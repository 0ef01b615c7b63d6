internal import FoundationEssentials
internal import Messaging
internal import Platform
internal import Simulation

/// The control socket of a running lab's outside (対向模擬の制御口), as the tool uses it.
final class PeerDesk {
    private let client: ControlClient
    private let timeout: Duration
    private let path: String
    /// Options another command needs to reach the same lab.
    let flag: String

    init(_ lab: LabOptions) throws {
        let description = try LabContext.open(lab.path).description
        client = try ControlClient(endpoint: description.control)
        timeout = .milliseconds(Int(lab.timeout * 1_000))
        path = lab.path
        flag = lab.path == LabOptions.defaultPath ? "" : " --lab \(lab.path)"
    }

    /// Asks until somebody answers or the time is over: the outside may be starting.
    func ask(_ request: JSONValue) throws -> JSONValue {
        let deadline = ContinuousClock.now + timeout
        while true {
            let left = Int((deadline - .now) / .milliseconds(1))
            do {
                return try client.ask(request, milliseconds: min(1_000, max(100, left)))
            } catch let fault as ControlFault {
                if fault.code == "timeout", deadline - .now > .milliseconds(100) { continue }
                throw failure(fault)
            }
        }
    }

    private func failure(_ fault: ControlFault) -> CommandFailure {
        switch fault.code {
        case "timeout":
            CommandFailure(
                "lab-not-running", "検証環境が応答しません (nobody answers in \(path))",
                hint: "jukihub dev\(flag)")
        case "party-unknown":
            CommandFailure(
                fault.code, "その対向はこの検証環境にいません (no such party in this lab)",
                hint: "jukihub peer ls\(flag); 他市町村は jukihub dev --peer CODE (new lab)",
                exit: .failure)
        case "person-unknown":
            CommandFailure(
                fault.code, "その鍵の人物はいません (nobody of that key in people.yaml)",
                hint: "grep '^  P' Tests/Scenarios/people.yaml", exit: .failure)
        case "verb-unknown":
            CommandFailure(
                fault.code, "この対向にその動作はありません (\(fault.text))",
                hint: "Tests/Scenarios/VERBS.md", exit: .failure)
        default:
            CommandFailure(
                fault.code, "対向がしません (\(fault.text))", hint: "Tests/Scenarios/VERBS.md",
                exit: .failure)
        }
    }

    /// What the hubs answered to messages just sent, waiting for it as long as the options say.
    func outcomes(of messages: [JSONValue]) throws -> [PeerMessage] {
        let deadline = ContinuousClock.now + timeout
        return try messages.map { message in
            while true {
                let outcome = try ask([
                    "operation": "outcome", "party": message["from"] ?? .null,
                    "id": message["id"] ?? .null,
                ])
                if outcome["state"] != "waiting" || ContinuousClock.now >= deadline {
                    return PeerMessage(message, outcome)
                }
                Pause.milliseconds(20)
            }
        }
    }

    /// `08221` means that municipality's CS; anything else is a participant as it stands.
    static func party(_ text: String) throws -> ParticipantID {
        let isCode = text.utf8.count == 5 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        do {
            return try ParticipantID(isCode ? "peerMunicipalCS/\(text)" : text)
        } catch {
            throw CommandFailure(
                "party-malformed", "対向の名ではありません (\(error.description))",
                hint: "08221, prefecturalServer, nationalServer, cardManagement …", exit: .usage)
        }
    }

    /// Names one invocation, so that asking again after a lost answer does it once.
    static func requestName() -> JSONValue {
        .string("peer-" + String(UInt64.random(in: 0...UInt64.max), radix: 36))
    }
}

/// One message sent, with what its hub answered (投入した電文).
struct PeerMessage: Encodable {
    let id: String
    let type: String
    let from: String
    let to: [String]
    let correlation: String
    /// `admitted`, `refused` or `waiting`.
    let state: String
    let code: String?
    let pointer: String?
    /// Only where it is asked for: synthetic, but numbers all the same.
    var payload: JSONValue?

    init(_ message: JSONValue, _ outcome: JSONValue) {
        id = message["id"]?.string ?? ""
        type = message["type"]?.string ?? ""
        from = message["from"]?.string ?? ""
        to = (message["to"]?.array ?? []).compactMap(\.string)
        correlation = message["correlation"]?.string ?? ""
        state = outcome["state"]?.string ?? "waiting"
        code = outcome["code"]?.string
        pointer = outcome["pointer"]?.string
        payload = message["payload"]
    }

    func line(_ style: Style) -> String {
        let words: (String, Style.Tone) =
            switch state {
            case "admitted": ("✓ 受付 admitted", .good)
            case "refused":
                ("✕ 拒否 refused [\(code ?? "?")]\(pointer.map { " \($0)" } ?? "")", .bad)
            default: ("… 未回答 not answered yet", .waiting)
            }
        return style.dress(words.0, words.1)
            + "  \(from) → \(to.joined(separator: ", "))  \(type)\n  電文番号 id \(id)  案件 case \(correlation)"
    }
}
