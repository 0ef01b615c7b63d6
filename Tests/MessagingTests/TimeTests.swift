import Foundation
import Messaging
import Testing

@Suite("Time is Japan's")
struct TimeTests {
    @Test(
        "Instants are read with any offset and written in Japan's",
        arguments: [
            ("2025-10-06T09:00:00.123+09:00", "2025-10-06T09:00:00.123+09:00"),
            ("2025-10-06T00:00:00Z", "2025-10-06T09:00:00.000+09:00"),
            ("2025-10-05T20:30:00-03:30", "2025-10-06T09:00:00.000+09:00"),
            ("2025-10-06T09:00:00.000001+09:00", "2025-10-06T09:00:00.000001+09:00"),
            ("2025-10-06T09:00:00.000000001+09:00", "2025-10-06T09:00:00.000000001+09:00"),
            ("1969-12-31T23:59:59.5Z", "1970-01-01T08:59:59.500+09:00"),
        ])
    func instants(text: String, written: String) throws {
        #expect(try Instant(rfc3339: text).rfc3339 == written)
    }

    @Test(
        "Times that do not exist are refused",
        arguments: [
            "", "2025-10-06", "2025-10-06T09:00:00", "2025-10-06 09:00:00Z", "2025-02-29T00:00:00Z",
            "2025-10-06T24:00:00Z", "2025-10-06T09:60:00Z", "2025-10-06T09:00:60Z",
            "2025-10-06T09:00:00.Z", "2025-10-06T09:00:00.1234567890Z", "2025-10-06T09:00:00+0900",
            "2025-10-06T09:00:00Zx", "3000-01-01T00:00:00Z", "1600-01-01T00:00:00Z",
            "2025-10-06T09:00:00+24:00", "２025-10-06T09:00:00Z",
        ])
    func instantRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try Instant(rfc3339: text) }
    }

    @Test("Every instant is written so that it is read back the same")
    func instantRoundTrip() throws {
        var dice = Dice(seed: 1)
        for _ in 0..<2000 {
            let instant = Instant(nanosecondsSince1970: Int64(bitPattern: dice.next()))
            #expect(try Instant(rfc3339: instant.rfc3339) == instant)
        }
        for edge in [Int64.min, .max, 0, -1] {
            let instant = Instant(nanosecondsSince1970: edge)
            #expect(try Instant(rfc3339: instant.rfc3339) == instant)
        }
    }

    @Test("Sums and differences keep to the range")
    func arithmetic() throws {
        let start = try Instant(rfc3339: "2025-10-06T09:00:00+09:00")
        #expect((start + .seconds(90)).rfc3339 == "2025-10-06T09:01:30.000+09:00")
        #expect(start - .milliseconds(1) < start)
        #expect((start + .seconds(90)) - start == .seconds(90))
        #expect(
            Instant(nanosecondsSince1970: .max) + .seconds(1) == Instant(nanosecondsSince1970: .max)
        )
        #expect(start + .seconds(Int64.max) == Instant(nanosecondsSince1970: .max))
        #expect(start - .seconds(Int64.max) == Instant(nanosecondsSince1970: .min))
    }

    @Test("A day begins at midnight in Japan")
    func days() throws {
        #expect(try Instant(rfc3339: "2025-09-30T15:00:00Z").day.iso == "2025-10-01")
        #expect(try Instant(rfc3339: "2025-09-30T14:59:59.999Z").day.iso == "2025-09-30")
        #expect(
            try CivilDate(iso: "2025-10-01").startInstant
                == Instant(rfc3339: "2025-10-01T00:00:00+09:00"))
    }

    @Test("Dates agree with Foundation's calendar over four centuries")
    func calendar() throws {
        for days in stride(from: -100_000, through: 100_000, by: 97) {
            let date = try #require(CivilDate(daysSince1970: days))
            #expect(date.daysSince1970 == days)
            #expect(date.adding(days: 1).daysSince1970 == days + 1)
            #expect(try CivilDate(iso: date.iso) == date)
            #expect(try CivilDate(date8: date.date8) == date)
        }
        #expect(try CivilDate(iso: "2024-02-28").adding(days: 1).iso == "2024-02-29")
        #expect(try CivilDate(iso: "2100-02-28").adding(days: 1).iso == "2100-03-01")
        #expect(try CivilDate(iso: "0001-01-01").daysSince1970 == -719_162)
        #expect(try CivilDate(iso: "9999-12-31").adding(days: 5).iso == "9999-12-31")
    }

    @Test(
        "Days that do not exist are refused",
        arguments: [
            "", "2025-02-29", "2025-13-01", "2025-00-01", "2025-1-01", "20251001", "2025/10/01",
        ])
    func dateRefusal(text: String) {
        #expect(throws: InvalidIdentifier.self) { try CivilDate(iso: text) }
    }
}
