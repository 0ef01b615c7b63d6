import Messaging

/// Makes one household (架空の世帯): who lives together, how old, by what names, where.
struct HouseholdMaker {
    var random: SeededGenerator
    /// The household's number in its population.
    let serial: Int
    /// How many people came before.
    let firstPerson: Int
    /// The most members it may have.
    let limit: Int
    let city: MunicipalityCode
    let today: CivilDate

    /// What is decided about a member before the record is written.
    struct Member {
        let relationship: String
        let age: Int
        let isMale: Bool
        var surname: NameStock.Name
        var formerSurname: NameStock.Name?
    }

    /// Kinds of households with their shares in a hundred (国勢調査 gives the order of magnitude [INF]).
    private enum Kind: CaseIterable {
        case single, couple, family, oneParent, threeGenerations, shared, foreign

        var share: Int {
            switch self {
            case .single: 38
            case .couple: 20
            case .family: 25
            case .oneParent: 8
            case .threeGenerations: 4
            case .shared: 2
            case .foreign: 3
            }
        }
    }

    mutating func make() -> PeopleGenerator.Household {
        let kind = kind()
        let surname = NameStock.surname(&random)
        var members = kind == .foreign ? [] : members(of: kind, surname)
        members = Array(members.prefix(limit))
        let place = Place(&random, city: city)
        let number = SyntheticNumbers.addresseeNumber(serial, base: 600_000_000)
        if kind == .foreign { return foreigners(number, place) }
        guard let head = members.first else { return [] }
        let headNames = names(of: head)
        return members.enumerated().map { index, member in
            var record = common(member, index: index, number, place)
            let own = index == 0 ? headNames : names(of: member)
            record["nameKanji"] = .string(own.kanji)
            record["nameKana"] = .string(own.kana)
            record["nameKanaCertified"] = .bool(chance(60))
            record["householdHeadName"] = .string(headNames.kanji)
            record["householdHeadNameKana"] = .string(headNames.kana)
            domicile(&record, head: headNames.kanji, place)
            if let former = member.formerSurname {
                record["formerSurnameKanji"] = .string(former.kanji)
                record["formerSurnameKana"] = .string(former.kana)
            }
            return .object(record)
        }
    }

    // MARK: Who

    private mutating func kind() -> Kind {
        var dice = Int.random(in: 0..<100, using: &random)
        for kind in Kind.allCases {
            dice -= kind.share
            if dice < 0 { return kind }
        }
        return .single
    }

    private mutating func members(of kind: Kind, _ surname: NameStock.Name) -> [Member] {
        func member(_ relationship: String, _ age: Int, _ isMale: Bool) -> Member {
            Member(relationship: relationship, age: age, isMale: isMale, surname: surname)
        }
        switch kind {
        case .single, .foreign:
            return [member("世帯主", between(20, 95), chance(50))]
        case .couple:
            return couple(between(25, 90), surname)
        case .family:
            let parents = couple(between(26, 60), surname)
            return parents + children(of: parents, between(1, 3), surname)
        case .oneParent:
            let parent = member("世帯主", between(22, 58), chance(20))
            return [parent] + children(of: [parent], between(1, 2), surname)
        case .threeGenerations:
            let parents = couple(between(30, 55), surname)
            let mother = member("母", parents[0].age + between(20, 35), false)
            return parents + children(of: parents, between(1, 2), surname) + [mother]
        case .shared:
            var other = member("同居人", between(20, 60), chance(50))
            other.surname = NameStock.surname(&random)
            return [member("世帯主", between(20, 60), chance(50)), other]
        }
    }

    private mutating func couple(_ age: Int, _ surname: NameStock.Name) -> [Member] {
        let headIsMale = chance(85)
        var partner = Member(
            relationship: headIsMale ? "妻" : "夫", age: Swift.max(18, age + between(-5, 4)),
            isMale: !headIsMale, surname: surname)
        if chance(5) { partner.formerSurname = NameStock.surname(&random) }
        return [
            Member(relationship: "世帯主", age: age, isMale: headIsMale, surname: surname), partner,
        ]
    }

    /// Each at least eighteen years younger than the youngest parent.
    private mutating func children(
        of parents: [Member], _ count: Int, _ surname: NameStock.Name
    ) -> [Member] {
        let youngest = parents.map(\.age).min() ?? 40
        return (0..<count).map { _ in
            Member(
                relationship: "子", age: between(0, Swift.max(0, youngest - 18)),
                isMale: chance(51), surname: surname)
        }
    }

    // MARK: Records

    private mutating func names(of member: Member) -> NameStock.Name {
        let given = NameStock.given(isMale: member.isMale, &random)
        return NameStock.Name(
            kanji: "\(member.surname.kanji)　\(given.kanji)",
            kana: "\(member.surname.kana)　\(given.kana)")
    }

    /// What Japanese and foreign residents' records have alike.
    private mutating func common(
        _ member: Member, index: Int, _ householdNumber: String, _ place: Place
    ) -> [String: JSONValue] {
        let person = firstPerson + index + 1
        let born = birthday(age: member.age)
        let moved = later(than: born)
        var record: [String: JSONValue] = [
            "juminhyoCode": .string(SyntheticNumbers.juminhyoCode(person)),
            "individualNumber": .string(SyntheticNumbers.individualNumber(person)),
            "addresseeNumber": .string(
                SyntheticNumbers.addresseeNumber(person, base: 500_000_000)),
            "householdNumber": .string(householdNumber),
            "sexCode": .string(member.isMale ? "1" : "2"),
            "relationshipCode": .string(member.relationship),
            "birthDate": ["kind": "exact", "date": .string(born.iso)],
            "currentMunicipalityCode": .string(city.six),
            "currentPostalCode": .string(place.postalCode),
            "currentTownAreaCode": .string(place.townAreaCode),
            "currentAddress": .string(place.address),
            "moveReason": "domesticMoveIn", "removalCategory": "none",
            "becameResidentDate": ["kind": "exact", "date": .string(moved.iso)],
            "becameResidentNotifiedDate": .string(moved.iso),
            "addressFixedDate": ["kind": "exact", "date": .string(moved.iso)],
            "addressFixedNotifiedDate": .string(moved.iso),
        ]
        record["currentAddressAnnex"] = place.annex.map(JSONValue.string)
        // Old registers hold days nobody knows, or that no calendar has (DT-2).
        if member.age > 80, chance(2) {
            record["birthDate"] = ["kind": "unknown", "text": "昭和年月日不詳"]
        } else if chance(1), chance(10) {
            record["birthDate"] = [
                "kind": "nonCalendar", "text": .string("\(born.year)年2月30日"),
            ]
        }
        return record
    }

    private mutating func domicile(
        _ record: inout [String: JSONValue], head: String, _ place: Place
    ) {
        if chance(70) {
            record["registeredDomicileMunicipalityCode"] = .string(city.six)
            record["registeredDomicile"] = .string("茨城県\(place.domicile)")
        } else {
            record["registeredDomicileMunicipalityCode"] = "092011"
            record["registeredDomicile"] = "栃木県宇都宮市旭一丁目999番地"
        }
        record["familyRegisterHeadName"] = .string(head)
    }

    /// One or two 中長期在留者 or a 特別永住者.
    private mutating func foreigners(
        _ householdNumber: String, _ place: Place
    ) -> PeopleGenerator.Household {
        let nation = NameStock.nation(&random)
        var head: String?
        return (0..<Swift.min(limit, between(1, 2))).map { index in
            let name = NameStock.foreign(of: nation, &random)
            let own = Member(
                relationship: index == 0 ? "世帯主" : "同居人", age: between(18, 65),
                isMale: chance(50), surname: NameStock.Name(kanji: "", kana: ""))
            var record = common(own, index: index, householdNumber, place)
            head = head ?? name.kanji
            record["nameKanji"] = .string(name.kanji)
            record["nameKana"] = .string(name.kana)
            record["nameKanaCertified"] = false
            record["householdHeadName"] = .string(head ?? name.kanji)
            let expiry = later(than: today, years: between(1, 5))
            record["foreignLegalNameKanji"] = .string(name.kanji)
            record["foreignLegalNameKana"] = .string(name.kana)
            record["nationalityCode"] = .string(nation.code)
            record["nationalityName"] = .string(nation.ja)
            record["foreignBirthDate"] = record["birthDate"]
            record["foreignBecameResidentDate"] = record["becameResidentDate"]
            record["foreignAddressFixedDate"] = record["addressFixedDate"]
            record["residenceNotificationFlag"] = "1"
            record["residenceCardNumber"] = .string(
                "ZZ\(SyntheticNumbers.padded(firstPerson + index + 1, 8))ZZ")
            record["article30_45Category"] = "midLongTerm"
            record["residenceStatusCode"] = "engineer"
            record["residenceStatusName"] = "技術・人文知識・国際業務"
            record["periodOfStay"] = "P3Y"
            record["periodOfStayExpiry"] = .string(expiry.iso)
            if chance(15) {
                let alias = NameStock.surname(&random)
                let given = NameStock.given(isMale: own.isMale, &random)
                record["foreignAliasKanji"] = .string("\(alias.kanji)　\(given.kanji)")
                record["foreignAliasKana"] = .string("\(alias.kana)　\(given.kana)")
            }
            return .object(record)
        }
    }

    // MARK: Dice

    private mutating func between(_ low: Int, _ high: Int) -> Int {
        Int.random(in: low...high, using: &random)
    }

    private mutating func chance(_ inAHundred: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < inAHundred
    }

    private mutating func birthday(age: Int) -> CivilDate {
        let days = today.daysSince1970 - age * 365 - age / 4 - between(1, 364)
        return CivilDate(daysSince1970: days) ?? today
    }

    private mutating func later(than day: CivilDate) -> CivilDate {
        let first = day.daysSince1970
        let span = Swift.max(0, today.daysSince1970 - first)
        return CivilDate(daysSince1970: first + (span == 0 ? 0 : between(0, span))) ?? day
    }

    private func later(than day: CivilDate, years: Int) -> CivilDate {
        CivilDate(daysSince1970: day.daysSince1970 + years * 365) ?? day
    }
}

/// Where a household lives (架空の住所): a town of the city and a lot no town has.
struct Place {
    let postalCode: String
    let townAreaCode: String
    let address: String
    let annex: String?
    let domicile: String

    init(_ random: inout SeededGenerator, city: MunicipalityCode) {
        let town = NameStock.towns[Int.random(in: 0..<NameStock.towns.count, using: &random)]
        let lot = Int.random(in: 1...400, using: &random)
        let name = city.five == "08201" ? "水戸市" : "第\(city.five)市"
        postalCode = town.postalCode
        townAreaCode = town.code
        address = "\(name)\(town.name)999番地の\(lot)"
        domicile = "\(name)\(town.name)999番地"
        let room = Int.random(in: 0..<10, using: &random)
        annex = room < 3 ? "架空荘\(100 + lot % 5)号室" : nil
    }
}
