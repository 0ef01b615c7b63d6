/// A moment (時点) in nanoseconds since 1970-01-01T00:00:00Z, from 1677 to 2262.
///
/// It is written in Japan's time (+09:00). Sums that would leave the range stay at its end.
public struct Instant: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    public let nanosecondsSince1970: Int64

    public init(nanosecondsSince1970: Int64) { self.nanosecondsSince1970 = nanosecondsSince1970 }

    /// The moment that many seconds after 1970, held within the range.
    public init(secondsSince1970 seconds: Int) {
        let (product, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        nanosecondsSince1970 = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Parses an RFC 3339 time with any offset and up to nine fractional digits.
    public init(rfc3339 text: String) throws(InvalidIdentifier) {
        let span = text.utf8.span
        guard let instant = Instant.parse(span, 0..<span.count) else {
            throw InvalidIdentifier(kind: "Instant", rule: "an RFC 3339 time from 1677 to 2262")
        }
        self = instant
    }

    /// `2025-10-06T09:00:00.123+09:00`; three, six or nine fractional digits, whatever loses nothing.
    public var rfc3339: String {
        let seconds = Self.floorDivide(nanosecondsSince1970, 1_000_000_000)
        let fraction = Int(seconds.remainder)
        let local = Self.floorDivide(seconds.quotient + 32_400, 86_400)
        let date = CivilDate(daysSince1970: Int(local.quotient))
        let time = Int(local.remainder)
        let clock = [time / 3600, time / 60 % 60, time % 60].map { CivilDate.pad($0, 2) }
        let digits =
            if fraction % 1_000_000 == 0 {
                CivilDate.pad(fraction / 1_000_000, 3)
            } else if fraction % 1000 == 0 {
                CivilDate.pad(fraction / 1000, 6)
            } else {
                CivilDate.pad(fraction, 9)
            }
        return "\(date?.iso ?? "")T\(clock[0]):\(clock[1]):\(clock[2]).\(digits)+09:00"
    }

    public var description: String { rfc3339 }

    /// The day it is in Japan.
    public var day: CivilDate {
        let local = Self.floorDivide(nanosecondsSince1970, 1_000_000_000).quotient + 32_400
        guard
            let date = CivilDate(daysSince1970: Int(Self.floorDivide(local, 86_400).quotient))
        else { preconditionFailure("Every instant lies within the calendar's years.") }
        return date
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }

    public static func + (left: Instant, right: Duration) -> Instant {
        let end = Instant(nanosecondsSince1970: right < .zero ? .min : .max)
        guard let step = nanoseconds(right) else { return end }
        let (sum, overflow) = left.nanosecondsSince1970.addingReportingOverflow(step)
        return overflow ? end : Instant(nanosecondsSince1970: sum)
    }

    public static func - (left: Instant, right: Duration) -> Instant { left + (.zero - right) }

    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanosecondsSince1970) - .nanoseconds(right.nanosecondsSince1970)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(InvalidIdentifier) {
            try self.init(rfc3339: text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339)
    }

    /// Nil beyond 292 years.
    private static func nanoseconds(_ duration: Duration) -> Int64? {
        let parts = duration.components
        let (whole, overflow) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(parts.attoseconds / 1_000_000_000)
        return overflow || carry ? nil : sum
    }

    private static func floorDivide(
        _ value: Int64, _ divisor: Int64
    ) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Instant {
    /// RFC 3339 without leap seconds; `T` and `Z` in upper case.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Instant? {
        let base = range.lowerBound
        guard range.count >= 20, range.count <= 35 else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            var value = 0
            for index in base + offset..<base + offset + count {
                guard index < range.upperBound, Grammar.isDigit(bytes[index]) else { return nil }
                value = value * 10 + Int(bytes[index] &- 0x30)
            }
            return value
        }
        func mark(_ offset: Int, _ byte: UInt8) -> Bool {
            base + offset < range.upperBound && bytes[base + offset] == byte
        }
        guard let year = number(0, 4), mark(4, UInt8(ascii: "-")), let month = number(5, 2),
            mark(7, UInt8(ascii: "-")), let day = number(8, 2), mark(10, UInt8(ascii: "T")),
            let hour = number(11, 2), mark(13, UInt8(ascii: ":")), let minute = number(14, 2),
            mark(16, UInt8(ascii: ":")), let second = number(17, 2),
            hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var offset = 19
        var fraction: Int64 = 0
        if mark(offset, UInt8(ascii: ".")) {
            offset += 1
            var digits = 0
            while base + offset < range.upperBound, Grammar.isDigit(bytes[base + offset]) {
                guard digits < 9 else { return nil }
                fraction = fraction * 10 + Int64(bytes[base + offset] &- 0x30)
                digits += 1
                offset += 1
            }
            guard digits > 0 else { return nil }
            for _ in digits..<9 { fraction *= 10 }
        }
        let zone: Int
        if mark(offset, UInt8(ascii: "Z")), range.count == offset + 1 {
            zone = 0
        } else {
            guard mark(offset, UInt8(ascii: "+")) || mark(offset, UInt8(ascii: "-")),
                range.count == offset + 6, let hours = number(offset + 1, 2),
                mark(offset + 3, UInt8(ascii: ":")), let minutes = number(offset + 4, 2),
                hours < 24, minutes < 60
            else { return nil }
            let size = hours * 3600 + minutes * 60
            zone = bytes[base + offset] == UInt8(ascii: "-") ? -size : size
        }
        var seconds =
            Int64(date.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second - zone)
        if seconds < 0, fraction > 0 {
            // Towards zero, so that the earliest instants do not overflow on the way.
            seconds += 1
            fraction -= 1_000_000_000
        }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(fraction)
        return overflow || carry ? nil : Instant(nanosecondsSince1970: sum)
    }
}
