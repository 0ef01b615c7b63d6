import Messaging

/// A terminal in front of staff (統合端末, 既存住基システム端末 …): shows what comes and sends what is injected.
struct Terminal: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] { [] }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let messages = world.messages(of: party)
        func count(_ name: String, _ value: JSONValue) -> JSONValue {
            .integer(messages.count { $0.payload[name] == value })
        }
        return [
            "received": .integer(messages.count), "matched": count("matched", true),
            "accepted": count("result", "accepted"), "refused": count("result", "refused"),
        ]
    }
}
