import Messaging

/// Which hop lines an expectation counts (経路の照合).
package struct HopMatch {
    static let nearMissLimit = 3
    /// Attributes in which a near miss may differ.
    private static let distanceLimit = 3

    private let pattern: HopExpectation.Pattern
    private let correlation: String?

    /// `fill` fills a template; its error is passed on.
    package init(_ pattern: HopExpectation.Pattern, fill: (String) throws -> String) rethrows {
        self.pattern = pattern
        correlation = try pattern.correlation.map(fill)
    }

    /// Each message and receiver once, however often its line was told.
    package func count(_ events: [HopEvent]) -> Int {
        var seen: Set<String> = []
        for event in events where mismatches(event) == 0 {
            seen.insert(
                "\(event.zone)|\(event.position ?? 0)|\(event.id ?? "")|\(event.recipient ?? "")")
        }
        return seen.count
    }

    /// Lines that differ in as little as possible, best first; when `count` are too many, what made them so.
    package func nearMisses(_ events: [HopEvent], tooMany: Bool = false) -> [NearMiss] {
        let misses = events.map { NearMiss(hop: $0, differences: differences($0)) }
        if tooMany {
            return Array(misses.filter(\.differences.isEmpty).suffix(Self.nearMissLimit))
        }
        // A line of another type that differs in more besides is about something else.
        return misses.filter { miss in
            (1...Self.distanceLimit).contains(miss.differences.count)
                && (hasType(miss.hop) || miss.differences.count <= 2)
        }
        .sorted { $0.differences.count < $1.differences.count }
        .prefix(Self.nearMissLimit).map(\.self)
    }

    private func mismatches(_ event: HopEvent) -> Int { differences(event).count }

    /// One text for each attribute that is another than expected; long numbers are masked.
    private func differences(_ event: HopEvent) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ expected: String?, _ actual: String?) {
            guard let expected, expected != actual else { return }
            found.append(
                "\(name): \(MaskedText.masked(expected)) expected, \(actual.map(MaskedText.masked) ?? "nothing")"
            )
        }
        compare("event", pattern.event.rawValue, event.event.rawValue)
        compare("zone", pattern.zone?.rawValue, event.zone)
        compare("from", pattern.from?.rawValue, event.source)
        compare("to", pattern.to?.rawValue, event.recipient)
        compare("step", pattern.step?.rawValue, event.step)
        compare("code", pattern.code, event.code)
        compare("correlation", correlation, event.correlation)
        if !hasType(event) { compare("type", pattern.type, event.type ?? "") }
        return found
    }

    private func hasType(_ event: HopEvent) -> Bool {
        event.type == pattern.type || event.type?.hasPrefix(pattern.type + "/v") == true
    }
}

/// A hop line that nearly was an expected one (近い電文), and in what it differs, attribute by attribute.
package struct NearMiss: Hashable, Sendable {
    package let hop: HopEvent
    package let differences: [String]
}

/// A text that people may see (伏せ字): a run of more than ten digits becomes one `*`, whatever it is.
enum MaskedText {
    static func masked(_ text: String) -> String {
        var masked = ""
        var run = ""
        for character in text + "\u{0}" {
            if character.unicodeScalars.allSatisfy({ $0.properties.numericType == .decimal }) {
                run.append(character)
                continue
            }
            masked += run.count > 10 ? "*" : run
            run = ""
            masked.append(character)
        }
        return String(masked.dropLast())
    }
}
