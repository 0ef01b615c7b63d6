import Messaging
import Operations
package import Simulation

/// What stands when a scenario is over: what everybody knows, and what went over the hubs, each once.
///
/// Two runs of one scenario must leave equal ones, whatever was killed meanwhile.
package struct FinalState: Equatable, Sendable {
    /// By party, about the person and about everybody.
    package var facts: [String: JSONValue] = [:]
    /// How many messages of each kind each hub's journal holds; the lab's own questions left out.
    package var traffic: [String: Int] = [:]

    package init(facts: [String: JSONValue] = [:], traffic: [String: Int] = [:]) {
        self.facts = facts
        self.traffic = traffic
    }

    /// One line for each difference.
    package func differences(from other: FinalState) -> [String] {
        var lines: [String] = []
        for party in Set(facts.keys).union(other.facts.keys).sorted() {
            let here = facts[party]?.object ?? [:]
            let there = other.facts[party]?.object ?? [:]
            for name in Set(here.keys).union(there.keys).sorted() where here[name] != there[name] {
                lines.append(
                    "\(party) \(name): \(Self.text(here[name])), undisturbed \(Self.text(there[name]))"
                )
            }
        }
        for hop in Set(traffic.keys).union(other.traffic.keys).sorted()
        where traffic[hop] != other.traffic[hop] {
            lines.append("\(hop): \(traffic[hop] ?? 0), undisturbed \(other.traffic[hop] ?? 0)")
        }
        return lines
    }

    private static func text(_ value: JSONValue?) -> String {
        value.map { String(decoding: $0.encoded, as: UTF8.self) } ?? "nothing"
    }
}

extension LabFixture {
    /// What stands now, about `person`.
    package func finalState(about person: String) throws -> FinalState {
        var state = FinalState()
        var parties = LabCast.systems.map(\.participant)
        for name in try session.ask(["operation": "parties"]).array ?? [] {
            if let name = name.string { parties.append(try ParticipantID(name)) }
        }
        for party in parties {
            for subject in [people.byKey[person], nil] {
                guard let facts = try session.facts(of: party, about: subject) else {
                    throw TestFailure("\(party) does not tell its state")
                }
                let name = "\(party) \(subject == nil ? "altogether" : person)"
                state.facts[name] = .object(facts)
            }
        }
        for zone in LabCast.zones {
            for message in try messages(of: zone) where !message.topic.hasPrefix("lab.") {
                let recipients = message.recipients.joined(separator: ",")
                let step = message.step ?? "-"
                let hop = "\(zone) \(step) \(message.source) → \(recipients) \(message.topic)"
                state.traffic[hop, default: 0] += 1
            }
        }
        return state
    }

    /// Everything a hub has acknowledged that is neither settled nor in a state operators see, one line each.
    ///
    /// What is addressed to the hub itself is evidence and settled when admitted (L-28).
    package func unaccounted() throws -> [String] {
        var lines: [String] = []
        for zone in LabCast.zones {
            for message in try messages(of: zone) {
                let accounted = Set(
                    message.deliveries.filter { Self.isFinal($0.state) }.map(\.recipient))
                for recipient in message.recipients
                where recipient != "hub" && !accounted.contains(recipient) {
                    lines.append("\(zone) \(message.topic) @\(message.position) for \(recipient)")
                }
            }
            let status: HubStatus = try ask(zone, .status, NoArguments())
            for party in status.participants
            where party.queued > 0 || party.inFlight > 0 || party.parkedLanes > 0
                || party.backoffLanes > 0 || party.deadLetters > 0
            {
                lines.append(
                    "\(zone) \(party.participant): queued \(party.queued), in flight \(party.inFlight), "
                        + "parked \(party.parkedLanes), backing off \(party.backoffLanes), "
                        + "dead \(party.deadLetters)")
            }
        }
        return lines
    }

    private static func isFinal(_ state: DeliveryView.State) -> Bool {
        switch state {
        case .settled, .expired, .skipped, .released, .parked, .deadLetter: true
        case .waiting, .inFlight, .backoff: false
        }
    }
}
