internal import Messaging
internal import Simulation

/// Tells a scenario as it happens (経過の表示): a line per hop, a line per step, and what was checked at the end.
final class ScenarioNarrator {
    private let printer: Printer

    init(_ printer: Printer) { self.printer = printer }

    /// Names of parties nobody follows: the observer's own questions.
    private static let observer = "labObserver"

    func tell(_ event: ScenarioEvent) {
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

    func close(_ report: ScenarioReport, file: String) throws {
        let summary = Summary(
            scenario: report.title, number: report.number, file: file, passed: report.passed,
            steps: report.results.count, hops: report.hops.count,
            seconds: report.duration / .seconds(1))
        let verdict =
            report.passed
            ? printer.style.dress("✓ すべて成立 every expectation holds", .good)
            : printer.style.dress("✕ 不成立 failed", .bad)
        try printer.item(Line(summary: summary)) {
            let number = report.number.map { $0 + " " } ?? ""
            return "\n\(number)\(report.title)  \(verdict)  手順 \(summary.steps)  "
                + "\(Figures.tenths(summary.seconds))s"
        }
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
            lines += step.nearMisses.map { "       " + HopText.line($0, style) }
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
    }

    private struct Step: Encodable {
        let number: Int
        let name: String
        let passed: Bool
        let failures: [String]
        let cells: [Cell]

        init(_ result: StepResult) {
            number = result.number
            name = result.name
            passed = result.passed
            failures = result.failures
            cells = result.cells.map {
                Cell(
                    system: $0.system.rawValue, fact: $0.fact, expected: $0.expected,
                    found: $0.found, holds: $0.holds)
            }
        }
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
        let passed: Bool
        let steps: Int
        let hops: Int
        let seconds: Double
    }
}
