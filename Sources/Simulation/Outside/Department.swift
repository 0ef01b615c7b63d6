import Messaging

/// 税務システム and 個別業務システム: receive 住民票関係情報 through 庁内連携 (C5).
struct Department: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard message.type == "resident-info.transfer",
            let addressee = message.payload["addresseeNumber"]?.string,
            let version = message.payload["recordVersion"]?.integer,
            let items = message.payload["items"]
        else { throw PartyRefusal(code: "type-unexpected") }
        let known = world.transfers[message.party]?[addressee]
        world.transfers[message.party, default: [:]][addressee] = TransferRecord(
            person: world.people.byName(items)?.key ?? known?.person,
            version: max(version, known?.version ?? 0), count: (known?.count ?? 0) + 1,
            holdsIndividualNumber: items["individualNumber"] != nil)
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let all = world.transfers[party] ?? [:]
        guard let person else { return ["people": .integer(all.count)] }
        let records = all.values.filter { $0.person == person.key }
        return [
            "present": .bool(!records.isEmpty),
            "transfers": .integer(records.reduce(0) { $0 + $1.count }),
            "version": .integer(records.map(\.version).max() ?? 0),
            "holdsIndividualNumber": .bool(records.contains(where: \.holdsIndividualNumber)),
        ]
    }
}

extension People {
    /// The person a payload's name and birth date mean; the invented people differ in both.
    func byName(_ items: JSONValue) -> Person? {
        guard let name = items["nameKanji"]?.string else { return nil }
        let date = items["birthDate"]?["date"]?.string
        return byKey.values.first {
            $0.nameKanji == name && (date == nil || $0.items["birthDate"]?.string == date)
        }
    }
}
