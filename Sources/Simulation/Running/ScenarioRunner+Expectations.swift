import Messaging

/// What a scenario waits for and compares (期待の照合): hop lines, states, files.
extension ScenarioRunner {
    func expect(
        _ expectation: HopExpectation, _ observe: (ScenarioEvent) -> Void
    ) throws -> Outcome {
        let match = try HopMatch(expectation.pattern) { try filled($0) }
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
            outcome.nearMisses = match.nearMisses(
                session.hops.events(from: firstHop), tooMany: seen > expectation.count)
            outcome.failures += try refusals()
            return outcome
        }
        standing[expectation.pattern] = expectation.count
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
            request["correlation"] = .string(try filled(correlation))
        }
        let newest = try session.ask(.object(request))["messages"]?.array?.last
        return Outcome(failures: capture(expectation.captures, out: newest?["payload"]))
    }

    func assert(
        _ assertion: Assertion, _ observe: (ScenarioEvent) -> Void
    ) throws -> Outcome {
        let person = try assertion.person.map(person)
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
        if let name = assertion.same {
            outcome.failures += try differences(since: name)
        }
        return outcome
    }

    /// Looks through a day's evidence as an operator does.
    func look(into audit: Audit) throws -> Outcome {
        let found = try session.record.findings(of: audit.zone, on: try filled(audit.day))
        // A kind without a finding is told as none.
        let facts = audit.findings.mapValues { _ in JSONValue.integer(0) }
            .merging(found.mapValues(JSONValue.integer)) { $1 }
        return Outcome(
            failures: FactMatch.differences(
                audit.findings, facts, of: LabCast.operatorIdentity))
    }

    /// Keeps what systems tell now, of themselves and of a person.
    func remember(_ memory: Memory) throws -> Outcome {
        let person = try memory.person.map(person)
        var told: [ParticipantID: [String: JSONValue]] = [:]
        for system in memory.systems {
            guard let facts = try everything(of: system, about: person) else {
                return Outcome(failures: ["\(system) has not told its state"])
            }
            told[system] = facts
        }
        memories[memory.name] = Remembered(person: memory.person, told: told)
        return Outcome()
    }

    private func differences(since name: String) throws -> [String] {
        guard let memory = memories[name] else { return ["nothing is remembered as \(name)"] }
        let person = try memory.person.map(person)
        var found: [String] = []
        for (system, facts) in memory.told.sorted(by: { $0.key < $1.key }) {
            found += FactMatch.changes(
                facts, try everything(of: system, about: person), of: system)
        }
        return found
    }

    /// A system's facts in general and, prefixed, those about a person it knows; nil when it does not answer.
    private func everything(
        of system: ParticipantID, about person: Person?
    ) throws -> [String: JSONValue]? {
        guard var facts = try session.facts(of: system, about: nil) else { return nil }
        if let person {
            for (name, value) in try session.facts(of: system, about: person) ?? [:] {
                facts["\(person.key).\(name)"] = value
            }
        }
        return facts
    }

    private func person(_ key: String) throws -> Person {
        guard let known = people.byKey[key] else {
            throw ScenarioFault(file: file, "nobody is called \(key)")
        }
        return known
    }

    // MARK: - Invariants

    func checkInvariants(from number: Int) throws -> [StepResult] {
        var results: [StepResult] = []
        func add(_ name: String, _ failures: [String], _ events: [HopEvent] = []) {
            results.append(
                StepResult(
                    number: number + results.count, name: name, failures: failures,
                    nearMisses: events.prefix(HopMatch.nearMissLimit).map {
                        NearMiss(hop: $0, differences: [])
                    }, cells: [], duration: .zero))
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
        add("counts stand", try countsThatChanged(events))
        return results
    }

    /// What was counted since the scenario last did something must not have come again.
    ///
    /// Later actions have consequences of their own, which are theirs to count.
    func countsThatChanged(_ events: [HopEvent]) throws -> [String] {
        var again: [String] = []
        for (pattern, count) in standing {
            let seen = try HopMatch(pattern) { try filled($0) }.count(events)
            if seen != count { again.append("\(pattern.type): \(count) counted, \(seen) now") }
        }
        if session.hops.dropped > 0 { again.append("\(session.hops.dropped) hop lines were lost") }
        return again.sorted()
    }

    private func check(_ search: FileSearch) throws -> [String] {
        var roots: [String] = []
        for place in search.places {
            guard let found = lab.directory.places(place) else {
                return ["there is no place \(place)"]
            }
            roots += found
        }
        let texts = try search.absent.map { try filled($0) }
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
}
