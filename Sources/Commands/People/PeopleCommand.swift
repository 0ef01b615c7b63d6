internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Messaging
internal import Simulation

/// 架空の住民: populations that do not exist, for scenarios, load and import.
struct PeopleCommand: ExampledCommand {
    static let examples = [
        "jukihub people generate --count 1000 --seed 7 --out people.jsonl"
    ]
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "架空の住民 Invented people: households of a city, the same for the same seed.",
        subcommands: [PeopleGenerateCommand.self])
}

struct PeopleGenerateCommand: ExampledCommand {
    static let examples = [
        "jukihub people generate --count 1000 --seed 7 --out people.jsonl",
        "jukihub people generate --count 10 --seed 1 --out - | head -3",
    ]
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract:
            "生成 Write a population, one household a line, as population.import.request carries it.",
        discussion: """
            1行目は見出し(synthetic: true)、2行目から1世帯1行。個人番号は98、住民票コードは77で始まる架空の番号。 The first line says that \
            nobody in the file exists; the file is made with mode 0600 and never overwritten. \
            シナリオからは A scenario draws from the same generator: setup: {population: {count: 1000, seed: 7}}
            """)

    @Option(help: "人数 How many people, 10 to 300,000.")
    var count: Int

    @Option(help: "種 The seed: the same seed gives the same people.")
    var seed: UInt64

    @Option(help: "出力先 The new file, or - for standard output.")
    var out: String

    @Option(help: "市町村コード The city, five digits.")
    var municipality = "08201"

    @Option(help: "基準日 The day ages are as of, YYYY-MM-DD.")
    var asOf = "2025-10-01"

    @OptionGroup var output: OutputOptions

    /// The first line of a file.
    struct Heading: Encodable {
        let synthetic = true
        let municipality: String
        let people: Int
        let seed: UInt64
        let asOf: String
    }

    struct Line: Encodable {
        let household: Int
        let residents: [JSONValue]
    }

    struct Made: Encodable {
        let file: String
        let people: Int
        let households: Int
    }

    func validate() throws {
        guard (10...PeopleGenerator.countLimit).contains(count) else {
            throw ValidationError("--count は10〜300000 (10 to 300,000)")
        }
        guard (try? MunicipalityCode(municipality)) != nil else {
            throw ValidationError("--municipality は市町村コード (five digits)")
        }
        guard (try? CivilDate(iso: asOf)) != nil else {
            throw ValidationError("--as-of は年月日 (YYYY-MM-DD)")
        }
    }

    func run() throws {
        let printer = Printer(output)
        let generator = PeopleGenerator(
            count: count, seed: seed, city: try MunicipalityCode(municipality),
            today: try CivilDate(iso: asOf))
        let sink = try LineFile(out)
        try sink.write(
            Printer.json(
                Heading(municipality: municipality, people: count, seed: seed, asOf: asOf),
                pretty: false))
        var progress = Progress(total: count)
        var made = Made(file: out, people: 0, households: 0)
        for household in generator {
            made = Made(
                file: out, people: made.people + household.count, households: made.households + 1)
            try sink.write(
                Printer.json(
                    Line(household: made.households, residents: household), pretty: false))
            progress.show(made.people)
        }
        try sink.close()
        progress.finish()
        guard out != "-" else { return }
        try printer.answer(made) {
            ["生成済 made: \(made.people) 人 people, \(made.households) 世帯 households  \(out)"]
        }
        printer.next("jukihub sim run Tests/Scenarios/SC-26.yaml")
    }
}

/// A count that is seen on a terminal and nowhere else (進み).
struct Progress {
    private let total: Int
    private let isShown = isatty(STDERR_FILENO) == 1
    private var shown = 0

    init(total: Int) { self.total = total }

    mutating func show(_ count: Int) {
        guard isShown, count * 100 / Swift.max(1, total) > shown else { return }
        shown = count * 100 / Swift.max(1, total)
        Self.overwrite("\(shown)%  \(count)/\(total)")
    }

    func finish() {
        if isShown, shown > 0 { Self.overwrite("") }
    }

    private static func overwrite(_ text: String) {
        let bytes = Array("\r\u{1B}[2K\(text)".utf8)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}

/// A new file of lines, or standard output (行ファイル): buffered, mode 0600, never overwritten.
final class LineFile {
    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []

    private static let bufferBytes = 1 << 16

    init(_ path: String) throws {
        self.path = path
        descriptor =
            path == "-"
            ? STDOUT_FILENO
            : unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
    }

    func write(_ line: String) throws {
        buffer += line.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    func close() throws {
        try flush()
        if descriptor != STDOUT_FILENO { Glibc.close(descriptor) }
    }

    private func flush() throws {
        var bytes = buffer[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, errno) }
            bytes = bytes.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        let reason = unsafe String(cString: strerror(code))
        return CommandFailure(
            "file-not-created", "ファイルを作成できません (cannot write \(path): \(reason))",
            hint: code == EEXIST ? "別の名前を指定 choose another name" : "ls -ld \(path)")
    }
}
