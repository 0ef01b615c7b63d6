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
            }, steps: steps, always: always)
    }

    private func step(_ value: JSONValue, _ place: String) throws(ScenarioFault) -> ScenarioStep {
        let action: ScenarioStep.Action
        let name: String
        if let inject = value["inject"] {
            let injection = try injection(inject, place + "/inject")
            action = .inject(injection)
            name = "\(injection.sender) → \(injection.topic.rawValue)"
        } else if let expect = value["expect"] {
            let expectation = try expectation(expect, place + "/expect")
            action = .expect(expectation)
            name = expectation.text
        } else if let advance = value["advance"] {
            action = .advance(try clockStep(advance, place + "/advance"))
            name = "時計 \(advance["to"]?.string ?? "+" + (advance["by"]?.string ?? ""))"
        } else if let assert = value["assert"] {
            let assertion = try assertion(assert, place + "/assert")
            action = .assert(assertion)
            name = "状態 " + assertion.systems.keys.sorted().map(\.rawValue).joined(separator: ", ")
        } else if let restart = value["restart"] {
            let process = restart["process"]?.string ?? ""
            action = .restart(process: process, kill: restart["signal"]?.string != "term")
            name = "再起動 \(process)"
        } else {
            throw fault(place, "a step does one thing")
        }
        return ScenarioStep(name: value["name"]?.string ?? name, action: action)
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
            expiresIn: try value["expiresIn"]?.string.map { (text) throws(ScenarioFault) in
                try duration(text, place + "/expiresIn")
            }, payload: value["payload"] ?? [:])
    }

    private func expectation(
        _ value: JSONValue, _ place: String
    ) throws(ScenarioFault) -> HopExpectation {
        let event = value["event"]?.string ?? HopEvent.Kind.settled.rawValue
        guard let kind = HopEvent.Kind(rawValue: event) else {
            throw fault(place + "/event", "no such event")
        }
        let to: ParticipantID? = try optional(value["to"], place + "/to")
        let captures = (value["capture"]?.object ?? [:]).compactMapValues(\.string)
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
            files: (value["files"]?.array ?? []).map(fileSearch))
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
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits) else { throw fault(place, "a duration was expected") }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(count)
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3_600)
        case "d": return .seconds(count * 86_400)
        default: throw fault(place, "a duration ends in ms, s, m, h or d")
        }
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
