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
        let holdsNumber = world.people.byKey.values.contains { person in
            var found = false
            message.payload.forEachScalar { text, _ in
                found = found || text.contains(person.individualNumber)
            }
            return found
        }
        world[SupplementBook.self].take(
            code, municipality: message.payload["currentMunicipalityCode"]?.string ?? "",
            holdsNumber: holdsNumber)
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
            return [
                "supplements": .integer(world[SupplementBook.self].supplements.count),
                "numbersWhereNone": .integer(
                    world[SupplementBook.self].supplements.values.reduce(0) {
                        $0 + $1.numbersWhereNone
                    }
                ),
            ]
        }
        let record = world[SupplementBook.self].supplements[person.juminhyoCode]
        return [
            "supplements": .integer(record?.count ?? 0),
            "municipality": record.map { .string($0.municipality) } ?? .null,
            "numbersWhereNone": .integer(record?.numbersWhereNone ?? 0),
        ]
    }
}

/// What 戸籍システム keeps.
struct SupplementBook: PartyState {
    /// 戸籍の附票 of the own city, by 住民票コード.
    private(set) var supplements: [String: SupplementRecord] = [:]

    init(people: People) {}

    mutating func take(_ code: String, municipality: String, holdsNumber: Bool) {
        let known = supplements[code]
        supplements[code] = SupplementRecord(
            municipality: municipality, count: (known?.count ?? 0) + 1,
            numbersWhereNone: (known?.numbersWhereNone ?? 0) + (holdsNumber ? 1 : 0))
    }
}

/// One person's entry in the own city's 戸籍の附票.
struct SupplementRecord: Hashable, Sendable {
    var municipality: String
    var count: Int
    /// Messages that must not, but did, hold somebody's 個人番号.
    var numbersWhereNone: Int
}
