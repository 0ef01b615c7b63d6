/// Whom one message goes to (宛先), fixed at admission; one is by far the usual case.
package enum RecipientSet: Hashable, Sendable {
    case one(PartyNumber)
    case many([PartyNumber])

    package var count: Int {
        switch self {
        case .one: 1
        case .many(let parties): parties.count
        }
    }

    package func contains(_ party: PartyNumber) -> Bool {
        switch self {
        case .one(let only): only == party
        case .many(let parties): parties.contains(party)
        }
    }

    package func forEach(_ body: (PartyNumber) -> Void) {
        switch self {
        case .one(let only): body(only)
        case .many(let parties): parties.forEach(body)
        }
    }
}
