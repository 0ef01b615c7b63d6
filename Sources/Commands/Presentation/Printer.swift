internal import FoundationEssentials
internal import Glibc

/// Where a command's words go (出力): data to standard output, messages to standard error.
struct Printer: Sendable {
    let style: Style

    init(_ options: OutputOptions) { style = options.style }

    /// Prints one answer: `value` as one JSON document, `rows` as JSON lines, or `text` for people.
    func answer(_ value: some Encodable, rows: [any Encodable]? = nil, text: () -> [String]) throws
    {
        switch style.format {
        case .text: text().forEach(Self.data)
        case .json: Self.data(try Self.json(value, pretty: true))
        case .jsonl:
            for row in rows ?? [value] { Self.data(try Self.json(row, pretty: false)) }
        }
    }

    /// Prints one item of a stream as it comes; in both JSON forms one object per line.
    func item(_ value: some Encodable, text: () -> String) throws {
        switch style.format {
        case .text: Self.data(text())
        case .json, .jsonl: Self.data(try Self.json(value, pretty: false))
        }
    }

    /// Suggests the next useful command; people only.
    func next(_ commands: String...) {
        guard style.format == .text else { return }
        for (index, command) in commands.enumerated() {
            Self.message((index == 0 ? "次 next: " : "         ") + command)
        }
    }

    func note(_ text: String) { Self.message(text) }

    static func data(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }
    static func message(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// A reader that went away (`| head`) ends the process by SIGPIPE, as it should.
    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    static func json(_ value: some Encodable, pretty: Bool) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
