internal import ArgumentParser
internal import FoundationEssentials
internal import Operations

/// 性能測定: the bus as fast as it goes, with every protection on.
struct BenchCommand: ExampledCommand {
    static let examples = [
        "jukihub bench                               # 最大速度と毎秒2000件の遅延 full speed, then 2000/s",
        "jukihub bench --rate 2000 --messages 10000",
        "jukihub bench --subjects 1", "jukihub bench --participants -o json",
    ]
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "性能測定 Measure a hub of its own: CURVE, schema check, seal, fsync, evidence, lanes.",
        discussion: """
            測定用の連携基盤を一時ディレクトリで起動します。 It starts a hub in a temporary directory. published + confirmed: \
            PUBACK は fsync の後 after fsync; delivered + acknowledged: 受信側が適用 applied by the receiver. 遅延は送信から\
            適用まで latency runs from sending to applying; at full speed it is the time spent queued behind the credit.
            """)

    @Option(name: .long, help: "電文数 Messages measured (default 200000; 10000 with --rate).")
    var messages: Int?
    @Option(name: .long, help: "本文の大きさ Payload bytes.") var bytes = 1024
    @Option(name: .long, help: "対象者数 Persons (lanes).") var subjects = 10_000
    @Option(name: .long, help: "毎秒の件数 Messages a second; only this run.") var rate: Int?
    @Flag(name: .long, help: "永続の送受信箱で Durable stores on both ends, as systems have.")
    var participants = false
    @Flag(name: .long, help: "全種類 All four: full speed, 2000/s, one person, durable stores.")
    var all = false
    @Flag(name: .long, help: "作業ディレクトリを残す Keep the working directory.") var keep = false
    @OptionGroup var schemas: SchemaOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (messages ?? 1) > 0, subjects > 0, subjects < 1_000_000, (rate ?? 1) > 0,
            (200...900_000).contains(bytes)
        else { throw ValidationError("--messages, --subjects, --rate ≥ 1; --bytes 200 to 900000") }
    }

    func run() throws {
        let printer = Printer(output)
        let interruption = try Interruption()
        var results: [BenchRun.Result] = []
        for plan in plans {
            let directory = try Self.workingDirectory()
            let keep = keep
            let putAway: @Sendable () -> Void = {
                if !keep { try? FileManager.default.removeItem(atPath: directory) }
            }
            interruption.onSignal(putAway)
            defer { putAway() }
            printer.note("測定中 measuring: \(plan.name)")
            let result = try BenchRun(plan: plan, schemas: schemas.path, directory: directory).run()
            if output.format == .text {
                BenchText.lines(result, printer.style).forEach(Printer.data)
            }
            if keep { printer.note("残しました kept: \(directory)") }
            results.append(result)
        }
        if output.format != .text { try printer.answer(results, rows: results) { [] } }
    }

    private var plans: [BenchPlan] {
        let full = messages ?? 200_000
        func plan(_ name: String, _ count: Int, subjects: Int, rate: Int, durable: Bool)
            -> BenchPlan
        {
            BenchPlan(
                name: name, messages: count, warmUp: max(1, count / 20), payloadBytes: bytes,
                subjects: subjects, rate: rate, durable: durable)
        }
        func paced(_ rate: Int) -> BenchPlan {
            plan(
                "毎秒\(rate)件 \(rate)/s", messages.map { min($0, 1_000_000) } ?? rate * 5,
                subjects: subjects, rate: rate, durable: participants)
        }
        if let rate { return [paced(rate)] }
        let fast = plan(
            "最大速度 full speed" + (participants ? ", 永続 durable stores" : ""),
            participants ? min(full, 50_000) : full, subjects: subjects, rate: 0,
            durable: participants)
        guard all else { return messages == nil ? [fast, paced(2000)] : [fast] }
        return [
            fast, paced(2000),
            plan("一人 one person", min(full, 100_000), subjects: 1, rate: 0, durable: false),
            plan(
                "永続 durable stores", min(full, 50_000), subjects: subjects, rate: 0, durable: true),
        ]
    }

    private static func workingDirectory() throws -> String {
        let base = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        let name = String(UInt32.random(in: .min ... .max), radix: 36)
        let path = "\(base ?? "/tmp")/jukihub-bench-\(name)"
        try LabMaking.makeDirectory(path)
        return path
    }
}

/// One measurement as lines for people (測定結果の表示).
enum BenchText {
    static func lines(_ result: BenchRun.Result, _ style: Style) -> [String] {
        let plan = result.plan
        let figures = result.figures
        var lines = [
            style.dress(
                "\(plan.name): \(Figures.grouped(plan.messages))件 × \(plan.payloadBytes)B, "
                    + "対象者 \(Figures.grouped(plan.subjects))", .strong),
            "  published + confirmed     \(Figures.grouped(Int(figures.confirmedPerSecond)))/s",
            "  delivered + acknowledged  \(Figures.grouped(Int(figures.deliveredPerSecond)))/s"
                + "   (hub settled \(Figures.grouped(Int(result.settledPerSecond)))/s)",
            "  latency p50 \(milliseconds(figures.p50Milliseconds))  p99 "
                + "\(milliseconds(figures.p99Milliseconds))  max \(milliseconds(figures.maximumMilliseconds))",
            "  CPU hub \(Figures.tenths(result.hubCPUMicrosecondsPerMessage)) µs/件, "
                + "clients \(Figures.tenths(result.clientCPUMicrosecondsPerMessage)) µs/件; "
                + "commits \(Figures.grouped(result.commits))",
        ]
        var table = TextTable([
            .init(heading: "thread"), .init(heading: "stage"), .init(heading: "µs/件", right: true),
            .init(heading: "回数 count", right: true),
        ])
        for stage in result.stages where stage.nanoseconds > 0 {
            let each = Double(stage.nanoseconds) / 1e3 / Double(result.measuredMessages)
            table.add([
                .init(stage.thread), .init(stage.stage), .init(hundredths(each)),
                .init(Figures.grouped(stage.count)),
            ])
        }
        lines += table.lines(style).map { "  " + $0 }
        return lines
    }

    private static func milliseconds(_ value: Double) -> String { hundredths(value) + "ms" }

    private static func hundredths(_ value: Double) -> String {
        let scaled = Int((value * 100).rounded())
        let rest = scaled % 100
        return "\(scaled / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
