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
    /// Rules that hold because this scenario passes: `R-090`.
    package let rules: [String]
    package let setting: ScenarioSetting
    package let steps: [ScenarioStep]
    package let always: [Invariant]

    /// What holds from the first step to the last.
    package enum Invariant: Hashable, Sendable {
        /// No hop line of this kind.
        case noEvent(HopEvent.Kind)
        case files(FileSearch)
    }
}

/// What a scenario finds when it begins (前提): its lab, and who lives in the city.
package struct ScenarioSetting: Hashable, Sendable {
    /// Municipalities besides those that are always there, five digits each.
    package var peers: [String] = []
    /// 移転先No besides those that are always there.
    package var businessSystems: [String] = []
    /// Participant → type → the major it takes.
    package var majors: [ParticipantID: [String: Int]] = [:]
    /// Participant → types of which it takes an older version although values are dropped.
    package var lossy: [ParticipantID: [String]] = [:]
    /// Process → settings.
    package var configuration: [String: JSONValue] = [:]
    /// Keys of the people who are registered before the first step.
    package var residents: [String] = []
    /// Invented people beside them, as `jukihub people generate` makes them.
    package var population: GeneratedPopulation?

    /// Whether anybody is registered before the first step.
    package var hasResidents: Bool { !residents.isEmpty || population != nil }

    /// Whether any lab will do.
    package var isOrdinaryLab: Bool {
        var ordinary = ScenarioSetting()
        ordinary.residents = residents
        ordinary.population = population
        return self == ordinary
    }
}

/// How many invented people, from which seed (架空の住民).
package struct GeneratedPopulation: Hashable, Sendable {
    package let count: Int
    package let seed: UInt64
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
        case remember(Memory)
        case act(PartyAct)
        case behave(JSONValue)
        case restart(process: String, kill: Bool)
        case process(String, ProcessAction)
        case backup(process: String, name: String)
        case audit(Audit)
    }

    /// Whether something may follow from it.
    package var changesSomething: Bool {
        switch action {
        case .inject, .act, .behave, .advance, .restart, .process: true
        case .expect, .assert, .remember, .backup, .audit: false
        }
    }

    /// Whether a process ends in it.
    package var stopsProcesses: Bool {
        switch action {
        case .restart, .process: true
        case .inject(let injection):
            LabCast.systems.contains { $0.participant == injection.sender }
        case .expect, .advance, .assert, .remember, .act, .behave, .backup, .audit: false
        }
    }
}

/// What a scenario does to a process (プロセスの操作).
package enum ProcessAction: String, Hashable, Sendable {
    case stop, kill, start
}

/// Something a party does by its own logic (対向システムの行為). `with` holds templates.
package struct PartyAct: Hashable, Sendable {
    let party: ParticipantID
    let verb: String
    let with: JSONValue
    /// Name → JSON pointer into what it answers.
    let captures: [String: String]
    /// The code with which it must not be done.
    let refused: String?
}

/// What an operator finds in a day's evidence (操作ログの分析; C9).
package struct Audit: Hashable, Sendable {
    let zone: ZoneID
    /// A template; the lab's day where none is given.
    let day: String
    /// Kind → how often, or a comparison.
    let findings: [String: JSONValue]
}

/// What systems tell, kept under a name (状態の控え).
package struct Memory: Hashable, Sendable {
    let name: String
    let person: String?
    let systems: [ParticipantID]
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
    /// How the operator was authenticated.
    let factor: String?
    let expiresIn: Duration?
    /// The code with which the hub must refuse it; nil where it must not.
    let refused: String?
    /// How long that may take.
    let within: Duration
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
    /// The name of a ``Memory`` that must still be true.
    let same: String?
}

/// Texts that must stand nowhere in some files (ファイル内の不在). `absent` holds templates.
package struct FileSearch: Hashable, Sendable {
    let places: [String]
    let absent: [String]
}
