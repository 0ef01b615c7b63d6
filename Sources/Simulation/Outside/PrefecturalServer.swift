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
            updates: (world.prefecture[code]?.updates ?? 0) + 1)
        world.prefecture[code] = record
        // 「機構に通知する」 (II(2)5 提供先1): outside the hub.
        record.updates = (world.nation[code]?.updates ?? 0) + 1
        world.nation[code] = record
        return [
            .answer(
                to: message, "identity.update.ack/v1",
                ["juminhyoCode": .string(code), "result": "accepted"])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        IdentityRecord.facts(about: person, in: world.prefecture)
    }
}

extension IdentityRecord {
    /// What prefecture and nation tell alike.
    static func facts(
        about person: Person?, in records: [String: IdentityRecord]
    ) -> [String: JSONValue] {
        guard let person else {
            return ["updates": .integer(records.values.reduce(0) { $0 + $1.updates })]
        }
        guard let record = records[person.juminhyoCode] else { return ["registered": false] }
        return [
            "registered": true, "municipality": .string(record.municipality),
            "updates": .integer(record.updates),
            "individualNumberMatches": .bool(record.individualNumber == person.individualNumber),
        ]
    }
}
