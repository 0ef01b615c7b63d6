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
        lines += step.failures.map { "     \($0)" }
        if !step.nearMisses.isEmpty {
            lines.append("     近い電文 near misses:")
            lines += step.nearMisses.map { "       " + HopText.line($0, style) }
        }
        return lines.joined(separator: "\n")
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

        init(_ result: StepResult) {
            number = result.number
            name = result.name
            passed = result.passed
            failures = result.failures
        }
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
