internal import Simulation

/// One hop as a line for people (経路の一行): time, zone, step, sender → receiver, type/version, size, latency.
enum HopText {
    static func line(_ hop: HopEvent, _ style: Style) -> String {
        let mark: (String, Style.Tone) =
            switch hop.event {
            case .settled: hop.code == nil ? ("✓", .good) : ("✕ 拒否の回答 refused", .bad)
            case .admitted: ("→ 受付 admitted", .faint)
            case .delivered: ("● 配信 delivered", .faint)
            case .parked: ("‖ 保留 parked", .bad)
            case .expired: ("⌛ 期限切れ expired", .bad)
            case .converted: ("⇄ 版変換・欠落 converted", .waiting)
            case .refused: ("✕ 拒否 refused", .bad)
            }
        let latency = hop.latencyMicroseconds.map { Double($0) / 1000 }
        return [
            DisplayWidth.padded(hop.time.map(Figures.timeOfDay) ?? "-", to: 12),
            DisplayWidth.padded(hop.zone, to: 10), DisplayWidth.padded(hop.step ?? "-", to: 5),
            DisplayWidth.padded("\(hop.source ?? "?") → \(hop.recipient ?? "?")", to: 42),
            DisplayWidth.padded(hop.type ?? "-", to: 37),
            DisplayWidth.padded(hop.bytes.map(Figures.bytes) ?? "-", to: 7, right: true),
            DisplayWidth.padded(Figures.milliseconds(latency), to: 7, right: true),
            style.dress(mark.0, mark.1) + (hop.code.map { " [\($0)]" } ?? ""),
        ].joined(separator: "  ")
    }

    /// A hop that is done, or did not go on: what a person wants a line for.
    static func isOutcome(_ hop: HopEvent) -> Bool {
        hop.event != .admitted && hop.event != .delivered
    }
}
