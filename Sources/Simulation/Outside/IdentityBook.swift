import Messaging

/// 都道府県知事保存本人確認情報 and 機構保存本人確認情報, by 住民票コード.
///
/// It begins with everybody of the people file, as if all their municipalities had always reported, but for people who
/// say `registered: false` there: those are born, or come from abroad, while the lab runs.
struct IdentityBook: PartyState {
    var prefecture: [String: IdentityRecord] = [:]
    var nation: [String: IdentityRecord] = [:]
    /// Enquiries the nation answered, by 住民票コード: 本人確認 (B2), 検索 (B4), 照会 (B5).
    var verifications: [String: Int] = [:]
    var inquiries: [String: Int] = [:]
    /// Searches each server answered, whoever was found.
    var prefectureSearches = 0
    var nationSearches = 0
    /// The last of the numbers verifications, searches and inquiries get.
    var lastReference = 0

    init(people: People) {
        for person in people.byKey.values where person.items["registered"]?.bool != false {
            let record = IdentityRecord(person)
            nation[person.juminhyoCode] = record
            if record.isInPrefecture { prefecture[person.juminhyoCode] = record }
        }
    }

    /// `V-20251006-00001`.
    mutating func reference(_ letter: String, _ now: Instant) -> JSONValue {
        lastReference += 1
        let digits = String(lastReference)
        return .string(
            "\(letter)-\(now.day.date8)-" + String(repeating: "0", count: max(0, 5 - digits.count))
                + digits)
    }
}

/// One person as prefecture or nation has them (保存本人確認情報): the eight items, and whose resident they are.
struct IdentityRecord: Hashable, Sendable {
    var municipality: String
    var nameKanji: String
    var nameFurigana: String?
    var birthDate8: String
    var sex: String
    var address: String
    var individualNumber: String?
    /// Nil until somebody has reported a change.
    var moveReason: String?
    var moveDate: String?
    /// 消除 for death or ex officio; a mover-out stays until the new municipality reports.
    var isRemoved = false
    /// Updates received since the world began.
    var updates = 0

    /// 茨城県 is the prefecture of the lab's city.
    static let prefecture = "08"

    var isInPrefecture: Bool { municipality.hasPrefix(Self.prefecture) }

    init(_ person: Person) {
        municipality = person.municipality
        nameKanji = person.nameKanji
        nameFurigana = person.nameFurigana
        birthDate8 = person.birthDate8
        sex = person.sex
        address = person.address
        individualNumber = person.individualNumber
    }

    /// From an update nobody was known by before.
    init(_ items: JSONValue, of municipality: String) {
        self.municipality = municipality
        nameKanji = ""
        birthDate8 = ""
        sex = "0"
        address = ""
        update(items, of: municipality)
        updates = 0
    }

    /// Takes the eight items of one update (A1-04); counts it whatever it changes.
    ///
    /// A municipality that reports a removal no longer speaks for somebody whom another one has reported since.
    mutating func update(_ items: JSONValue, of municipality: String) {
        updates += 1
        let reason = items["moveReason"]?.string ?? ""
        let removes = ["moveOut", "death", "exOfficioRemoval"].contains(reason)
        guard !removes || self.municipality == municipality else { return }
        self.municipality = municipality
        nameKanji = items["nameKanji"]?.string ?? nameKanji
        if let furigana = items["nameFurigana"]?["value"]?.string { nameFurigana = furigana }
        birthDate8 = items["birthDate"]?.string ?? birthDate8
        sex = items["sex"]?.string ?? sex
        address = items["address"]?.string ?? address
        individualNumber = items["individualNumber"]?.string ?? individualNumber
        moveReason = reason
        moveDate = items["moveDate"]?.string
        isRemoved = removes && reason != "moveOut"
    }

    /// Whether every item `keys` names is this person's: names and addresses from their beginning on, since 検索 takes
    /// the first part of them.
    func answers(to keys: JSONValue, exactly: Bool) -> Bool {
        guard let members = keys.object, !members.isEmpty else { return false }
        return members.allSatisfy { name, key in
            guard let key = key.string else { return false }
            switch name {
            case "nameKanji": return exactly ? nameKanji == key : nameKanji.hasPrefix(key)
            case "address": return exactly ? address == key : address.hasPrefix(key)
            case "birthDate":
                return exactly
                    ? birthDate8 == key : birthDate8.hasPrefix(key.replacing("-", with: ""))
            case "sex": return sex == key
            default: return false
            }
        }
    }

    /// As verifications, searches and inquiries show it, without 個人番号.
    func items(_ juminhyoCode: String) -> [String: JSONValue] {
        [
            "juminhyoCode": .string(juminhyoCode), "nameKanji": .string(nameKanji),
            "nameFurigana": nameFurigana.map(JSONValue.string) ?? .null,
            "birthDate": .string(birthDate8), "sex": .string(sex),
            "municipalityCode": .string(municipality), "address": .string(address),
        ]
    }
}

/// Which of the two servers (都道府県サーバか全国サーバか): they answer searches and checks alike, each from its own records.
enum IdentityServer: Sendable {
    case prefecture
    case nation

    var identity: ParticipantID {
        switch self {
        case .prefecture: OutsideParties.identity("prefecturalServer")
        case .nation: OutsideParties.identity("nationalServer")
        }
    }

    var records: WritableKeyPath<IdentityBook, [String: IdentityRecord]> {
        switch self {
        case .prefecture: \.prefecture
        case .nation: \.nation
        }
    }

    /// What prefecture and nation tell alike.
    func facts(about person: Person?, in world: OutsideWorld) -> [String: JSONValue] {
        let records = world[IdentityBook.self][keyPath: records]
        let checks = world[CheckBook.self].facts(of: self)
        guard let person else {
            var facts = checks
            facts["updates"] = .integer(records.values.reduce(0) { $0 + $1.updates })
            facts["people"] = .integer(records.count)
            return facts
        }
        guard let record = records[person.juminhyoCode] else { return ["registered": false] }
        return [
            "registered": true, "municipality": .string(record.municipality),
            "updates": .integer(record.updates), "removed": .bool(record.isRemoved),
            "moveReason": record.moveReason.map(JSONValue.string) ?? .null,
            "moveDate": record.moveDate.map(JSONValue.string) ?? .null,
            "individualNumberMatches": .bool(record.individualNumber == person.individualNumber),
            "hasIndividualNumber": .bool(record.individualNumber != nil),
            "individualNumberIsNext": .bool(
                record.individualNumber != nil
                    && record.individualNumber == person.items["nextIndividualNumber"]?.string),
            "nameMatches": .bool(record.nameKanji == person.nameKanji),
            "addressMatches": .bool(record.address == person.address),
            "newAddressMatches": .bool(record.address == person.items["newAddress"]?.string),
        ]
    }

    /// 本人確認情報検索 (B4-01): everybody whom the keys mean, at most fifty.
    func search(_ message: Incoming, in world: inout OutsideWorld) -> Dispatch {
        let keys = message.payload
        let found = world[IdentityBook.self][keyPath: records].filter { code, record in
            guard self == .nation || record.isInPrefecture else { return false }
            if let wanted = keys["municipalityCode"]?.string, wanted != record.municipality {
                return false
            }
            if let wanted = keys["juminhyoCode"]?.string { return wanted == code }
            if let wanted = keys["individualNumber"]?.string {
                return wanted == record.individualNumber
            }
            return record.answers(to: keys["fourItems"] ?? .null, exactly: false)
        }.sorted { $0.key < $1.key }
        var result: [String: JSONValue] = [
            "result": "accepted", "scope": self == .nation ? "nation" : "prefecture",
            "searchReference": world[IdentityBook.self].reference("S", message.now),
            "hits": .array(found.prefix(50).map { .object($0.value.items($0.key)) }),
            "truncated": .bool(found.count > 50),
        ]
        result["applicationReference"] = message.payload["applicationReference"]
        switch self {
        case .prefecture: world[IdentityBook.self].prefectureSearches += 1
        case .nation: world[IdentityBook.self].nationSearches += 1
        }
        return .answer(to: message, "identity.search.result/v1", .object(result))
    }

    /// Makes this server's copy of a person differ (`drift`), lose them (`forget`), or hold them for a municipality (`plant`):
    /// the differences a 整合性確認 has to find.
    func act(
        _ verb: String, _ arguments: JSONValue, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        guard ["drift", "forget", "plant"].contains(verb) else { throw .verbUnknown }
        let person = try world.person(arguments)
        let code = person.juminhyoCode
        switch verb {
        case "drift":
            guard var record = world[IdentityBook.self][keyPath: records][code] else {
                throw PartyRefusal(code: "not-registered")
            }
            record.address = arguments["address"]?.string ?? "旧" + record.address
            record.nameKanji = arguments["nameKanji"]?.string ?? record.nameKanji
            record.municipality = arguments["municipality"]?.string ?? record.municipality
            world[IdentityBook.self][keyPath: records][code] = record
        case "forget": world[IdentityBook.self][keyPath: records][code] = nil
        default:
            var record = IdentityRecord(person)
            record.municipality = arguments["municipality"]?.string ?? record.municipality
            record.updates = 1
            world[IdentityBook.self][keyPath: records][code] = record
        }
        return []
    }
}
