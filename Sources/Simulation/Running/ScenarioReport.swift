/// What came of one scenario (シナリオの結果).
package struct ScenarioReport: Sendable {
    package let title: String
    package let number: String?
    /// One for each step that ran, and one for each invariant.
    package let results: [StepResult]
    /// Every hop line heard, in the order it was heard.
    package let hops: [HopEvent]
    package let duration: Duration

    package var passed: Bool { results.allSatisfy(\.passed) && !results.isEmpty }
}

/// What came of one step (手順の結果).
package struct StepResult: Sendable {
    /// From 1; invariants go on counting.
    package let number: Int
    package let name: String
    /// Why it failed, one sentence each, without any personal number; empty when it passed.
    package let failures: [String]
    /// Hop lines that nearly were the expected ones.
    package let nearMisses: [HopEvent]
    package let duration: Duration

    package var passed: Bool { failures.isEmpty }
}

/// What a scenario tells while it runs (経過).
package enum ScenarioEvent: Sendable {
    case hop(HopEvent)
    case step(StepResult)
}
