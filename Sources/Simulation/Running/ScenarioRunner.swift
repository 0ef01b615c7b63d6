import Messaging
import Platform

/// Plays one scenario against a lab that runs (シナリオの実行): injects, waits, compares, and stops at the first failure.
///
/// Blocks; run it on a plain thread.
package final class ScenarioRunner {
    let lab: Lab
    let session: LabSession
    let scenario: Scenario
    let people: People
    let file: String
    /// Whose hops are counted begins here: what is set up before is not.
    private(set) var firstHop: Int
    private var toldHops: Int
    var captures: [String: JSONValue] = [:]
    /// What systems told when it was remembered, by name.
    var memories: [String: Remembered] = [:]
    /// What was counted since the scenario last did something.
    var standing: [HopExpectation.Pattern: Int] = [:]
    /// Names of the run, made of the seed: the same seed gives the same correlations.
    let run: String
    private let seed: UInt64
    /// Makes the names of control requests new in a lab that has seen this seed before.
    private let nonce = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    private var requests = 0

    package init(
        _ scenario: Scenario, file: String, lab: Lab, session: LabSession, people: People,
        seed: UInt64 = .random(in: 0...UInt64(UInt32.max))
    ) {
        self.scenario = scenario
        self.file = file
        self.lab = lab
        self.session = session
        self.people = people
        self.seed = seed
        firstHop = session.hops.count
        toldHops = firstHop
        var generator = SeededGenerator(seed: seed)
        run = String(UInt32.random(in: 0...UInt32.max, using: &generator), radix: 36)
    }

    /// Plays it and returns what came of it; throws where the lab itself fails (``LabFault``, ``ControlFault``).
    package func run(
        _ observe: (ScenarioEvent) -> Void = { _ in }
    ) throws -> ScenarioReport {
        let begun = ContinuousClock.now
        if let start = scenario.start, lab.clock.now() < start { lab.clock.set(to: start) }
        var results: [StepResult] = []
        func note(_ result: StepResult) {
            results.append(result)
            observe(.step(result))
        }
        if scenario.setting.hasResidents {
            note(try settle(scenario.setting))
            firstHop = session.hops.count
            toldHops = firstHop
        }
        if results.allSatisfy(\.passed) {
            for (index, step) in scenario.steps.enumerated() {
                note(try carryOut(step, number: index + 1, observe))
                guard results.last?.passed == true else { break }
            }
        }
        if results.allSatisfy(\.passed) {
            for result in try checkInvariants(from: scenario.steps.count + 1) { note(result) }
        }
        tellHops(observe)
        return ScenarioReport(
            title: scenario.title, number: scenario.number, rules: scenario.rules, seed: seed,
            results: results, hops: session.hops.events(from: firstHop), duration: .now - begun)
    }

    private func settle(_ setting: ScenarioSetting) throws -> StepResult {
        let begun = ContinuousClock.now
        let failures = try Population(self).register(
            setting.residents, and: setting.population)
        return StepResult(
            number: 0,
            name: "事前の状態 住民 \(setting.residents.count + (setting.population?.count ?? 0))人",
            failures: failures,
            nearMisses: [], cells: [], duration: .now - begun)
    }

    private func carryOut(
        _ step: ScenarioStep, number: Int, _ observe: (ScenarioEvent) -> Void
    ) throws -> StepResult {
        let begun = ContinuousClock.now
        var outcome = Outcome()
        if step.changesSomething {
            outcome.failures = try countsThatChanged(session.hops.events(from: firstHop))
            standing = [:]
        }
        guard outcome.failures.isEmpty else {
            return StepResult(
                number: number, name: "counts stand (\(step.name))", failures: outcome.failures,
                nearMisses: [], cells: [], duration: .now - begun)
        }
        switch step.action {
        case .inject(let injection): outcome = try inject(injection)
        case .act(let act): outcome = try carryOut(act)
        case .behave(let behaviour): outcome = try behave(behaviour)
        case .expect(let expectation): outcome = try expect(expectation, observe)
        case .assert(let assertion): outcome = try assert(assertion, observe)
        case .remember(let memory): outcome = try remember(memory)
        case .audit(let audit): outcome = try look(into: audit)
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
        case .process(let process, .stop): try lab.stop(process)
        case .process(let process, .kill): try lab.kill(process)
        case .process(let process, .start):
            try lab.start(process)
            try LabReadiness.wait(for: process, of: lab, session)
        case .backup(let process, let name): try lab.backUp(process, as: name)
        }
        tellHops(observe)
        return StepResult(
            number: number, name: step.name, failures: outcome.failures,
            nearMisses: outcome.nearMisses, cells: outcome.cells, duration: .now - begun)
    }

    struct Remembered {
        let person: String?
        let told: [ParticipantID: [String: JSONValue]]
    }

    struct Outcome {
        var failures: [String] = []
        var nearMisses: [NearMiss] = []
        var cells: [StateCell] = []
    }

    // MARK: - Words

    /// What templates may refer to.
    var scope: JSONValue {
        let today = lab.clock.now().day
        return [
            "people": .object(people.byKey.mapValues(\.items)), "capture": .object(captures),
            "clock": ["date": .string(today.iso), "date8": .string(today.date8)],
            "run": .string(run),
        ]
    }

    func filled(_ text: String) throws -> String {
        try Template.fill(text, from: scope, file: file)
    }

    func filled(_ value: JSONValue) throws -> JSONValue {
        try Template.fill(value, from: scope, file: file)
    }

    /// A name no request of this or an earlier run has: what is asked twice under one name is done once.
    func requestName() -> String {
        requests += 1
        return "\(run)-\(nonce)-\(requests)"
    }

    func tellHops(_ observe: (ScenarioEvent) -> Void) {
        let events = session.hops.events(from: toldHops)
        toldHops += events.count
        for event in events { observe(.hop(event)) }
    }
}

/// Numbers that a seed decides (乱数列): SplitMix64.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
