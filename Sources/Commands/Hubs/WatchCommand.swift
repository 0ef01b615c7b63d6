internal import ArgumentParser
internal import Platform
internal import Simulation

/// 監視: the live tap of every zone, one line per hop.
struct WatchCommand: ExampledCommand {
    static let examples = [
        "jukihub watch",
        "jukihub watch --count 20 -o jsonl | jq -r '[.step, .source, .recipient] | @tsv'",
    ]
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract:
            "監視 Every zone's live tap: time, step, sender → receiver, type/version, size, latency.",
        discussion: """
            傍受は取りこぼすことがあります (記録ではありません)。 The tap is lossy by design; `msg ls` is the record. \
            Ctrl-C で終了 ends with 130.
            """)

    @Flag(name: .long, help: "受付時点の行も Also a line when a message is admitted.") var all = false
    @Option(name: .long, help: "この行数で終了 End after so many lines.") var count: Int?
    @Option(name: .long, help: "この種別だけ Only this message type.") var type: String?
    @Option(name: .long, help: "この関係システムだけ Only hops from or to this participant.") var participant:
        String?
    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() throws {
        let printer = Printer(output)
        let signals = try ShutdownSignals()
        let tap = try Tap(LabContext.open(lab.path))
        printer.note("監視中 watching; Ctrl-C で終了")
        var printed = 0
        while signals.requested == nil {
            try tap.hear(milliseconds: 200) { line in
                guard wanted(line), count.map({ printed < $0 }) ?? true else { return }
                try printer.item(line) { HopText.line(line, printer.style) }
                printed += 1
            }
            if let count, printed >= count { return }
        }
        throw Finding(exit: .interrupted)
    }

    private func wanted(_ line: HopEvent) -> Bool {
        guard all || HopText.isOutcome(line) else { return false }
        if let type, line.type?.hasPrefix(type + "/") != true { return false }
        guard let participant else { return true }
        return line.source == participant || line.recipient == participant
    }
}
