import Messaging

/// 戸籍システム: writes address changes into the own city's 戸籍の附票 (A4-04).
struct FamilyRegister: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "family-register-supplement.apply" else {
            throw PartyRefusal(code: "type-unexpected")
        }
        let code = message.juminhyoCode
        world[SupplementBook.self].supplements[code] = SupplementRecord(
            municipality: message.payload["currentMunicipalityCode"]?.string ?? "",
            count: (world[SupplementBook.self].supplements[code]?.count ?? 0) + 1)
        return [
            .answer(
                to: message, "family-register-supplement.ack/v1",
                ["juminhyoCode": .string(code), "result": "accepted"])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        guard let person else {
            return ["supplements": .integer(world[SupplementBook.self].supplements.count)]
        }
        let record = world[SupplementBook.self].supplements[person.juminhyoCode]
        return [
            "supplements": .integer(record?.count ?? 0),
            "municipality": record.map { .string($0.municipality) } ?? .null,
        ]
    }
}

/// What 戸籍システム keeps.
struct SupplementBook: PartyState {
    /// 戸籍の附票 of the own city, by 住民票コード.
    var supplements: [String: SupplementRecord] = [:]

    init(people: People) {}
}

/// One person's entry in the own city's 戸籍の附票.
struct SupplementRecord: Hashable, Sendable {
    var municipality: String
    var count: Int
}
