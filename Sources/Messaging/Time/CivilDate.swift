/// A day of the calendar in Japan (暦日), proleptic Gregorian, Asia/Tokyo (+09:00 throughout).
public struct CivilDate: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int

    /// The day with these parts, or nil where the calendar has none; years 1…9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.days(in: month, of: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Parses `2025-10-01`.
    public init(iso text: String) throws(InvalidIdentifier) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let date = CivilDate(
                digits: Array(bytes[0..<4] + bytes[5..<7] + bytes[8..<10]))
        else { throw InvalidIdentifier(kind: "CivilDate", rule: "a day as YYYY-MM-DD") }
        self = date
    }

    /// Parses `20251001`.
    public init(date8 text: String) throws(InvalidIdentifier) {
        guard let date = CivilDate(digits: Array(text.utf8)) else {
            throw InvalidIdentifier(kind: "CivilDate", rule: "a day as YYYYMMDD")
        }
        self = date
    }

    /// The day that many days after 1970-01-01; nil outside the years 1…9999.
    public init?(daysSince1970 days: Int) {
        // Howard Hinnant's civil_from_days: eras of 400 years that begin on 1 March.
        guard (-719_162...2_932_896).contains(days) else { return nil }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    public var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day `days` later (earlier when negative), held within 0001-01-01…9999-12-31.
    public func adding(days: Int) -> CivilDate {
        let sum = min(max(daysSince1970 &+ days, -719_162), 2_932_896)
        return CivilDate(daysSince1970: sum) ?? self
    }

    /// 00:00 of the day in Japan; held within what an ``Instant`` can say (1677…2262).
    public var startInstant: Instant {
        Instant(secondsSince1970: daysSince1970 * 86_400 - 32_400)
    }

    /// `2025-10-01`.
    public var iso: String { "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))" }
    /// `20251001`.
    public var date8: String { Self.pad(year, 4) + Self.pad(month, 2) + Self.pad(day, 2) }
    public var description: String { iso }

    public static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(InvalidIdentifier) {
            try self.init(iso: text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(iso)
    }

    public static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private init?(digits: [UInt8]) {
        guard digits.count == 8, digits.allSatisfy(Grammar.isDigit) else { return nil }
        func number(_ range: Range<Int>) -> Int {
            digits[range].reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        }
        self.init(year: number(0..<4), month: number(4..<6), day: number(6..<8))
    }

    static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
