internal import Operations

/// One message for a person's eyes (電文の表示).
enum MessageText {
    static func lines(_ detail: MessageDetail, _ style: Style) -> [String] {
        let message = detail.summary
        var lines = [
            style.dress("\(message.step ?? "-")  \(message.topic)", .strong),
            "  電文番号 id        \(message.id)",
            "  区域:位置 position \(message.zone):\(message.position)",
            "  時刻 committed     \(message.time)",
            "  送信元 source      \(message.source)",
            "  案件 case          \(message.correlation)",
        ]
        let optional: [(String, String?)] = [
            ("原因 caused by     ", message.causation), ("対象者 subject     ", message.subject),
            ("操作者 operator    ", message.operatorID), ("端末 terminal      ", message.terminal),
            ("根拠 legal basis   ", message.legalBasis),
        ]
        lines += optional.compactMap { label, value in value.map { "  \(label)\($0)" } }
        if let code = message.refusalCode {
            lines.append("  拒否の回答 refused \(style.dress(code, .bad))")
        }
        lines.append("  大きさ size        \(Figures.bytes(message.bytes))")
        if let due = message.dueAt {
            let late = message.isLate == true
            lines.append(
                "  期限 due           \(due)"
                    + (late ? style.dress("  超過 late", .bad) : ""))
        }
        for delivery in message.deliveries {
            lines.append("  → \(delivery.recipient)  \(state(delivery, style))")
        }
        lines.append("  内容 content       \(detail.content == "held" ? "保持 held" : "消去済 destroyed")")
        if let payload = detail.maskedPayload {
            lines += payload.split(separator: "\n", omittingEmptySubsequences: false).map {
                "    \($0)"
            }
        }
        return lines
    }

    /// A delivery's state in words: what it waits for, since when, until when.
    static func state(_ delivery: DeliveryView, _ style: Style) -> String {
        let word: (String, Style.Tone) =
            switch delivery.state {
            case .waiting: ("◌ 待機 waiting", .waiting)
            case .inFlight: ("● 配信中 in flight", .waiting)
            case .backoff: ("↻ 再試行待ち backoff", .waiting)
            case .parked: ("‖ 保留 parked", .bad)
            case .deadLetter: ("✕ 処理不能 dead letter", .bad)
            case .settled: ("✓ 処理済 settled", .good)
            case .expired: ("⌛ 期限切れ expired", .bad)
            case .skipped: ("⤼ 処理対象外 skipped", .waiting)
            case .released: ("⤳ 保留解除 released", .waiting)
            }
        var parts = [style.dress(word.0, word.1)]
        if let latency = delivery.latencyMilliseconds {
            parts.append(Figures.milliseconds(latency))
        }
        if delivery.attempts > 1 { parts.append("試行 attempts \(delivery.attempts)") }
        if let waiting = delivery.waitingFor { parts.append("待ち: " + Waiting.words(waiting)) }
        if let code = delivery.code { parts.append("[\(code)]") }
        if let next = delivery.nextRetry { parts.append("次回 next \(Figures.timeOfDay(next))") }
        return parts.joined(separator: "  ")
    }
}

/// What a delivery waits for, in words (待ちの理由).
enum Waiting {
    static func words(_ code: String) -> String {
        let words = [
            "receiver-absent": "相手が未接続 the receiver is absent",
            "lane-parked": "同じ対象者の前の電文が保留中 an earlier message of this person is parked",
            "lane-backoff": "同じ対象者の前の電文が再試行待ち an earlier message of this person is backing off",
            "receiver-paused": "相手が休止中 the receiver is paused",
            "receiver-closed": "相手の運用時間外 held: the receiver is closed",
            "credit": "相手の受信枠待ち the receiver's credit",
        ]
        return words[code] ?? code
    }
}

/// A list of messages as a table (電文一覧).
enum MessageTable {
    static func table(_ messages: [MessageSummary]) -> TextTable {
        var table = TextTable([
            .init(heading: "時刻 time"), .init(heading: "番号 step"), .init(heading: "送信元 → 宛先"),
            .init(heading: "種別/版 type"), .init(heading: "大きさ", right: true),
            .init(heading: "状態 state"), .init(heading: "区域:位置"),
        ])
        for message in messages {
            let worst = worst(message)
            table.add([
                .init(Figures.timeOfDay(message.time)), .init(message.step ?? "-"),
                .init("\(message.source) → \(message.recipients.joined(separator: ", "))"),
                .init(message.topic), .init(Figures.bytes(message.bytes)), worst,
                .init("\(message.zone):\(message.position)"),
            ])
        }
        return table
    }

    private static func worst(_ message: MessageSummary) -> TextTable.Cell {
        let cell = worst(message.deliveries)
        guard let code = message.refusalCode, cell.tone != .bad else { return cell }
        return .init("✕ 拒否の回答 [\(code)]", .bad)
    }

    static func worst(_ deliveries: [DeliveryView]) -> TextTable.Cell {
        let states = deliveries.map(\.state)
        if states.contains(.deadLetter) { return .init("✕ 処理不能", .bad) }
        if states.contains(.parked) { return .init("‖ 保留", .bad) }
        if states.contains(.expired) { return .init("⌛ 期限切れ", .bad) }
        if states.contains(.backoff) { return .init("↻ 再試行待ち", .waiting) }
        if states.contains(.inFlight) { return .init("● 配信中", .waiting) }
        if states.contains(.waiting) { return .init("◌ 待機", .waiting) }
        if states.contains(.skipped) { return .init("⤼ 処理対象外", .waiting) }
        if states.contains(.released) { return .init("⤳ 保留解除", .waiting) }
        let slowest = deliveries.compactMap(\.latencyMilliseconds).max()
        return .init("✓ \(Figures.milliseconds(slowest))", .good)
    }
}
