internal import ArgumentParser
internal import Operations
internal import Platform

/// One of the four repairs of a dead letter (corrections.md item 16).
protocol Repair: ExampledCommand {
    static var action: RepairCommand.Action { get }
    var options: RepairOptions { get }
    var followUp: String? { get }
}

/// What every repair needs.
struct RepairOptions: ParsableArguments {
    @OptionGroup var choice: DeadLetterChoice

    @Option(name: .long, help: "理由 Why; required and recorded.") var reason: String

    @Flag(
        name: [.customShort("n"), .customLong("dry-run")],
        help: "実行せず対象だけ表示 Show what would be repaired.")
    var dryRun = false

    @OptionGroup var lab: LabOptions
    @OptionGroup var output: OutputOptions

    /// A reason is written into evidence: long enough to say something (in characters), short enough for the
    /// hub, which takes so many bytes of UTF-8 of it and of a follow-up.
    static let reasonMinimum = 3
    static let reasonByteLimit = 500

    func validate() throws {
        guard reason.count >= Self.reasonMinimum, reason.utf8.count <= Self.reasonByteLimit else {
            throw ValidationError(
                """
                --reason は\(Self.reasonMinimum)文字以上、UTF-8で\(Self.reasonByteLimit)バイト以下 (漢字で約\(Self.reasonByteLimit / 3)文字); \
                今は \(reason.utf8.count) バイト (at least \(Self.reasonMinimum) characters, at most \
                \(Self.reasonByteLimit) bytes of UTF-8)
                """)
        }
    }
}

extension Repair {
    func run() throws {
        let printer = Printer(options.output)
        let desk = try DeadLetterDesk(options.lab, options.choice)
        let one = desk.detail.answer.summary
        printer.note(
            "対象 target: \(one.topic) \(one.source) → \(one.recipient) [\(one.code)]"
                + "  後続 waiting behind \(one.waitingBehind)")
        if options.dryRun { return }
        let command = RepairCommand(
            action: Self.action, recipient: options.choice.recipient,
            position: options.choice.position, reason: options.reason, followUp: followUp)
        let result: RepairResult = try desk.detail.line.ask(.deadLetterRepair, command)
        try printer.answer(result) { [result.text] }
        printer.next(
            "jukihub trace \(one.correlation)", "jukihub lane ls --recipient \(one.recipient)")
        if !result.done { throw Finding(exit: .failure) }
    }

    var followUp: String? { nil }
}

struct RetryCommand: Repair {
    static let action = RepairCommand.Action.retry
    static let examples = ["jukihub dead-letter retry municipalCS 42 --reason '受信側の障害を復旧'"]
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "再送 Deliver the same message again; the lane goes on behind it.")
    @OptionGroup var options: RepairOptions
}

struct ReplaceCommand: Repair {
    static let action = RepairCommand.Action.replace
    static let examples = ["jukihub dead-letter replace municipalCS 42 --reason '住所コード誤り、起票課に依頼済み'"]
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract:
            "差替え依頼 Ask the source for a superseding message; the lane stays parked until it comes.",
        discussion: "ハブは運用者から電文の内容を受け取りません。 The hub never accepts content from an operator.")
    @OptionGroup var options: RepairOptions
}

struct SkipCommand: Repair {
    static let action = RepairCommand.Action.skip
    static let examples = [
        "jukihub dead-letter skip prefecturalServer 42 --reason '重複届出' --follow-up '県へ電話連絡 2025-10-06'"
    ]
    static let configuration = CommandConfiguration(
        commandName: "skip",
        abstract:
            "処理対象外 The message will not be applied; a legal notice left unsent needs --follow-up.",
        discussion: "A1-④, A1-⑩, A4-②, A3-④ は法定の通知です。 These four steps are legal notices.")
    @OptionGroup var options: RepairOptions

    @Option(
        name: .customLong("follow-up"), help: "事後措置 What was or will be done instead; recorded.")
    var followUp: String?

    func validate() throws {
        guard (followUp?.utf8.count ?? 0) <= RepairOptions.reasonByteLimit else {
            throw ValidationError(
                "--follow-up はUTF-8で\(RepairOptions.reasonByteLimit)バイト以下 (at most \(RepairOptions.reasonByteLimit) bytes of UTF-8)"
            )
        }
    }
}

struct ReleaseCommand: Repair {
    static let action = RepairCommand.Action.release
    static let examples = ["jukihub dead-letter release municipalCS 42 --reason '手作業で反映済み'"]
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "保留解除 Let the person's later messages go on; this one stays as evidence.")
    @OptionGroup var options: RepairOptions
}
