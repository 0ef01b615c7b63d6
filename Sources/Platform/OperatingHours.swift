package import Messaging

/// When counterparts take messages (運用時間, 閉庁日, 計画停止): in a hub's configuration.
///
/// Who is not named is always open. What waits for a closed counterpart is held without alarm.
package struct OperatingHours: Codable, Hashable, Sendable {
    /// Hours of some days of the week, Japanese time.
    package struct Weekly: Codable, Hashable, Sendable {
        package enum Day: String, Codable, Hashable, Sendable, CaseIterable {
            case sun, mon, tue, wed, thu, fri, sat
        }

        package var days: [Day]
        /// `08:30`.
        package var from: String
        /// `17:15`; `24:00` is the day's end.
        package var to: String

        package init(days: [Day], from: String, to: String) {
            self.days = days
            self.from = from
            self.to = to
        }
    }

    /// A planned stop (計画停止).
    package struct Outage: Codable, Hashable, Sendable {
        package var from: Instant
        package var to: Instant
        package var reason: String?

        package init(from: Instant, to: Instant, reason: String? = nil) {
            self.from = from
            self.to = to
            self.reason = reason
        }
    }

    package struct Counterpart: Codable, Hashable, Sendable {
        package var id: ParticipantID
        /// Empty: every day, all day.
        package var weekly: [Weekly]
        /// 閉庁日
        package var closedDays: [CivilDate]
        package var outages: [Outage]

        package init(
            id: ParticipantID, weekly: [Weekly] = [], closedDays: [CivilDate] = [],
            outages: [Outage] = []
        ) {
            self.id = id
            self.weekly = weekly
            self.closedDays = closedDays
            self.outages = outages
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case id, weekly, closedDays, outages
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
            id = try container.decode(ParticipantID.self, forKey: .id)
            weekly = try container.decodeIfPresent([Weekly].self, forKey: .weekly) ?? []
            closedDays = try container.decodeIfPresent([CivilDate].self, forKey: .closedDays) ?? []
            outages = try container.decodeIfPresent([Outage].self, forKey: .outages) ?? []
            for hours in weekly {
                guard let from = Schedule.minutes(hours.from), let to = Schedule.minutes(hours.to),
                    from < to, !hours.days.isEmpty
                else { throw container.corrupted(.weekly, "HH:MM〜HH:MMの運用時間ではありません") }
            }
            guard outages.allSatisfy({ $0.from < $0.to }) else {
                throw container.corrupted(.outages, "計画停止の終わりが始まりより前です")
            }
        }
    }

    package var counterparts: [Counterpart]

    package init(counterparts: [Counterpart]) { self.counterparts = counterparts }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case counterparts
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        counterparts = try container.decode([Counterpart].self, forKey: .counterparts)
        guard Set(counterparts.map(\.id)).count == counterparts.count else {
            throw container.corrupted(.counterparts, "同じ相手先が二度書かれています")
        }
    }

    package func schedule(of participant: ParticipantID) -> Schedule? {
        counterparts.first { $0.id == participant }.map(Schedule.init)
    }
}

/// One counterpart's hours, ready to be asked (運用予定).
package struct Schedule: Hashable, Sendable {
    /// Opening hours by the day of the week, Sunday first, in minutes.
    private let hours: [[Range<Int>]]
    private let closedDays: Set<CivilDate>
    private let outages: [OperatingHours.Outage]

    /// How far ahead an opening is looked for, in days.
    private static let horizon = 400

    package init(_ counterpart: OperatingHours.Counterpart) {
        var hours = [[Range<Int>]](
            repeating: counterpart.weekly.isEmpty ? [0..<1440] : [], count: 7)
        for weekly in counterpart.weekly {
            guard let from = Self.minutes(weekly.from), let to = Self.minutes(weekly.to) else {
                continue
            }
            for (index, day) in OperatingHours.Weekly.Day.allCases.enumerated()
            where weekly.days.contains(day) {
                hours[index].append(from..<to)
            }
        }
        self.hours = hours.map { $0.sorted { $0.lowerBound < $1.lowerBound } }
        closedDays = Set(counterpart.closedDays)
        outages = counterpart.outages
    }

    /// Nil while it is open; otherwise when it opens, at the latest a year and a month ahead.
    package func closedUntil(_ now: Instant) -> Instant? {
        var opening = now
        let limit = now.day.adding(days: Self.horizon).startInstant
        while opening < limit {
            if let outage = outages.first(where: { $0.from <= opening && opening < $0.to }) {
                opening = outage.to
            } else if let next = nextHours(from: opening) {
                if next == opening { return opening == now ? nil : opening }
                opening = next
            } else {
                opening = opening.day.adding(days: 1).startInstant
            }
        }
        return limit
    }

    /// The same moment where it lies within the hours of its day, else the next opening of that day.
    private func nextHours(from moment: Instant) -> Instant? {
        let day = moment.day
        guard !closedDays.contains(day) else { return nil }
        // 1970-01-01 was a Thursday.
        let weekday = ((day.daysSince1970 + 4) % 7 + 7) % 7
        let start = day.startInstant
        for range in hours[weekday] {
            if moment < start + .seconds(range.lowerBound * 60) {
                return start + .seconds(range.lowerBound * 60)
            }
            if moment < start + .seconds(range.upperBound * 60) { return moment }
        }
        return nil
    }

    /// Minutes since midnight of `HH:MM`, at most 24:00.
    static func minutes(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
            let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)),
            (0...24).contains(hour), (0...59).contains(minute), hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
