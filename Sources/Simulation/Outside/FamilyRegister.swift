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
        world.supplements[code] = SupplementRecord(
            municipality: message.payload["currentMunicipalityCode"]?.string ?? "",
            count: (world.supplements[code]?.count ?? 0) + 1)
        return [
            .answer(
                to: message, "family-register-supplement.ack/v1",
                ["juminhyoCode": .string(code), "result": "accepted"])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        guard let person else { return ["supplements": .integer(world.supplements.count)] }
        let record = world.supplements[person.juminhyoCode]
        return [
            "supplements": .integer(record?.count ?? 0),
            "municipality": record.map { .string($0.municipality) } ?? .null,
        ]
    }
}
