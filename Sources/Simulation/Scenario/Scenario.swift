package import Messaging

/// A story played against a lab (シナリオ): the outside world injected, hops and states expected.
///
/// The format is `Schemas/scenario.schema.json`; ``ScenarioFile`` reads one.
package struct Scenario: Hashable, Sendable {
    package let title: String
    /// `SC-01`.
    package let number: String?
    /// When the lab's clock starts; nil leaves it at the system's time.
    package let start: Instant?
    package let steps: [ScenarioStep]
    package let always: [Invariant]

    /// What holds from the first step to the last.
    package enum Invariant: Hashable, Sendable {
        /// No hop line of this kind.
        case noEvent(HopEvent.Kind)
        case files(FileSearch)
    }
}

/// One step of a scenario (手順), with what people call it.
package struct ScenarioStep: Hashable, Sendable {
    package let name: String
    package let action: Action

    package enum Action: Hashable, Sendable {
        case inject(Injection)
        case expect(HopExpectation)
        case advance(ClockStep)
        case assert(Assertion)
        case restart(process: String, kill: Bool)
    }
}

/// A message put on the bus as one of the outside parties (試験電文の投入). Texts are templates.
package struct Injection: Hashable, Sendable {
    let sender: ParticipantID
    let topic: Topic
    let recipients: [ParticipantID]
    let zone: ZoneID?
    let step: StepID?
    let correlation: String
    let causation: String?
    let operatorID: OperatorID?
    let terminal: TerminalID?
    let businessTask: String?
    let legalBasis: String?
    let expiresIn: Duration?
    let payload: JSONValue
}

/// Hop lines that must come (期待する経路).
package struct HopExpectation: Hashable, Sendable {
    /// Without its count: what makes a line count.
    package struct Pattern: Hashable, Sendable {
        var zone: ZoneID?
        var from: ParticipantID?
        var to: ParticipantID?
        /// A type, or a type with its version.
        var type: String
        var step: StepID?
        var event: HopEvent.Kind
        var code: String?
        /// A template.
        var correlation: String?
    }

    package let pattern: Pattern
    let count: Int
    let within: Duration
    /// Name → JSON pointer into the newest such message.
    let captures: [String: String]
}

/// How the lab's clock moves (時計).
package enum ClockStep: Hashable, Sendable {
    case to(Instant)
    case by(Duration)
}

/// Facts and files that must be so (状態の確認).
package struct Assertion: Hashable, Sendable {
    let person: String?
    let within: Duration
    let systems: [ParticipantID: [String: JSONValue]]
    let files: [FileSearch]
}

/// Texts that must stand nowhere in some files (ファイル内の不在). `absent` holds templates.
package struct FileSearch: Hashable, Sendable {
    let places: [String]
    let absent: [String]
}
