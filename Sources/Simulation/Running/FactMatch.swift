import Messaging

/// Compares facts with what was expected (事実の照合).
enum FactMatch {
    /// One cell for each fact that was expected, by name.
    static func cells(
        _ expected: [String: JSONValue], _ facts: [String: JSONValue]?, of system: ParticipantID
    ) -> [StateCell] {
        expected.sorted { $0.key < $1.key }.map { name, value in
            let found = facts?[name]
            return StateCell(
                system: system, fact: name, expected: text(value), found: found.map(text),
                holds: found.map { holds(value, $0) } ?? false)
        }
    }

    /// One sentence for each difference. Facts hold no personal number, so both sides may be told.
    static func differences(
        _ expected: [String: JSONValue], _ facts: [String: JSONValue]?, of system: ParticipantID
    ) -> [String] {
        guard facts != nil else { return ["\(system) has not told its state"] }
        return cells(expected, facts, of: system).filter { !$0.holds }.map {
            "\(system).\($0.fact): \($0.expected) expected, \($0.found ?? "nothing") found"
        }
    }

    /// One sentence for each fact that is another than before, is new or is gone.
    static func changes(
        _ before: [String: JSONValue], _ now: [String: JSONValue]?, of system: ParticipantID
    ) -> [String] {
        guard let now else { return ["\(system) has not told its state"] }
        return Set(before.keys).union(now.keys).sorted().compactMap { name in
            guard before[name] != now[name] else { return nil }
            return
                "\(system).\(name): \(before[name].map(text) ?? "nothing") before, \(now[name].map(text) ?? "nothing") now"
        }
    }

    private static func holds(_ expected: JSONValue, _ found: JSONValue) -> Bool {
        if expected == found { return true }
        guard let text = expected.string, let number = found.integer else { return false }
        for (sign, compare) in comparisons where text.hasPrefix(sign) {
            guard let bound = Int(text.dropFirst(sign.count)) else { return false }
            return compare(number, bound)
        }
        return false
    }

    private static let comparisons: [(String, @Sendable (Int, Int) -> Bool)] = [
        (">=", { $0 >= $1 }), ("<=", { $0 <= $1 }), (">", { $0 > $1 }), ("<", { $0 < $1 }),
    ]

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): String(flag)
        case .integer(let number): String(number)
        case .string(let text): text
        case .array, .object: "…"
        }
    }
}
