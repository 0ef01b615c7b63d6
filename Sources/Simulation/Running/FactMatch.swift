import Messaging

/// Compares facts with what was expected (事実の照合).
enum FactMatch {
    /// One sentence for each difference. Facts hold no personal number, so both sides may be told.
    static func differences(
        _ expected: [String: JSONValue], _ facts: [String: JSONValue]?, of system: ParticipantID
    ) -> [String] {
        guard let facts else { return ["\(system) has not told its state"] }
        return expected.sorted { $0.key < $1.key }.compactMap { name, value in
            let found = facts[name]
            if let found, holds(value, found) { return nil }
            return
                "\(system).\(name): \(text(value)) expected, \(found.map(text) ?? "nothing") found"
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
