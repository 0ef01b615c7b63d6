import Messaging

/// How a party answers from now on (応答のしかた), as a test wants it; without one it answers at once.
///
/// What is answered is the party's own; a conduct decides when, how often and whether.
package struct Conduct: Codable, Hashable, Sendable {
    package enum Manner: String, Codable, CaseIterable, Sendable {
        /// Takes the message and says nothing.
        case never
        /// Answers when `delayMilliseconds` of the lab's time have passed.
        case late
        /// Sends each answer twice, each with a number of its own.
        case twice
        /// Changes nothing and answers `refused` with `code`; what has no such answer it does not take (受領拒否).
        case refuse
        /// Keeps its answer back until it has answered the next message of that type.
        case outOfOrder
        /// Takes nothing (回線断): the hub keeps what is for it, and brings it in order when this is taken back.
        case down
    }

    package let manner: Manner
    package var delayMilliseconds = 0
    package var code = "refused-by-counterpart"
    /// How many messages more; nil until it is reset.
    package var times: Int?

    package init(_ manner: Manner) { self.manner = manner }
}

/// The conducts of all parties, by the type they are for (応答のしかたの一覧).
struct Conducts: Sendable {
    /// An empty type means every type without a conduct of its own.
    private var byParty: [ParticipantID: [String: Conduct]] = [:]

    mutating func set(_ conduct: Conduct, of party: ParticipantID, on type: String?) {
        byParty[party, default: [:]][type ?? ""] = conduct
    }

    mutating func reset(_ party: ParticipantID, on type: String?) {
        if let type {
            byParty[party]?[type] = nil
        } else {
            byParty[party] = nil
        }
    }

    func conduct(of party: ParticipantID, on type: String) -> Conduct? {
        byParty[party]?[type] ?? byParty[party]?[""]
    }

    /// Counts one message that was met with it.
    mutating func use(_ party: ParticipantID, on type: String) {
        let key = byParty[party]?[type] != nil ? type : ""
        guard let conduct = byParty[party]?[key], let times = conduct.times else { return }
        byParty[party]?[key]?.times = times - 1
        if times <= 1 { byParty[party]?[key] = nil }
    }
}

/// Answers a party keeps back (留め置いた応答).
struct HeldAnswers: Sendable {
    enum Until: Hashable, Sendable {
        case time(Instant)
        /// The next message of the same type has been answered.
        case next
    }
    let party: ParticipantID
    /// The type of what they answer.
    let type: String
    let until: Until
    let dispatches: [Dispatch]
}
