package import Messaging

/// Makes up the population of a city (架空の住民の生成): the same households for the same seed, one after another.
///
/// Nobody it makes exists: 個人番号 begin with 98, 住民票コード with 77, lots are numbered 999 and above, and every record is
/// marked. Ages, relationships (CL-3), foreign residents, 旧氏, 外字 and 不詳 dates come in plausible shares.
package struct PeopleGenerator: Sequence, IteratorProtocol {
    /// The most people one population has.
    package static let countLimit = 300_000

    /// One household's 住民票, head first, as `population.import.request` carries them.
    package typealias Household = [JSONValue]

    private let seed: UInt64
    private let city: MunicipalityCode
    private let today: CivilDate
    private var left: Int
    private var made = 0
    private var household = 0

    /// `count` people in all, as on `today`.
    package init(count: Int, seed: UInt64, city: MunicipalityCode, today: CivilDate) {
        precondition(
            (0...Self.countLimit).contains(count), "a population has at most 300,000 people")
        self.seed = seed
        self.city = city
        self.today = today
        left = count
    }

    package mutating func next() -> Household? {
        guard left > 0 else { return nil }
        household += 1
        var maker = HouseholdMaker(
            random: SeededGenerator(seed: seed &+ UInt64(household) &* 0x9E37_79B9_7F4A_7C15),
            serial: household, firstPerson: made, limit: left, city: city, today: today)
        let members = maker.make()
        made += members.count
        left -= members.count
        return members
    }
}

/// Identifiers of people who do not exist (架空の番号): valid check digits in ranges of our own.
enum SyntheticNumbers {
    /// 個人番号 of the person with that serial: 98, nine digits, check digit (V-1).
    static func individualNumber(_ serial: Int) -> String {
        let eleven = "98" + padded(serial, 9)
        for digit in 0...9 where IndividualNumber.isValid(eleven + String(digit)) {
            return eleven + String(digit)
        }
        preconditionFailure("Each eleven digits have a check digit (V-1).")
    }

    /// 住民票コード: 77, eight digits, check digit (V-2).
    static func juminhyoCode(_ serial: Int) -> String {
        let ten = "77" + padded(serial, 8)
        for digit in 0...9 where JuminhyoCode.isValid(ten + String(digit)) {
            return ten + String(digit)
        }
        preconditionFailure("Each ten digits have a check digit (V-2).")
    }

    /// 住民票コード of the drawn person who has that 個人番号; nil for any other number.
    static func juminhyoCode(of individualNumber: String) -> String? {
        guard individualNumber.hasPrefix("98"), IndividualNumber.isValid(individualNumber),
            let serial = Int(individualNumber.dropFirst(2).prefix(9)),
            (1...PeopleGenerator.countLimit).contains(serial)
        else { return nil }
        return juminhyoCode(serial)
    }

    /// 宛名番号 or 世帯番号: nine digits from `base` on, check digit (V-6).
    static func addresseeNumber(_ serial: Int, base: Int) -> String {
        guard let number = AddresseeNumber.completed(serial: padded(base + serial, 9)) else {
            preconditionFailure("Nine digits are a serial (V-6).")
        }
        return number
    }

    static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: Swift.max(0, digits - text.count)) + text
    }
}
