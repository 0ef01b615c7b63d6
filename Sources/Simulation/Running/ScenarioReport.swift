package import Messaging

/// What came of one scenario (シナリオの結果).
package struct ScenarioReport: Sendable {
    package let title: String
    package let number: String?
    /// Rules the file says it proves; they hold when it passed.
    package let rules: [String]
    /// What the run's own names were made of: with it the same run is played again.
    package let seed: UInt64
    /// One for each step that ran, and one for each invariant.
    package let results: [StepResult]
    /// Every hop line heard, in the order it was heard.
    package let hops: [HopEvent]
    package let duration: Duration

    package var passed: Bool { results.allSatisfy(\.passed) && !results.isEmpty }
}

/// What came of one step (手順の結果).
package struct StepResult: Sendable {
    /// From 1, 0 for what is set up before; invariants go on counting.
    package let number: Int
    package let name: String
    /// Why it failed, one sentence each, without any personal number; empty when it passed.
    package let failures: [String]
    /// Hop lines that nearly were the expected ones.
    package let nearMisses: [NearMiss]
    /// What was asserted of each system, by system and fact; empty where nothing was.
    package let cells: [StateCell]
    package let duration: Duration

    package var passed: Bool { failures.isEmpty }
}

/// What a scenario tells while it runs (経過).
package enum ScenarioEvent: Sendable {
    case hop(HopEvent)
    case step(StepResult)
}

/// One fact of one system beside what was expected of it (最終状態の一項目); neither side holds a personal number.
package struct StateCell: Hashable, Sendable {
    package let system: ParticipantID
    package let fact: String
    package let expected: String
    /// Nil when the system told no such fact.
    package let found: String?
    package let holds: Bool
}
