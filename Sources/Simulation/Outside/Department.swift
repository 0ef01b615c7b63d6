import Messaging

/// 税務システム and 個別業務システム: receive 住民票関係情報 through 庁内連携 (C5) and acknowledge each version.
struct Department: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        switch message.type {
        case "resident-info.transfer": return try take(message, in: &world)
        case "resident-info.snapshot.completed": return []
        default: throw PartyRefusal(code: "type-unexpected")
        }
    }

    private func take(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard let addressee = message.payload["addresseeNumber"]?.string,
            let version = message.payload["recordVersion"]?.integer,
            let change = message.payload["change"]?.string, let items = message.payload["items"]
        else { throw PartyRefusal(code: "type-unexpected") }
        let known = world[TransferBook.self].transfers[message.party]?[addressee]
        var record =
            known
            ?? TransferRecord(
                person: nil, version: 0, count: 0, holdsIndividualNumber: false, change: "",
                doubles: 0, snapshots: 0)
        record.person = world.people.byName(items)?.key ?? record.person
        record.count += 1
        if version == record.version, change != "snapshot" { record.doubles += 1 }
        if message.payload["snapshotId"] != nil { record.snapshots += 1 }
        record.version = max(version, record.version)
        record.holdsIndividualNumber =
            record.holdsIndividualNumber || items["individualNumber"] != nil
        record.change = change
        world[TransferBook.self].transfers[message.party, default: [:]][addressee] = record
        return [
            .answer(
                to: message, "resident-info.ack/v1",
                [
                    "addresseeNumber": .string(addressee), "recordVersion": .integer(version),
                    "result": "accepted",
                ])
        ]
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let all = world[TransferBook.self].transfers[party] ?? [:]
        guard let person else {
            let messages = world.messages(of: party)
            return [
                "people": .integer(all.count),
                "transfers": .integer(all.values.reduce(0) { $0 + $1.count }),
                "doubles": .integer(all.values.reduce(0) { $0 + $1.doubles }),
                "snapshotPeople": .integer(all.values.count { $0.snapshots > 0 }),
                "snapshotsCompleted": .integer(
                    messages.count {
                        $0.payload["sent"] != nil && $0.payload["result"] == "accepted"
                    }
                ),
                "snapshotsRefused": .integer(
                    messages.count {
                        $0.payload["snapshotId"] != nil && $0.payload["result"] == "refused"
                    }),
            ]
        }
        let records = all.values.filter { $0.person == person.key }
        return [
            "present": .bool(!records.isEmpty),
            "transfers": .integer(records.reduce(0) { $0 + $1.count }),
            "version": .integer(records.map(\.version).max() ?? 0),
            "holdsIndividualNumber": .bool(records.contains(where: \.holdsIndividualNumber)),
            "change": .string(records.first?.change ?? "none"),
            "snapshots": .integer(records.reduce(0) { $0 + $1.snapshots }),
        ]
    }
}

/// One person's data as a department received it (庁内移転の受領).
struct TransferRecord: Hashable, Sendable {
    var person: String?
    var version: Int
    var count: Int
    var holdsIndividualNumber: Bool
    /// The newest 異動の区分.
    var change: String
    /// Running changes that came with a version already known.
    var doubles: Int
    /// How often a snapshot brought this person.
    var snapshots: Int
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

/// What departments keep.
struct TransferBook: PartyState {
    /// By 宛名番号.
    var transfers: [ParticipantID: [String: TransferRecord]] = [:]

    init(people: People) {}

    /// The 宛名番号 a department has learned of the person of that key.
    func addresseeNumber(of person: String) -> String? {
        for records in transfers.values {
            for (number, record) in records where record.person == person { return number }
        }
        return nil
    }
}
