import Journal
import Messaging
import Operations

/// What a day's evidence shows (証跡の集計): counts and accounts, never a person's data.
extension QueryDesk {
    /// The most messages one report reads.
    private static let reportLimit = 1_000_000

    private static let dayUnknown = OperationFault(
        code: "day-invalid", message: "日付ではありません (a day as YYYY-MM-DD)", hint: "--day 2025-10-01")

    private func span(_ text: String) -> (from: Instant, to: Instant)? {
        guard let day = try? CivilDate(iso: text) else { return nil }
        return (day.startInstant, day.adding(days: 1).startInstant)
    }

    /// 日次件数突合: what each sender was told is taken, against what each receiver has told is done.
    func counts(_ query: CountQuery) throws -> OperatorAnswer.Found {
        guard let span = span(query.day) else { return .nothing(Self.dayUnknown) }
        struct Way: Hashable {
            let step: String?
            let topic: String
            let source: String
            let recipient: String
        }
        var rows: [Way: DailyCounts.Row] = [:]
        try views.forEachMessage(from: span.from, to: span.to, limit: Self.reportLimit) { message in
            let envelope = message.envelope
            for recipient in envelope.recipients {
                let way = Way(
                    step: envelope.step?.rawValue, topic: envelope.topic.rawValue,
                    source: envelope.source.rawValue, recipient: recipient.rawValue)
                let party = registry.index(text: recipient.rawValue).map { registry[$0].number }
                let outcome = message.settlements.first { $0.party == party }?.outcome
                var row =
                    rows[way]
                    ?? DailyCounts.Row(
                        link: link(envelope, recipient), step: way.step, topic: way.topic,
                        source: way.source, recipient: way.recipient, admitted: 0, settled: 0,
                        ended: 0)
                row.admitted += 1
                if outcome == .accepted { row.settled += 1 }
                if let outcome, outcome != .accepted { row.ended += 1 }
                rows[way] = row
            }
        }
        let sorted = rows.values.sorted {
            ($0.step ?? "", $0.topic, $0.source, $0.recipient)
                < ($1.step ?? "", $1.topic, $1.source, $1.recipient)
        }
        return .counts(DailyCounts(zone: zone.rawValue, day: query.day, rows: sorted))
    }

    private func link(_ envelope: Envelope, _ recipient: ParticipantID) -> String? {
        catalogue.links.first { link in
            link.zone == zone && link.from == envelope.source.family && link.to == recipient.family
                && link.types.contains { $0.type == envelope.topic.type }
        }?.id.rawValue
    }

    /// 操作ログの分析: commands out of hours, failed attempts to get in, searches in bulk.
    func audit(_ query: AuditQuery) throws -> OperatorAnswer.Found {
        guard let span = span(query.day) else { return .nothing(Self.dayUnknown) }
        guard let hours = Hours(query, from: span.from) else {
            return .nothing(
                OperationFault(
                    code: "hours-invalid", message: "時刻ではありません (hours as HH:MM)",
                    hint: "--from 08:30 --to 17:15"))
        }
        var findings: [Key: AuditReport.Finding] = [:]
        func add(_ key: Key, at: Instant) {
            findings[key, default: key.finding(first: at)].count += 1
        }
        var searches: [Key: UInt64] = [:]
        try views.forEachMessage(from: span.from, to: span.to, limit: Self.reportLimit) { message in
            let envelope = message.envelope
            guard let type = catalogue.type(envelope.topic.type), type.humanTriggered,
                let who = envelope.operatorID?.rawValue
            else { return }
            let terminal = envelope.terminal?.rawValue
            if !hours.hold(message.committedAt) {
                add(
                    Key(
                        kind: .offHours, who: who, terminal: terminal, what: type.name.rawValue,
                        hour: nil),
                    at: message.committedAt)
            }
            if type.kind == .query {
                let key = Key(
                    kind: .bulkSearch, who: who, terminal: nil, what: "\(type.name)",
                    hour: Int((message.committedAt - span.from) / .seconds(3600)))
                searches[key, default: 0] += 1
                if searches[key, default: 0] == UInt64(query.searchesAnHour) {
                    findings[key] = key.finding(first: message.committedAt)
                }
            }
        }
        for (key, count) in searches where findings[key] != nil { findings[key]?.count = count }
        for refusal in try views.refusals(from: span.from, to: span.to)
        where Self.entryCodes.contains(refusal.code) {
            let who = refusal.producer.flatMap { registry.index(number: $0) }.map {
                registry[$0].text
            }
            add(
                Key(
                    kind: .loginFailure, who: who ?? refusal.source ?? "unknown-key", terminal: nil,
                    what: refusal.code, hour: nil),
                at: refusal.at)
        }
        let sorted = findings.values.sorted {
            ($0.kind.rawValue, $0.who, $0.what, $0.first)
                < ($1.kind.rawValue, $1.who, $1.what, $1.first)
        }
        return .audit(AuditReport(zone: zone.rawValue, day: query.day, findings: sorted))
    }

    /// Refusals of somebody who tried to get in, or to do what is not theirs.
    private static let entryCodes: Set<String> = [
        "unknown-key", "source-forged", "operator-not-granted", "grant-expired",
        "terminal-not-registered", "factor-missing", "operator-required",
    ]

    private struct Key: Hashable {
        let kind: AuditReport.Finding.Kind
        let who: String
        let terminal: String?
        let what: String
        let hour: Int?

        func finding(first: Instant) -> AuditReport.Finding {
            AuditReport.Finding(
                kind: kind, who: who, terminal: terminal, what: what, count: 0,
                first: first.rfc3339)
        }
    }

    /// Office hours of one day; none on Saturdays and Sundays.
    private struct Hours {
        let open: Range<Instant>?

        init?(_ query: AuditQuery, from start: Instant) {
            guard let from = Self.minutes(query.from), let to = Self.minutes(query.to), from < to
            else { return nil }
            // 1970-01-01 was a Thursday.
            let weekday = ((start.day.daysSince1970 + 4) % 7 + 7) % 7
            let isWeekend = weekday == 0 || weekday == 6
            open = isWeekend ? nil : start + .seconds(from * 60)..<start + .seconds(to * 60)
        }

        func hold(_ moment: Instant) -> Bool { open?.contains(moment) ?? false }

        private static func minutes(_ text: String) -> Int? {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
                (0...24).contains(hour), (0..<60).contains(minute)
            else { return nil }
            return hour * 60 + minute
        }
    }
}
