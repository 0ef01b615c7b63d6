internal import FoundationEssentials
internal import Platform
internal import Simulation
internal import Synchronization
internal import ZeroMQ

/// What came of one run (実行の結果).
struct PlayOutcome: Sendable {
    let plan: ScenarioPlayPlan
    /// Nil where the lab itself failed.
    let report: ScenarioReport?
    let fault: CommandFailure?
    let duration: Duration

    var passed: Bool { report?.passed == true }
}

/// Plays runs one after another or several at a time (シナリオの一括実行), each in a lab of its own.
struct ScenarioSuite {
    let command: SimRunCommand
    let printer: Printer
    let running: RunningStages

    func play(_ plans: [ScenarioPlayPlan]) throws -> [PlayOutcome] {
        if plans.count == 1 { return [try alone(plans[0])] }
        let next = Atomic(0)
        let outcomes = Mutex([PlayOutcome?](repeating: nil, count: plans.count))
        let work: @Sendable () -> Void = {
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < plans.count else { return }
                let outcome = together(plans[index])
                outcomes.withLock { $0[index] = outcome }
            }
        }
        if command.jobs == 1 {
            work()
        } else {
            var threads: [SocketThread] = []
            for number in 1...min(command.jobs, plans.count) {
                threads.append(try SocketThread(name: "sim-\(number)", body: work))
            }
            for thread in threads { thread.join() }
        }
        return outcomes.withLock { $0.compactMap(\.self) }
    }

    /// One run with everything it tells.
    private func alone(_ plan: ScenarioPlayPlan) throws -> PlayOutcome {
        let begun = ContinuousClock.now
        let stage = try Stage(command, plan, alone: true)
        running.add(stage)
        defer { running.remove(stage) }
        let narrator = ScenarioNarrator(printer)
        let report = try stage.play(narrator)
        try narrator.close(report, plan)
        let outcome = PlayOutcome(
            plan: plan, report: report, fault: nil, duration: .now - begun)
        if command.stay {
            printer.next(
                "jukihub status --lab \(stage.directory)",
                "jukihub trace --last --lab \(stage.directory)")
            printer.note("Ctrl-C で終了 stays until Ctrl-C")
            stage.stay()
        }
        try stage.leave(outcome)
        return outcome
    }

    /// One of several runs: one line, and what failed.
    private func together(_ plan: ScenarioPlayPlan) -> PlayOutcome {
        let begun = ContinuousClock.now
        let narrator = ScenarioNarrator(printer, onlyFailures: true)
        var report: ScenarioReport?
        var fault: CommandFailure?
        do {
            let stage = try Stage(command, plan, alone: false)
            running.add(stage)
            defer { running.remove(stage) }
            let played = try stage.play(narrator)
            report = played
            try stage.leave(
                PlayOutcome(plan: plan, report: played, fault: nil, duration: .now - begun))
        } catch let failure as CommandFailure {
            fault = failure
        } catch {
            fault = CommandFailure("lab-failed", "\(error)", hint: plan.command)
        }
        let outcome = PlayOutcome(
            plan: plan, report: report, fault: fault, duration: .now - begun)
        // A line that cannot be encoded does not exist: all its values are texts and numbers.
        try? narrator.close(outcome)
        return outcome
    }

    private struct Summary: Encodable {
        let runs: Int
        let passed: Int
        let failed: [String]
        let seconds: Double
    }

    func summarise(_ outcomes: [PlayOutcome], seconds: Double) throws {
        let failed = outcomes.filter { !$0.passed }
        let summary = Summary(
            runs: outcomes.count, passed: outcomes.count - failed.count,
            failed: failed.map(\.plan.name), seconds: seconds)
        try printer.item(["suite": summary]) {
            let verdict =
                failed.isEmpty
                ? printer.style.dress("✓ すべて成立 every scenario holds", .good)
                : printer.style.dress(
                    "✕ 不成立 failed: \(summary.failed.joined(separator: " "))", .bad)
            return
                "\nシナリオ scenarios \(summary.passed)/\(summary.runs)  \(verdict)  \(Figures.tenths(seconds))s"
        }
    }

    /// Nil when every run passed.
    func exit(_ outcomes: [PlayOutcome]) -> ExitStatus? {
        if outcomes.isEmpty { return .unknown }
        if outcomes.contains(where: { $0.fault?.exit == .infrastructure }) {
            return .infrastructure
        }
        return outcomes.allSatisfy(\.passed) ? nil : .failure
    }
}

/// The labs running now (実行中の検証環境), so that a signal puts all of them away.
final class RunningStages: Sendable {
    private let actions = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

    func add(_ stage: Stage) {
        let action = stage.putAway
        actions.withLock { $0[ObjectIdentifier(stage)] = action }
    }

    func remove(_ stage: Stage) { actions.withLock { $0[ObjectIdentifier(stage)] = nil } }

    func putAway() { for action in actions.withLock({ Array($0.values) }) { action() } }
}
