import Messaging

/// What a scenario file may not hold although the schema lets it (シナリオの点検).
///
/// No literal of eleven or twelve digits, whatever it is meant to be, however it is written, and not in a comment
/// either: numbers come from the people file.
/// Every `${…}` must be of a known kind and name somebody who exists.
package enum ScenarioLint {
    private static let forbiddenRuns = 11...12

    static func check(
        _ document: JSONValue, file: String, people: People
    ) throws(ScenarioFault) {
        var faults: [ScenarioFault] = []
        document.forEachScalar { text, place in
            if holdsNumber(text) {
                faults.append(
                    ScenarioFault(
                        file: file, pointer: place,
                        "a number of eleven or twelve digits: name people by key instead"))
            }
            for reference in Template.references(in: text) where !isKnown(reference, people) {
                faults.append(
                    ScenarioFault(file: file, pointer: place, "no such reference: \(reference)"))
            }
        }
        if let first = faults.first { throw first }
    }

    /// What the document no longer shows: comments, and anything a reader folded away.
    static func check(text: String, file: String) throws(ScenarioFault) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        where digitRuns(of: String(line)).contains(where: forbiddenRuns.contains) {
            throw ScenarioFault(
                file: file, line: index + 1,
                "a number of eleven or twelve digits: name people by key instead")
        }
    }

    /// A run of eleven or twelve digits, or a 個人番号 written with spaces and hyphens.
    private static func holdsNumber(_ text: String) -> Bool {
        digitRuns(of: text).contains(where: forbiddenRuns.contains)
            || NumberScan.hits(in: text) > 0
    }

    private static func isKnown(_ reference: String, _ people: People) -> Bool {
        let parts = reference.split(separator: ".", omittingEmptySubsequences: false)
        switch parts.first {
        case "people":
            guard parts.count == 3, let person = people.byKey[String(parts[1])] else {
                return false
            }
            return person.items[String(parts[2])] != nil
        case "capture": return parts.count == 2
        case "clock": return parts.count == 2 && ["date", "date8"].contains(parts[1])
        case "run": return parts.count == 1
        default: return false
        }
    }

    private static func digitRuns(of text: String) -> [Int] {
        var runs: [Int] = []
        var run = 0
        for scalar in text.unicodeScalars {
            if scalar.properties.numericType == .decimal {
                run += 1
            } else if run > 0 {
                runs.append(run)
                run = 0
            }
        }
        return run > 0 ? runs + [run] : runs
    }
}
