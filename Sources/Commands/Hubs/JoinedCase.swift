internal import Operations

/// One case joined over the zones (区域をまたぐ案件): its hops in time order.
struct JoinedCase: Encodable {
    enum State: String, Encodable {
        case complete, waiting, stuck
        /// Some hub did not answer: nothing can be said of its part.
        case unknown
    }

    /// The case's number in each zone that knows it.
    let correlations: [ZoneCase]
    let state: State
    let hops: [MessageSummary]

    struct ZoneCase: Hashable, Encodable {
        let zone: String
        let correlation: String
    }
}

/// A case as lines for people: one hop a line, a retry or a wait beneath it (案件の表示).
enum CaseText {
    static func lines(_ found: JoinedCase, _ style: Style) -> [String] {
        let state: (String, Style.Tone) =
            switch found.state {
            case .complete: ("✓ 完了 complete", .good)
            case .waiting: ("◌ 進行中 waiting", .waiting)
            case .stuck: ("‖ 保留 stuck", .bad)
            case .unknown: ("? 不明 unknown (a hub did not answer)", .bad)
            }
        let numbers = found.correlations.map { "\($0.zone) \($0.correlation)" }.joined(
            separator: " · ")
        var lines = ["案件 case \(numbers)", "状態 state \(style.dress(state.0, state.1))", ""]
        let widths = (
            step: found.hops.map { DisplayWidth.of($0.step ?? "-") }.max() ?? 1,
            route: found.hops.map { DisplayWidth.of(route($0)) }.max() ?? 1,
            topic: found.hops.map { DisplayWidth.of($0.topic) }.max() ?? 1
        )
        for hop in found.hops {
            let head = [
                Figures.timeOfDay(hop.time), DisplayWidth.padded(hop.step ?? "-", to: widths.step),
                DisplayWidth.padded(route(hop), to: widths.route),
                DisplayWidth.padded(hop.topic, to: widths.topic),
            ].joined(separator: "  ")
            let refusal =
                hop.refusalCode.map { style.dress("  ✕ 拒否の回答 refused [\($0)]", .bad) } ?? ""
            let late = hop.isLate == true ? style.dress("  期限超過 late", .bad) : ""
            if hop.deliveries.count == 1, let only = hop.deliveries.first {
                lines.append("\(head)  \(MessageText.state(only, style))\(refusal)\(late)")
            } else {
                lines.append(head + refusal + late)
                lines += hop.deliveries.map {
                    "    → \($0.recipient)  \(MessageText.state($0, style))"
                }
            }
        }
        return lines
    }

    private static func route(_ hop: MessageSummary) -> String {
        "\(hop.source) → \(hop.recipients.joined(separator: ", "))"
    }
}
