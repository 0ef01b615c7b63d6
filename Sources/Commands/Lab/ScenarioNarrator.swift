internal import Messaging
internal import Simulation

/// Tells a scenario as it happens (経過の表示): a line per hop, a line per step, and what was checked at the end.
///
/// Where several are played, one line each, and below it only what failed.
final class ScenarioNarrator {
    private let printer: Printer
    private let onlyFailures: Bool
    private var failed: [StepResult] = []

    init(_ printer: Printer, onlyFailures: Bool = false) {
        self.printer = printer
        self.onlyFailures = onlyFailures
    }

    /// Names of parties nobody follows: the observer's own questions.
    private static let observer = "labObserver"

    func tell(_ event: ScenarioEvent) {
        if onlyFailures {
            if case .step(let step) = event, !step.passed { failed.append(step) }
            return
        }
        switch event {
        case .hop(let hop):
            guard HopText.isOutcome(hop), hop.source != Self.observer,
                hop.recipient != Self.observer
            else { return }
            say(Line(hop: hop)) { HopText.line(hop, printer.style) }
        case .step(let step):
            say(Line(step: Step(step))) { text(step) }
        }
    }

    func close(_ report: ScenarioReport, _ plan: ScenarioPlayPlan) throws {
        let summary = Summary(plan, report)
        try printer.item(Line(summary: summary)) {
            let number = report.number.map { $0 + " " } ?? ""
            return "\n\(number)\(report.title)  \(verdict(report.passed))  手順 \(summary.steps)  "
                + "\(Figures.tenths(summary.seconds))s" + again(plan, passed: report.passed)
        }
    }

    /// One of several runs, all its lines at once.
    func close(_ outcome: PlayOutcome) throws {
        let line = Line(
            step: failed.first.map(Step.init), summary: Summary(outcome.plan, outcome.report),
            fault: outcome.fault.map { "\($0.code): \($0.message)" })
        try printer.item(line) {
            let plan = outcome.plan
            let head =
                "\(mark(outcome.passed)) \(DisplayWidth.padded(plan.name, to: 7)) "
                + "\(plan.scenario.title)  \(Figures.tenths(outcome.duration / .seconds(1)))s"
            let details =
                failed.map { text($0) } + (outcome.fault.map { ["     \($0.message)"] } ?? [])
            return ([head] + details).joined(separator: "\n")
                + again(plan, passed: outcome.passed)
        }
    }

    private func verdict(_ passed: Bool) -> String {
        passed
            ? printer.style.dress("✓ すべて成立 every expectation holds", .good)
            : printer.style.dress("✕ 不成立 failed", .bad)
    }

    private func mark(_ passed: Bool) -> String {
        passed ? printer.style.dress("✓", .good) : printer.style.dress("✕", .bad)
    }

    /// The one line that plays it again.
    private func again(_ plan: ScenarioPlayPlan, passed: Bool) -> String {
        passed ? "" : "\n     再現 again: \(plan.command)"
    }

    private func text(_ step: StepResult) -> String {
        let style = printer.style
        let mark = step.passed ? style.dress("✓", .good) : style.dress("✕", .bad)
        var lines = [
            "\(mark) \(step.number). \(step.name)"
                + style.dress("  \(Figures.tenths(step.duration / .seconds(1)))s", .faint)
        ]
        if step.cells.isEmpty {
            lines += step.failures.map { "     \($0)" }
        } else {
            lines += cells(step.cells)
            // What the cells do not say: files, and systems that told nothing.
            let told = Set(step.cells.filter { !$0.holds }.map { "\($0.system).\($0.fact)" })
            lines += step.failures.filter { failure in
                !told.contains { failure.hasPrefix($0 + ":") }
            }
            .map { "     \($0)" }
        }
        if !step.nearMisses.isEmpty {
            lines.append("     近い電文 near misses:")
            for miss in step.nearMisses {
                lines.append("       " + HopText.line(miss.hop, style))
                lines += miss.differences.map { "         違い differs: \($0)" }
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Every system's checked state, one line a system.
    private func cells(_ cells: [StateCell]) -> [String] {
        let style = printer.style
        var order: [ParticipantID] = []
        var facts: [ParticipantID: [String]] = [:]
        for cell in cells {
            if facts[cell.system] == nil { order.append(cell.system) }
            let text =
                cell.holds
                ? "\(cell.fact)=\(cell.found ?? "-")"
                : "\(cell.fact)=\(cell.found ?? "なし nothing") (期待 expected \(cell.expected))"
            facts[cell.system, default: []].append(style.dress(text, cell.holds ? .plain : .bad))
        }
        let width = order.map { $0.rawValue.utf8.count }.max() ?? 0
        return order.map { system in
            let holds = cells.allSatisfy { $0.system != system || $0.holds }
            let mark = holds ? style.dress("✓", .good) : style.dress("✕", .bad)
            let name = DisplayWidth.padded(system.rawValue, to: width)
            return "     \(mark) \(name)  \(facts[system, default: []].joined(separator: "  "))"
        }
    }

    private func say(_ line: Line, _ text: () -> String) {
        // A line that cannot be encoded does not exist: all its values are texts and numbers.
        try? printer.item(line, text: text)
    }

    private struct Line: Encodable {
        var hop: HopEvent?
        var step: Step?
        var summary: Summary?
        var fault: String?
    }

    private struct Step: Encodable {
        let number: Int
        let name: String
        let passed: Bool
        let failures: [String]
        let nearMisses: [Near]
        let cells: [Cell]

        init(_ result: StepResult) {
            number = result.number
            name = result.name
            passed = result.passed
            failures = result.failures
            nearMisses = result.nearMisses.map { Near(hop: $0.hop, differences: $0.differences) }
            cells = result.cells.map {
                Cell(
                    system: $0.system.rawValue, fact: $0.fact, expected: $0.expected,
                    found: $0.found, holds: $0.holds)
            }
        }
    }

    private struct Near: Encodable {
        let hop: HopEvent
        let differences: [String]
    }

    private struct Cell: Encodable {
        let system: String
        let fact: String
        let expected: String
        let found: String?
        let holds: Bool
    }

    private struct Summary: Encodable {
        let scenario: String
        let number: String?
        let file: String
        let seed: UInt64
        let passed: Bool
        let steps: Int
        let hops: Int
        let seconds: Double

        init(_ plan: ScenarioPlayPlan, _ report: ScenarioReport?) {
            scenario = plan.scenario.title
            number = plan.scenario.number
            file = plan.file
            seed = plan.seed
            passed = report?.passed ?? false
            steps = report?.results.count ?? 0
            hops = report?.hops.count ?? 0
            seconds = (report?.duration ?? .zero) / .seconds(1)
        }
    }
}
