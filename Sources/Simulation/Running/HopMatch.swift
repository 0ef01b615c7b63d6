import Messaging

/// Which hop lines an expectation counts (経路の照合).
package struct HopMatch {
    static let nearMissLimit = 3

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

    /// Lines that differ in as little as possible, best first.
    package func nearMisses(_ events: [HopEvent]) -> [HopEvent] {
        events.map { (event: $0, distance: mismatches($0)) }
            .filter { (1...2).contains($0.distance) }
            .sorted { $0.distance < $1.distance }
            .prefix(Self.nearMissLimit).map(\.event)
    }

    private func mismatches(_ event: HopEvent) -> Int {
        func differs(_ expected: String?, _ found: String?) -> Int {
            expected == nil || expected == found ? 0 : 1
        }
        return differs(pattern.event.rawValue, event.event.rawValue)
            + differs(pattern.zone?.rawValue, event.zone)
            + differs(pattern.from?.rawValue, event.source)
            + differs(pattern.to?.rawValue, event.recipient)
            + differs(pattern.step?.rawValue, event.step)
            + differs(pattern.code, event.code) + differs(correlation, event.correlation)
            + (hasType(event) ? 0 : 1)
    }

    private func hasType(_ event: HopEvent) -> Bool {
        event.type == pattern.type || event.type?.hasPrefix(pattern.type + "/v") == true
    }
}
