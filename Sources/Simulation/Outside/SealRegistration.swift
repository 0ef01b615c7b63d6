import Messaging

/// 印鑑登録システム: gives 証明書コンビニ交付システム the data of seal certificates, outside the hub (L-20).
struct SealRegistration: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        throw .typeUnexpected
    }

    func act(
        _ verb: String, _ arguments: JSONValue, as party: ParticipantID,
        in world: inout OutsideWorld, now: Instant
    ) throws(PartyRefusal) -> [Dispatch] {
        let person = try world.person(arguments)
        switch verb {
        case "register": world[CertificateBook.self].provide(.seal, of: person.key)
        case "abolish": world[CertificateBook.self].withdraw(.seal, of: person.key)
        default: throw .verbUnknown
        }
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        guard let person else { return [:] }
        return ["registered": .bool(world[CertificateBook.self].has(.seal, of: person.key))]
    }
}
