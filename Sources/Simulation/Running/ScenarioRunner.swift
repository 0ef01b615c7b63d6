import Messaging
import Platform

/// Plays one scenario against a lab that runs (シナリオの実行): injects, waits, compares, and stops at the first failure.
///
/// Blocks; run it on a plain thread.
package final class ScenarioRunner {
    private let lab: Lab
    private let session: LabSession
    private let scenario: Scenario
    private let people: People
    private let file: String
    private let firstHop: Int
    private var toldHops: Int
    private var captures: [String: JSONValue] = [:]
    private let run: String
    private var injections = 0

    package init(
        _ scenario: Scenario, file: String, lab: Lab, session: LabSession, people: People
    ) {
        self.scenario = scenario
        self.file = file
        self.lab = lab
        self.session = session
        self.people = people
        firstHop = session.hops.count
        toldHops = firstHop
        run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    /// Plays it and returns what came of it; throws where the lab itself fails (``LabFault``, ``ControlFault``).
    package func run(
        _ observe: (ScenarioEvent) -> Void = { _ in }
    ) throws -> ScenarioReport {
        let begun = ContinuousClock.now
        if let start = scenario.start, lab.clock.now() < start { lab.clock.set(to: start) }
        var results: [StepResult] = []
        for step in scenario.steps {
            let result = try carryOut(step, number: results.count + 1, observe)
            results.append(result)
            observe(.step(result))
            guard result.passed else { break }
        }
        if results.allSatisfy(\.passed) {
            for result in try checkInvariants(from: results.count + 1) {
                results.append(result)
                observe(.step(result))
            }
        }
        tellHops(observe)
        return ScenarioReport(
            title: scenario.title, number: scenario.number, results: results,
            hops: session.hops.events(from: firstHop), duration: .now - begun)
    }

    private func carryOut(
        _ step: ScenarioStep, number: Int, _ observe: (ScenarioEvent) -> Void
    ) throws -> StepResult {
        let begun = ContinuousClock.now
        var outcome = Outcome()
        switch step.action {
        case .inject(let injection): outcome = try inject(injection)
        case .expect(let expectation): outcome = try expect(expectation, observe)
        case .assert(let assertion): outcome = try assert(assertion, observe)
        case .advance(.to(let time)):
            if time < lab.clock.now() {
                outcome.failures = ["the clock is past that time already"]
            } else {
                lab.clock.set(to: time)
            }
        case .advance(.by(let duration)): lab.clock.advance(by: duration)
        case .restart(let process, let kill):
            try kill ? lab.kill(process) : lab.stop(process)
            try lab.start(process)
            try LabReadiness.wait(for: process, of: lab, session)
        }
        tellHops(observe)
        return StepResult(
            number: number, name: step.name, failures: outcome.failures,
            nearMisses: outcome.nearMisses, cells: outcome.cells, duration: .now - begun)
    }

    private struct Outcome {
        var failures: [String] = []
        var nearMisses: [HopEvent] = []
        var cells: [StateCell] = []
    }

    // MARK: - Steps

    private func inject(_ injection: Injection) throws -> Outcome {
        let scope = scope
        injections += 1
        var request: [String: JSONValue] = [
            "operation": "inject", "request": .string("\(run)-\(injections)"),
            "as": .string(injection.sender.rawValue),
            "type": .string(injection.topic.rawValue),
            "to": .array(injection.recipients.map { .string($0.rawValue) }),
            "correlation": .string(
                try Template.fill(injection.correlation, from: scope, file: file)),
            "payload": try Template.fill(injection.payload, from: scope, file: file),
        ]
        request["zone"] = (injection.zone?.rawValue).map(JSONValue.string)
        request["step"] = (injection.step?.rawValue).map(JSONValue.string)
        request["operator"] = (injection.operatorID?.rawValue).map(JSONValue.string)
        request["terminal"] = (injection.terminal?.rawValue).map(JSONValue.string)
        request["businessTask"] = injection.businessTask.map(JSONValue.string)
        request["legalBasis"] = injection.legalBasis.map(JSONValue.string)
        if let cause = injection.causation {
            request["causation"] = .string(try Template.fill(cause, from: scope, file: file))
        }
        if let lifetime = injection.expiresIn {
            request["expiry"] = .string((lab.clock.now() + lifetime).rfc3339)
        }
        do {
            _ = try session.ask(.object(request))
            return Outcome()
        } catch let fault as ControlFault where fault.code != "timeout" {
            return Outcome(failures: [fault.description])
        }
    }

    private func expect(
        _ expectation: HopExpectation, _ observe: (ScenarioEvent) -> Void
    ) throws -> Outcome {
        let match = try HopMatch(expectation.pattern) { text in
            try Template.fill(text, from: scope, file: file)
        }
        var seen = 0
        func countNow() -> Int { match.count(session.hops.events(from: firstHop)) }
        let deadline = ContinuousClock.now + expectation.within
        _ = try session.wait(until: deadline) {
            session.completeHops()
            tellHops(observe)
            seen = countNow()
            // None is only certain when the time is over.
            return seen > expectation.count || (seen == expectation.count && seen > 0)
        }
        guard seen == expectation.count else {
            var outcome = Outcome(failures: ["\(expectation.count) expected, \(seen) seen"])
            outcome.nearMisses = match.nearMisses(session.hops.events(from: firstHop))
            outcome.failures += try refusals()
            return outcome
        }
        return try capture(expectation)
    }

    /// Reads what later steps refer to out of what the receiver, an outside party, has got.
    private func capture(_ expectation: HopExpectation) throws -> Outcome {
        guard !expectation.captures.isEmpty, let party = expectation.pattern.to else {
            return Outcome()
        }
        var request: [String: JSONValue] = [
            "operation": "received", "party": .string(party.rawValue),
            "type": .string(expectation.pattern.type),
        ]
        if let correlation = expectation.pattern.correlation {
            request["correlation"] = .string(
                try Template.fill(correlation, from: scope, file: file))
        }
        let newest = try session.ask(.object(request))["messages"]?.array?.last
        for (name, pointer) in expectation.captures {
            guard let value = newest?["payload"]?.value(at: pointer) else {
                return Outcome(failures: ["nothing stands at \(pointer)"])
            }
            captures[name] = value
        }
        return Outcome()
    }

    private func assert(
        _ assertion: Assertion, _ observe: (ScenarioEvent) -> Void
    ) throws -> Outcome {
        let person: Person?
        if let key = assertion.person {
            guard let known = people.byKey[key] else {
                return Outcome(failures: ["nobody is called \(key)"])
            }
            person = known
        } else {
            person = nil
        }
        var open = assertion.systems
        var failures: [ParticipantID: [String]] = [:]
        var cells: [ParticipantID: [StateCell]] = [:]
        _ = try session.wait(until: .now + assertion.within) {
            tellHops(observe)
            for (system, expected) in open.sorted(by: { $0.key < $1.key }) {
                let facts = try session.facts(of: system, about: person)
                failures[system] = FactMatch.differences(expected, facts, of: system)
                cells[system] = FactMatch.cells(expected, facts, of: system)
                if failures[system]?.isEmpty == true { open[system] = nil }
            }
            return open.isEmpty
        }
        var outcome = Outcome(failures: failures.sorted { $0.key < $1.key }.flatMap(\.value))
        outcome.cells = cells.sorted { $0.key < $1.key }.flatMap(\.value)
        for search in assertion.files { outcome.failures += try check(search) }
        return outcome
    }

    // MARK: - Invariants

    private func checkInvariants(from number: Int) throws -> [StepResult] {
        var results: [StepResult] = []
        func add(_ name: String, _ failures: [String], _ events: [HopEvent] = []) {
            results.append(
                StepResult(
                    number: number + results.count, name: name, failures: failures,
                    nearMisses: Array(events.prefix(HopMatch.nearMissLimit)), cells: [],
                    duration: .zero))
        }
        if try !session.wait(
            until: .now + LabSession.answerTimeout, { session.completeHops(now: true) })
        {
            add("records read", ["a restarted hub does not tell its record"])
        }
        let events = session.hops.events(from: firstHop)
        for invariant in scenario.always {
            switch invariant {
            case .noEvent(let kind):
                let lines = events.filter { $0.event == kind }
                add("never \(kind.rawValue)", lines.isEmpty ? [] : ["\(lines.count) seen"], lines)
            case .files(let search):
                add("files \(search.places.joined(separator: ", "))", try check(search))
            }
        }
        // What was counted once must not have come again since.
        var last: [HopExpectation.Pattern: Int] = [:]
        for case .expect(let expectation) in scenario.steps.map(\.action) {
            last[expectation.pattern] = expectation.count
        }
        var again: [String] = []
        for (pattern, count) in last {
            let match = try HopMatch(pattern) { try Template.fill($0, from: scope, file: file) }
            let seen = match.count(events)
            if seen != count {
                again.append("\(pattern.type): \(count) expected, \(seen) at the end")
            }
        }
        if session.hops.dropped > 0 { again.append("\(session.hops.dropped) hop lines were lost") }
        add("counts stand", again.sorted())
        return results
    }

    private func check(_ search: FileSearch) throws -> [String] {
        var roots: [String] = []
        for place in search.places {
            guard let found = lab.directory.places(place) else {
                return ["there is no place \(place)"]
            }
            roots += found
        }
        let texts = try search.absent.map { try Template.fill($0, from: scope, file: file) }
        let found = try FileScan.files(under: roots, holding: texts)
        // The path says enough; the text is what must not be seen.
        return found.map {
            "\($0.replacing(lab.directory.root + "/", with: "")) holds what it must not"
        }
    }

    /// What hubs refused the outside, as codes: most often the reason why nothing came.
    private func refusals() throws -> [String] {
        (try session.ask(["operation": "refusals"]).object ?? [:]).sorted { $0.key < $1.key }
            .flatMap { party, refusals in
                (refusals.array ?? []).map {
                    "refused to \(party): \($0["code"]?.string ?? "?") \($0["pointer"]?.string ?? "")"
                }
            }
    }

    // MARK: - Words

    private var scope: JSONValue {
        let today = lab.clock.now().day
        return [
            "people": .object(people.byKey.mapValues(\.items)), "capture": .object(captures),
            "clock": ["date": .string(today.iso), "date8": .string(today.date8)],
            "run": .string(run),
        ]
    }

    private func tellHops(_ observe: (ScenarioEvent) -> Void) {
        let events = session.hops.events(from: toldHops)
        toldHops += events.count
        for event in events { observe(.hop(event)) }
    }
}
