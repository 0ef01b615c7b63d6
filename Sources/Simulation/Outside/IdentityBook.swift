import Messaging

/// 都道府県知事保存本人確認情報 and 機構保存本人確認情報, by 住民票コード.
struct IdentityBook: PartyState {
    var prefecture: [String: IdentityRecord] = [:]
    var nation: [String: IdentityRecord] = [:]
    /// Enquiries the nation answered, by 住民票コード.
    var verifications: [String: Int] = [:]
    var lastVerification = 0

    init(people: People) {
        for person in people.byKey.values {
            let record = IdentityRecord(
                municipality: person.municipality, address: person.address,
                individualNumber: person.individualNumber, updates: 0)
            nation[person.juminhyoCode] = record
            if person.municipality.hasPrefix("08") { prefecture[person.juminhyoCode] = record }
        }
    }
}

/// One person as prefecture or nation has them (保存本人確認情報).
struct IdentityRecord: Hashable, Sendable {
    var municipality: String
    var address: String
    var individualNumber: String?
    /// Updates received since the world began.
    var updates: Int
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
