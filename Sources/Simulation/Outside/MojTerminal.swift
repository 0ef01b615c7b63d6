import Messaging
import Participant

/// 法務省情報連携端末: keeps 法務省通知 until a person takes them into the register (A3-02), and 市町村通知 files until a person
/// sends them (A3-04); hands the result back to the register.
struct MojTerminal: OutsideParty {
    private static let register = OutsideParties.identity("residentRegister")
    private static let ministry = OutsideParties.identity("moj")

    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "moj-notice.received":
            world[MojTerminalBook.self].arrive(message.payload, message.envelope.correlation)
            return []
        case "moj-notice.result":
            world[MojTerminalBook.self].noteResult(message.payload)
            return []
        case "municipal-notice.created":
            guard let file = MojTerminalBook.File(message.payload, message.envelope.correlation)
            else { throw PartyRefusal(code: "payload-incomplete") }
            // The next day's file cannot go before this one: what is out of order is nobody's to guess.
            guard file.isChronological else { throw PartyRefusal(code: "not-chronological") }
            world[MojTerminalBook.self].add(file)
            return []
        case "municipal-notice.result": return try relay(message, in: &world)
        default: throw .typeUnexpected
        }
    }

    /// A3-04: what 法務省 answered goes on to the register as it is.
    private func relay(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let number = message.payload["fileNumber"]?.string,
            let file = world[MojTerminalBook.self].files.first(where: { $0.number == number })
        else { throw PartyRefusal(code: "file-unknown") }
        world[MojTerminalBook.self].answered(number, message.payload)
        return [
            Dispatch(
                sender: message.party, zone: message.zone,
                message: OutgoingMessage(
                    topic: StaticTopic("municipal-notice.result/v1").topic,
                    recipients: [Self.register], step: StaticStep("A3-04").step,
                    correlation: file.correlation, causation: message.envelope.id,
                    payload: message.payload.encoded))
        ]
    }

    /// `import` takes the oldest 法務省通知 (or `notice`) into the register, `send` the oldest 市町村通知 file (or `file`) to 法務省;
    /// each names its operator.
    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        switch verb {
        case "import":
            guard
                let notice = world[MojTerminalBook.self].takeNotice(arguments["notice"]?.string)
            else { throw PartyRefusal(code: "no-notice") }
            return [
                try begin(
                    "moj-notice.imported/v1", to: Self.register, step: "A3-02", party, arguments,
                    notice.payload, notice.correlation)
            ]
        case "send":
            guard let file = world[MojTerminalBook.self].takeFile(arguments["file"]?.string) else {
                throw PartyRefusal(code: "no-file")
            }
            return [
                try begin(
                    "municipal-notice.sent/v1", to: Self.ministry, step: "A3-04", party, arguments,
                    file.payload, file.correlation)
            ]
        default: throw .verbUnknown
        }
    }

    /// In the case it belongs to, unless the test names another.
    private func begin(
        _ topic: StaticTopic, to recipient: ParticipantID, step: StaticStep, _ party: ParticipantID,
        _ arguments: JSONValue, _ payload: JSONValue, _ correlation: CorrelationID
    ) throws(PartyRefusal) -> Dispatch {
        var members = arguments.object ?? [:]
        if members["operator"] == nil { members["operator"] = "nyuryoku-01" }
        if members["terminal"] == nil { members["terminal"] = "MJ-01" }
        let dispatch = try Dispatch.begin(
            party, topic, to: recipient, step: step, .object(members), payload)
        var message = dispatch.message
        if message.correlation.rawValue.hasPrefix("act-") { message.correlation = correlation }
        return Dispatch(sender: dispatch.sender, zone: nil, message: message)
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let book = world[MojTerminalBook.self]
        return [
            "pendingNotices": .integer(book.notices.count),
            "imported": .integer(book.imported),
            "accepted": .integer(book.results["accepted"] ?? 0),
            "manual": .integer(book.results["manual"] ?? 0),
            "refused": .integer(book.results["refused"] ?? 0),
            "drafted": .integer(book.drafted),
            "lastCode": book.lastCode.map(JSONValue.string) ?? .null,
            "files": .integer(book.files.count),
            "filesUnsent": .integer(book.files.count { $0.state == .created }),
            "filesAnswered": .integer(
                book.files.count { if case .answered = $0.state { true } else { false } }),
            "fileErrors": .integer(book.fileErrors),
        ]
    }
}

/// What the 法務省情報連携端末 keeps.
struct MojTerminalBook: PartyState {
    struct Notice: Hashable, Sendable {
        let number: String
        let payload: JSONValue
        let correlation: CorrelationID
    }

    /// A 市町村通知 file.
    struct File: Hashable, Sendable {
        enum State: Hashable, Sendable {
            case created
            case sent
            case answered(errors: Int)
        }

        let number: String
        let payload: JSONValue
        let correlation: CorrelationID
        var state: State = .created

        init?(_ payload: JSONValue, _ correlation: CorrelationID) {
            guard let number = payload["fileNumber"]?.string else { return nil }
            self.number = number
            self.payload = payload
            self.correlation = correlation
        }

        /// Its notices in the order of what happened.
        var isChronological: Bool {
            let times = (payload["notices"]?.array ?? []).compactMap {
                $0["changedAt"]?.string.flatMap { try? Instant(rfc3339: $0) }
            }
            return zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }
        }
    }

    /// Not imported yet, oldest first.
    private(set) var notices: [Notice] = []
    private(set) var imported = 0
    /// The register's answers, by result.
    private(set) var results: [String: Int] = [:]
    private(set) var drafted = 0
    private(set) var lastCode: String?
    /// Oldest first.
    private(set) var files: [File] = []

    /// Notices and files remembered.
    private static let limit = 10_000

    init(people: People) {}

    var fileErrors: Int {
        files.reduce(0) { sum, file in
            if case .answered(let errors) = file.state { sum + errors } else { sum }
        }
    }

    mutating func arrive(_ payload: JSONValue, _ correlation: CorrelationID) {
        notices.append(
            Notice(
                number: payload["noticeNumber"]?.string ?? "", payload: payload,
                correlation: correlation))
        if notices.count > Self.limit { notices.removeFirst() }
    }

    mutating func takeNotice(_ number: String?) -> Notice? {
        guard
            let index = number.map({ number in notices.firstIndex { $0.number == number } })
                ?? notices.indices.first
        else { return nil }
        imported += 1
        return notices.remove(at: index)
    }

    mutating func noteResult(_ payload: JSONValue) {
        results[payload["result"]?.string ?? "", default: 0] += 1
        if payload["disposition"]?.string == "drafted" { drafted += 1 }
        lastCode = payload["code"]?.string
    }

    mutating func add(_ file: File) {
        guard !files.contains(where: { $0.number == file.number }) else { return }
        files.append(file)
        if files.count > Self.limit { files.removeFirst() }
    }

    /// The oldest file that was not sent.
    mutating func takeFile(_ number: String?) -> File? {
        guard
            let index = files.firstIndex(where: {
                number == nil ? $0.state == .created : $0.number == number
            })
        else { return nil }
        files[index].state = .sent
        return files[index]
    }

    mutating func answered(_ number: String, _ result: JSONValue) {
        guard let index = files.firstIndex(where: { $0.number == number }) else { return }
        files[index].state = .answered(errors: result["errors"]?.array?.count ?? 0)
    }
}
