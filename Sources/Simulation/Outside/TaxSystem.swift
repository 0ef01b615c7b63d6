import Messaging

/// 税務システム: a department (C5) that also gives 証明書コンビニ交付システム the data of tax certificates, outside the hub (L-20).
struct TaxSystem: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        try Department().receive(message, in: &world)
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        guard verb == "provideCertificateData" else {
            return try Department().act(verb, arguments, as: party, in: &world, now: now)
        }
        let person = try world.person(arguments)
        world[CertificateBook.self].provide(.tax, of: person.key)
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        Department().facts(about: person, of: party, in: world)
    }
}
