internal import Foundation
internal import Simulation

/// A report in the form CI servers read (JUnit形式の報告): a test suite a run, a test case a step.
enum JUnitReport {
    static func write(_ outcomes: [PlayOutcome], to path: String) throws {
        do {
            try Data(text(outcomes).utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandFailure(
                "report-not-written", "報告を書けません (cannot write \(path))",
                hint: "--report junit:FILE で書ける場所を指定 (name a writable place)")
        }
    }

    static func text(_ outcomes: [PlayOutcome]) -> String {
        let suites = outcomes.map(suite)
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            + suites.joined() + "</testsuites>\n"
    }

    private static func suite(_ outcome: PlayOutcome) -> String {
        let results = outcome.report?.results ?? []
        let failures = results.count { !$0.passed }
        var text =
            "  <testsuite name=\"\(escaped(outcome.plan.name + " " + outcome.plan.scenario.title))\" "
            + "tests=\"\(max(results.count, 1))\" failures=\"\(failures)\" "
            + "errors=\"\(outcome.fault == nil ? 0 : 1)\" time=\"\(seconds(outcome.duration))\">\n"
        text +=
            "    <properties><property name=\"seed\" value=\"\(outcome.plan.seed)\"/>"
            + "<property name=\"repeat\" value=\"\(escaped(outcome.plan.command))\"/></properties>\n"
        for result in results { text += testCase(result, of: outcome.plan) }
        if let fault = outcome.fault {
            text +=
                "    <testcase classname=\"\(escaped(outcome.plan.name))\" name=\"lab\">"
                + "<error type=\"\(escaped(fault.code))\" message=\"\(escaped(fault.message))\"/></testcase>\n"
        }
        return text + "  </testsuite>\n"
    }

    private static func testCase(_ result: StepResult, of plan: ScenarioPlayPlan) -> String {
        let head =
            "    <testcase classname=\"\(escaped(plan.name))\" "
            + "name=\"\(escaped("\(result.number). \(result.name)"))\" time=\"\(seconds(result.duration))\""
        guard !result.passed else { return head + "/>\n" }
        let details =
            result.nearMisses.map {
                "\($0.hop.source ?? "?") → \($0.hop.recipient ?? "?") \($0.hop.type ?? "?"): "
                    + $0.differences.joined(separator: "; ")
            } + [plan.command]
        return head + "><failure message=\"\(escaped(result.failures.joined(separator: "; ")))\">"
            + escaped(details.joined(separator: "\n")) + "</failure></testcase>\n"
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = Int(duration / .milliseconds(1))
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// Characters XML forbids, control characters among them, become a space.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += "&#10;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped += " "
            case _: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
