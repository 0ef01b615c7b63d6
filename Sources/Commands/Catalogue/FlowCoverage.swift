internal import Journal
internal import Messaging
internal import Platform

/// Which steps actual runs realised (手順の網羅): read from the hubs' journals as they were stopped, not from what
/// scenarios declare.
///
/// A message counts for its step once a receiver has accepted it; a record for the hub's evidence once it is admitted; a
/// prohibited exchange once it was refused. Only runs that passed count.
struct FlowCoverage {
    /// One way on which a step was realised.
    struct Realisation: Hashable, Comparable, Encodable {
        let type: String
        let from: String
        let to: String

        static func < (left: Self, right: Self) -> Bool {
            (left.type, left.from, left.to) < (right.type, right.from, right.to)
        }
    }

    /// One step and what realised it.
    struct Row: Encodable {
        let step: String
        let number: String
        /// The assessment's exact words.
        let text: String
        let covered: Bool
        let messages: [Realisation]
        let scenarios: [String]
    }

    private static let hub = "hub"
    /// What the hub notes when an operator looks through its evidence, and the step that is (アクセスログの分析).
    private static let analysisNote = "operator.audit-report"
    private static let analysisStep = "C9"
    /// The step that exists to be refused, and the prohibition that refuses it.
    private static let refusedStep = "C12"
    private static let refusedUnder = "X-06"

    private var found: [String: [Realisation: Set<String>]] = [:]

    /// Reads one run's journals.
    mutating func read(_ run: KeptRun, in directory: String) throws {
        guard run.passed else { return }
        for hub in run.hubs {
            do {
                try read(JournalEvidence(directory: "\(directory)/\(hub)"), run.scenario)
            } catch let error as JournalError {
                throw CommandFailure(
                    "journal-unreadable", "証跡を読めません (\(directory)/\(hub): \(error))",
                    hint: "jukihub sim run --keep DIR で作り直す (make it anew)")
            }
        }
    }

    private mutating func read(_ evidence: JournalEvidence, _ scenario: String) throws {
        // What has not been accepted, by receiver and place.
        var open: [PartyNumber: [UInt64: (step: String, way: Realisation)]] = [:]
        var noted: [(step: String, way: Realisation)] = []
        try evidence.read { entry in
            switch entry.event {
            case .admitted(let message):
                guard let envelope = try? Envelope(parsing: message.envelope),
                    let step = envelope.step?.rawValue
                else { return }
                for party in Self.parties(message.recipients) {
                    let name = evidence.parties[party] ?? "\(party)"
                    let way = Realisation(
                        type: envelope.topic.rawValue, from: envelope.source.rawValue, to: name)
                    if name == Self.hub {
                        noted.append((step, way))
                    } else {
                        open[party, default: [:]][message.position.rawValue] = (step, way)
                    }
                }
            case .settled(let change):
                for range in change.outcomes where range.outcome == .accepted {
                    for (position, message) in open[change.subscription] ?? [:]
                    where range.positions.contains(position) {
                        noted.append(message)
                        open[change.subscription]?[position] = nil
                    }
                }
            case .refused(let refusal) where refusal.source == Self.refusedUnder:
                let sender = refusal.producer.flatMap { evidence.parties[$0] } ?? "?"
                noted.append(
                    (
                        Self.refusedStep,
                        Realisation(
                            type: "\(refusal.code) \(Self.refusedUnder)", from: sender, to: "✕")
                    ))
            case .noted(let note) where note.kind == Self.analysisNote:
                let who = note.text.split(separator: " ").first.map(String.init) ?? "?"
                noted.append(
                    (Self.analysisStep, Realisation(type: note.kind, from: who, to: Self.hub)))
            case .refused, .laneHeld, .laneFreed, .exceptionAdded, .exceptionChanged,
                .exceptionRemoved, .deadLetter, .epochRaised, .noted:
                return
            }
        }
        for (step, way) in noted { found[step, default: [:]][way, default: []].insert(scenario) }
    }

    private static func parties(_ recipients: RecipientSet) -> [PartyNumber] {
        switch recipients {
        case .one(let party): [party]
        case .many(let parties): parties
        }
    }

    /// One row for every step of the catalogue, in its order; steps that are one and the same count for each other.
    func rows(_ catalogue: Catalogue) -> [Row] {
        catalogue.steps.map { step in
            var ways = found[step.id.rawValue] ?? [:]
            for other in catalogue.steps where other.sameAs == step.id || step.sameAs == other.id {
                ways.merge(found[other.id.rawValue] ?? [:]) { $0.union($1) }
            }
            return Row(
                step: step.id.rawValue, number: step.number, text: step.ja, covered: !ways.isEmpty,
                messages: ways.keys.sorted(),
                scenarios: ways.values.reduce(into: Set<String>()) { $0.formUnion($1) }.sorted())
        }
    }
}
