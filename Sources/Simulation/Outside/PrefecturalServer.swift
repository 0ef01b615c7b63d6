import Messaging

/// 都道府県サーバ: keeps the updates municipalities send, tells the nation, and acknowledges (A1-04).
struct PrefecturalServer: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "identity.update.notice" else {
            throw PartyRefusal(code: "type-unexpected")
        }
        let code = message.juminhyoCode
        var record = IdentityRecord(
            municipality: message.municipality,
            address: message.payload["address"]?.string ?? "",
            individualNumber: message.payload["individualNumber"]?.string,
            updates: (world[IdentityBook.self].prefecture[code]?.updates ?? 0) + 1)
        world[IdentityBook.self].prefecture[code] = record
        // 「機構に通知する」 (II(2)5 提供先1): outside the hub.
        record.updates = (world[IdentityBook.self].nation[code]?.updates ?? 0) + 1
        world[IdentityBook.self].nation[code] = record
        return [
            .answer(
                to: message, "identity.update.ack/v1",
                ["juminhyoCode": .string(code), "result": "accepted"])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        IdentityRecord.facts(about: person, in: world[IdentityBook.self].prefecture)
    }
}
