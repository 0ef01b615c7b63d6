internal import ArgumentParser

/// The form in which a command prints its data (出力形式).
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people: Japanese first, aligned, with the next useful command.
    case text
    /// One JSON document.
    case json
    /// One JSON object per line, flushed line by line.
    case jsonl
}

/// What every command understands about its output.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "出力形式 text, json or jsonl (one object per line).")
    var format: OutputFormat = .text

    @Flag(name: .customLong("no-color"), help: "色を付けない No colour (NO_COLOR does the same).")
    var noColor = false

    var style: Style { Style(format: format, colourRefused: noColor) }
}
