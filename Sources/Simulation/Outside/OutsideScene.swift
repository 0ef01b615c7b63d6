import Messaging

/// Everything the outside has in memory (対向模擬の状態): changed by values alone, so that reading the ledger again makes
/// the same scene again. No clock inside.
struct OutsideScene: Sendable {
    var world: OutsideWorld
    /// What was told for each named request, so that asking twice does once.
    var requests: [String: JSONValue] = [:]
    var conducts = Conducts()
    /// Acts so far; names the case of one that brings none.
    var nextAct = 0
    private var held: [HeldAnswers] = []

    init(people: People) { world = OutsideWorld(people: people) }

    /// What became of a message.
    enum Taking {
        /// Taken; this is sent now.
        case taken([Dispatch])
        case refused(code: String)
    }

    /// Takes `message` as `party` does it, in the way its conduct wants.
    mutating func take(_ message: Incoming, by party: any OutsideParty) -> Taking {
        let conduct = conducts.conduct(of: message.party, on: message.type)
        if conduct != nil { conducts.use(message.party, on: message.type) }
        var answers: [Dispatch]
        do throws(PartyRefusal) {
            if let conduct, conduct.manner == .refuse {
                answers = try party.refuse(message, code: conduct.code, in: &world)
            } else {
                answers = try party.receive(message, in: &world)
            }
        } catch {
            return .refused(code: error.code)
        }
        world.remember(message)
        switch conduct?.manner {
        case .never: answers = []
        case .twice: answers += answers
        case .late:
            let delay = Duration.milliseconds(conduct?.delayMilliseconds ?? 0)
            hold(answers, to: message, until: .time(message.now + delay))
            return .taken([])
        case .outOfOrder:
            let earlier = takeHeld {
                $0.party == message.party && $0.type == message.type && $0.until == .next
            }
            guard !earlier.isEmpty else {
                hold(answers, to: message, until: .next)
                return .taken([])
            }
            answers += earlier
        case .refuse, .down, nil: break
        }
        return .taken(answers)
    }

    /// Lets `party` do something by itself; `told` is what it tells the one who asked.
    mutating func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID, now: Instant
    ) throws(PartyRefusal) -> (sent: [Dispatch], told: JSONValue) {
        world.told = [:]
        let dispatches = try OutsideParties.party(for: party)
            .act(verb, arguments, as: party, in: &world, now: now)
        return (try Alterations(arguments).apply(to: dispatches), .object(world.told))
    }

    /// What was kept back until `now`.
    mutating func release(now: Instant) -> [Dispatch] {
        takeHeld { answers in
            if case .time(let due) = answers.until { due <= now } else { false }
        }
    }

    func holdsAnswersDue(by now: Instant) -> Bool {
        held.contains { answers in
            if case .time(let due) = answers.until { due <= now } else { false }
        }
    }

    /// Forgets how `party` was to answer; what it kept back is sent.
    mutating func reset(_ party: ParticipantID, on type: String?) -> [Dispatch] {
        conducts.reset(party, on: type)
        return takeHeld { $0.party == party && (type == nil || $0.type == type) }
    }

    private mutating func hold(
        _ answers: [Dispatch], to message: Incoming, until: HeldAnswers.Until
    ) {
        guard !answers.isEmpty else { return }
        held.append(
            HeldAnswers(
                party: message.party, type: message.type, until: until, dispatches: answers))
    }

    private mutating func takeHeld(where matches: (HeldAnswers) -> Bool) -> [Dispatch] {
        let found = held.filter(matches)
        guard !found.isEmpty else { return [] }
        held.removeAll(where: matches)
        return found.flatMap(\.dispatches)
    }
}
