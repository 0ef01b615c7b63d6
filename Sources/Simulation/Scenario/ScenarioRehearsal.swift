import JSONSchema
package import Messaging

/// What is wrong with a scenario, found without a lab (シナリオの机上点検): unknown types, steps and parties, routes the
/// catalogue does not have, content that its layout refuses, captures nobody has taken.
///
/// What a scenario expects to be refused may be wrong in any of these ways.
package struct ScenarioRehearsal {
    private let scenario: Scenario
    private let people: People
    private let file: String
    private let catalogue: Catalogue

    package init(_ scenario: Scenario, people: People, file: String, catalogue: Catalogue) {
        self.scenario = scenario
        self.people = people
        self.file = file
        self.catalogue = catalogue
    }

    /// One sentence each, naming places and never a value.
    package func problems() -> [String] {
        var found: [String] = []
        var captured: Set<String> = []
        for resident in scenario.setting.residents where people.byKey[resident] == nil {
            found.append("setup: nobody is called \(resident)")
        }
        for (index, step) in scenario.steps.enumerated() {
            let own: [String]
            switch step.action {
            case .inject(let injection): own = problems(injection, captured)
            case .expect(let expectation):
                own = problems(expectation)
                captured.formUnion(expectation.captures.keys)
            case .act(let act):
                own = references(in: act.with, captured) + family(act.party)
                captured.formUnion(act.captures.keys)
            case .assert(let assertion):
                own = assertion.systems.keys.sorted().flatMap(family)
            case .restart(let process, _), .process(let process, _), .backup(let process, _):
                own = LabCast.processes.contains(process) ? [] : ["no process \(process)"]
            case .advance, .remember, .behave, .audit: own = []
            }
            found += own.map { "\(index + 1). \(step.name): \($0)" }
        }
        return found
    }

    private func problems(_ injection: Injection, _ captured: Set<String>) -> [String] {
        var found = references(in: injection.payload, captured)
        found += family(injection.sender)
        if let step = injection.step, catalogue.step(step) == nil {
            found.append("no step \(step)")
        }
        guard injection.refused == nil else { return found }
        guard let topic = catalogue.topicIndex(of: injection.topic) else {
            return found + ["no layout \(injection.topic)"]
        }
        for recipient in injection.recipients {
            found += family(recipient)
            if !isRouted(injection, to: recipient, topic) {
                found.append("\(injection.topic) does not go to \(recipient)")
            }
        }
        guard found.isEmpty else { return found }
        return found + content(injection, catalogue.topic(topic).schema)
    }

    private func isRouted(
        _ injection: Injection, to recipient: ParticipantID, _ topic: TopicIndex
    ) -> Bool {
        guard let from = catalogue.familyIndex(of: injection.sender),
            let to = catalogue.familyIndex(of: recipient)
        else { return false }
        return catalogue.zones.contains { zone in
            guard injection.zone == nil || injection.zone == zone.id,
                let index = catalogue.zoneIndex(of: zone.id)
            else { return false }
            if case .allowed = catalogue.route(from: from, to: to, zone: index, topic: topic) {
                return true
            }
            return false
        }
    }

    /// The content with a stand-in for what is captured at run time, whose form cannot be told yet.
    private func content(_ injection: Injection, _ schema: CompiledSchema) -> [String] {
        let standIn = "captured"
        let names = Set(references(of: injection.payload).filter { $0.hasPrefix("capture.") })
        var captures: [String: JSONValue] = [:]
        for name in names { captures[String(name.dropFirst("capture.".count))] = .string(standIn) }
        let scope: JSONValue = [
            "people": .object(people.byKey.mapValues(\.items)), "capture": .object(captures),
            "clock": ["date": "2025-10-01", "date8": "20251001"], "run": "run",
        ]
        let payload: JSONValue
        do throws(ScenarioFault) {
            payload = try Template.fill(injection.payload, from: scope, file: file)
        } catch {
            return [error.text]
        }
        var checker = Checker()
        let bytes = payload.encoded
        switch checker.check(bytes.span, against: schema) {
        case .valid: return []
        case .malformed(let fault): return ["not JSON: \(fault)"]
        case .invalid(let violation):
            if payload.value(at: violation.instancePointer)?.string?.contains(standIn) == true {
                return []
            }
            let missing = violation.missingMember.map { " \($0)" } ?? ""
            let place = MaskedText.masked(violation.instancePointer)
            return ["payload\(place) breaks `\(violation.keyword)`\(missing)"]
        }
    }

    private func problems(_ expectation: HopExpectation) -> [String] {
        var found: [String] = []
        let pattern = expectation.pattern
        if let step = pattern.step, catalogue.step(step) == nil { found.append("no step \(step)") }
        let isTopic = pattern.type.contains("/")
        let isKnown =
            isTopic
            ? (try? Topic(pattern.type)).flatMap { catalogue.topicIndex(of: $0) } != nil
            : (try? MessageTypeName(pattern.type)).map { catalogue.knowsType($0) } ?? false
        if !isKnown, pattern.event != .refused { found.append("no layout \(pattern.type)") }
        for party in [pattern.from, pattern.to].compactMap(\.self) where party.rawValue != "hub" {
            found += family(party)
        }
        return found
    }

    private func family(_ participant: ParticipantID) -> [String] {
        catalogue.familyIndex(of: participant) == nil ? ["nobody is \(participant)"] : []
    }

    private func references(of value: JSONValue) -> [String] {
        var found: [String] = []
        value.forEachScalar { text, _ in found += Template.references(in: text) }
        return found
    }

    private func references(in value: JSONValue, _ captured: Set<String>) -> [String] {
        references(of: value).filter {
            $0.hasPrefix("capture.") && !captured.contains(String($0.dropFirst("capture.".count)))
        }.map { "nothing is captured yet as \($0)" }
    }
}
