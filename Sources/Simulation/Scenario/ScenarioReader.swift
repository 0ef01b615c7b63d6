import Messaging

/// Makes a ``Scenario`` of a document the schema has accepted (シナリオの読取り).
struct ScenarioReader {
    let file: String
    /// How long an expectation waits unless it says otherwise.
    private var within: Duration = .seconds(10)

    init(file: String) { self.file = file }

    mutating func scenario(_ document: JSONValue) throws(ScenarioFault) -> Scenario {
        if let text = document["within"]?.string { within = try duration(text, "/within") }
        var steps: [ScenarioStep] = []
        for (index, step) in (document["steps"]?.array ?? []).enumerated() {
            steps.append(try self.step(step, "/steps/\(index)"))
        }
        var always: [Scenario.Invariant] = []
        for (index, entry) in (document["always"]?.array ?? []).enumerated() {
            if let name = entry["never"]?.string, let kind = HopEvent.Kind(rawValue: name) {
                always.append(.noEvent(kind))
            } else if let search = entry["files"] {
                always.append(.files(fileSearch(search)))
            } else {
                throw fault("/always/\(index)", "not an invariant")
            }
        }
        let start = document["clock"]?["start"]?.string
        return Scenario(
            title: document["scenario"]?.string ?? "", number: document["case"]?.string,
            start: try start.map { (text) throws(ScenarioFault) in
                try parsed("/clock/start") { () throws(InvalidIdentifier) in
                    try Instant(rfc3339: text)
                }
            }, rules: (document["rules"]?.array ?? []).compactMap(\.string),
            setting: try setting(document), steps: steps, always: always)
    }

    private func step(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> ScenarioStep {
        let (action, name) = try action(value, place)
        return ScenarioStep(name: value["name"]?.string ?? name, action: action)
    }

    /// What a step does, and what people read when it has no name of its own.
    private func action(
        _ value: JSONValue, _ place: String
    ) throws(ScenarioFault) -> (ScenarioStep.Action, String) {
        if let inject = value["inject"] {
            let injection = try injection(inject, place + "/inject")
            let refused = injection.refused.map { " ✕ \($0)" } ?? ""
            return (
                .inject(injection),
                "\(injection.sender) → \(injection.topic.rawValue)\(refused)"
            )
        }
        if let expect = value["expect"] {
            let expectation = try expectation(expect, place + "/expect")
            return (.expect(expectation), expectation.text)
        }
        if let advance = value["advance"] {
            return (
                .advance(try clockStep(advance, place + "/advance")),
                "時計 \(advance["to"]?.string ?? "+" + (advance["by"]?.string ?? ""))"
            )
        }
        if let assert = value["assert"] {
            let assertion = try assertion(assert, place + "/assert")
            let names = assertion.systems.keys.sorted().map(\.rawValue)
            return (
                .assert(assertion),
                "状態 " + (names + [assertion.same].compactMap(\.self)).joined(separator: ", ")
            )
        }
        return try staging(value, place)
    }

    /// What a step does to the lab and its parties.
    private func staging(
        _ value: JSONValue, _ place: String
    ) throws(ScenarioFault) -> (ScenarioStep.Action, String) {
        if let act = value["act"] {
            let party: ParticipantID = try identifier(act["as"], place + "/act/as")
            let verb = act["do"]?.string ?? ""
            return (
                .act(
                    PartyAct(
                        party: party, verb: verb, with: act["with"] ?? [:],
                        captures: captures(act), refused: act["refused"]?.string)),
                "\(party) \(verb)"
            )
        }
        if let behave = value["behave"] {
            let party = behave["party"]?.string ?? ""
            return (.behave(behave), "振舞い \(party) \(behave["answer"]?.string ?? "通常")")
        }
        if let remember = value["remember"] {
            let name = remember["as"]?.string ?? ""
            return (.remember(try memory(remember, name, place + "/remember")), "控え \(name)")
        }
        if let restart = value["restart"] {
            let process = restart["process"]?.string ?? ""
            return (
                .restart(process: process, kill: restart["signal"]?.string != "term"),
                "再起動 \(process)"
            )
        }
        if let step = value["process"], let action = step["do"]?.string {
            guard let action = ProcessAction(rawValue: action) else {
                throw fault(place + "/process/do", "no such action")
            }
            let process = step["name"]?.string ?? ""
            return (.process(process, action), "\(action.rawValue) \(process)")
        }
        if let backup = value["backup"] {
            let process = backup["process"]?.string ?? ""
            let name = backup["as"]?.string ?? ""
            return (.backup(process: process, name: name), "バックアップ \(process) \(name)")
        }
        if let audit = value["audit"] {
            let zone: ZoneID = try identifier(audit["zone"], place + "/audit/zone")
            return (
                .audit(
                    Audit(
                        zone: zone, day: audit["day"]?.string ?? "${clock.date}",
                        findings: audit["findings"]?.object ?? [:])),
                "操作ログの分析 \(zone)"
            )
        }
        throw fault(place, "a step does one thing")
    }

    private func memory(
        _ value: JSONValue, _ name: String, _ place: String
    ) throws(ScenarioFault) -> Memory {
        var systems: [ParticipantID] = []
        for system in value["systems"]?.array ?? [] {
            systems.append(try identifier(system, place + "/systems"))
        }
        return Memory(
            name: name, person: value["person"]?.string,
            systems: systems.isEmpty ? LabCast.systems.map(\.participant) : systems)
    }

    private func captures(_ value: JSONValue) -> [String: String] {
        (value["capture"]?.object ?? [:]).compactMapValues(\.string)
    }

    private func setting(_ document: JSONValue) throws(ScenarioFault) -> ScenarioSetting {
        var setting = ScenarioSetting()
        let lab = document["lab"]
        setting.peers = (lab?["peers"]?.array ?? []).compactMap(\.string)
        setting.businessSystems = (lab?["businessSystems"]?.array ?? []).compactMap {
            $0.integer.map(String.init)
        }
        for (name, types) in lab?["majors"]?.object ?? [:] {
            let participant: ParticipantID = try identifier(.string(name), "/lab/majors")
            setting.majors[participant] = (types.object ?? [:]).compactMapValues(\.integer)
        }
        for (name, types) in lab?["lossy"]?.object ?? [:] {
            let participant: ParticipantID = try identifier(.string(name), "/lab/lossy")
            setting.lossy[participant] = (types.array ?? []).compactMap(\.string)
        }
        for (process, values) in lab?["config"]?.object ?? [:] {
            guard LabCast.processes.contains(process) else {
                throw fault("/lab/config/\(process)", "no such process")
            }
            setting.configuration[process] = values
        }
        setting.residents = (document["setup"]?["residents"]?.array ?? []).compactMap(\.string)
        if let drawn = document["setup"]?["population"], let count = drawn["count"]?.integer,
            let seed = drawn["seed"]?.integer
        {
            setting.population = GeneratedPopulation(count: count, seed: UInt64(seed))
        }
        return setting
    }

    private func injection(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> Injection {
        let names = value["to"]?.array ?? value["to"].map { [$0] } ?? []
        var recipients: [ParticipantID] = []
        for name in names { recipients.append(try identifier(name, place + "/to")) }
        return Injection(
            sender: try identifier(value["as"], place + "/as"),
            topic: try identifier(value["type"], place + "/type"), recipients: recipients,
            zone: try optional(value["zone"], place + "/zone"),
            step: try optional(value["step"], place + "/step"),
            correlation: value["correlation"]?.string ?? "",
            causation: value["causation"]?.string,
            operatorID: try optional(value["operator"], place + "/operator"),
            terminal: try optional(value["terminal"], place + "/terminal"),
            businessTask: value["businessTask"]?.string, legalBasis: value["legalBasis"]?.string,
            factor: value["factor"]?.string,
            expiresIn: try value["expiresIn"]?.string.map { (text) throws(ScenarioFault) in
                try duration(text, place + "/expiresIn")
            }, refused: value["refused"]?.string, within: try wait(value, place),
            payload: value["payload"] ?? [:])
    }

    private func expectation(
        _ value: JSONValue, _ place: String
    ) throws(ScenarioFault) -> HopExpectation {
        let event = value["event"]?.string ?? HopEvent.Kind.settled.rawValue
        guard let kind = HopEvent.Kind(rawValue: event) else {
            throw fault(place + "/event", "no such event")
        }
        let to: ParticipantID? = try optional(value["to"], place + "/to")
        let captures = captures(value)
        if !captures.isEmpty && to == nil { throw fault(place, "a capture needs `to`") }
        return HopExpectation(
            pattern: HopExpectation.Pattern(
                zone: try optional(value["zone"], place + "/zone"),
                from: try optional(value["from"], place + "/from"), to: to,
                type: value["type"]?.string ?? "",
                step: try optional(value["step"], place + "/step"), event: kind,
                code: value["code"]?.string, correlation: value["correlation"]?.string),
            count: value["count"]?.integer ?? 1, within: try wait(value, place),
            captures: captures)
    }

    private func clockStep(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> ClockStep {
        if let text = value["to"]?.string {
            return .to(
                try parsed(place + "/to") { () throws(InvalidIdentifier) in
                    try Instant(rfc3339: text)
                })
        }
        return .by(try duration(value["by"]?.string ?? "", place + "/by"))
    }

    private func assertion(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> Assertion {
        var systems: [ParticipantID: [String: JSONValue]] = [:]
        for (name, facts) in value["systems"]?.object ?? [:] {
            let system: ParticipantID = try identifier(.string(name), place + "/systems")
            systems[system] = facts.object ?? [:]
        }
        return Assertion(
            person: value["person"]?.string, within: try wait(value, place), systems: systems,
            files: (value["files"]?.array ?? []).map(fileSearch), same: value["same"]?.string)
    }

    private func fileSearch(_ value: JSONValue) -> FileSearch {
        FileSearch(
            places: (value["in"]?.array ?? []).compactMap(\.string),
            absent: (value["absent"]?.array ?? []).compactMap(\.string))
    }

    private func wait(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> Duration {
        guard let text = value["within"]?.string else { return within }
        return try duration(text, place + "/within")
    }

    // MARK: - Texts

    private func duration(_ text: String, _ place: String) throws(ScenarioFault) -> Duration {
        guard let duration = DurationText.parse(text) else {
            throw fault(place, "a duration such as 500ms, 5s, 30m, 2h or 31d was expected")
        }
        return duration
    }

    private func identifier<ID: TextIdentifier>(
        _ value: JSONValue?, _ place: String
    ) throws(ScenarioFault) -> ID {
        guard let found: ID = try optional(value, place) else { throw fault(place, "is needed") }
        return found
    }

    private func optional<ID: TextIdentifier>(
        _ value: JSONValue?, _ place: String
    ) throws(ScenarioFault) -> ID? {
        guard let text = value?.string else { return nil }
        return try parsed(place) { () throws(InvalidIdentifier) in try ID(text) }
    }

    private func parsed<Value>(
        _ place: String, _ body: () throws(InvalidIdentifier) -> Value
    ) throws(ScenarioFault) -> Value {
        do throws(InvalidIdentifier) {
            return try body()
        } catch {
            throw fault(place, error.description)
        }
    }

    private func fault(_ place: String, _ text: String) -> ScenarioFault {
        ScenarioFault(file: file, pointer: place, text)
    }
}

extension HopExpectation {
    /// What people read when it has no name of its own.
    var text: String {
        [
            pattern.step?.rawValue,
            "\(pattern.from?.rawValue ?? "*") → \(pattern.to?.rawValue ?? "*")",
            pattern.type, pattern.event == .settled ? nil : pattern.event.rawValue, "×\(count)",
        ].compactMap(\.self).joined(separator: " ")
    }
}
