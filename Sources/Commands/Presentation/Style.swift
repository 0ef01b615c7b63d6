internal import FoundationEssentials
internal import Glibc

/// How text is dressed for the terminal it goes to (表示の装い): colour only where a person looks.
struct Style: Sendable {
    let format: OutputFormat
    let coloured: Bool

    init(format: OutputFormat, colourRefused: Bool) {
        self.format = format
        let environment = ProcessInfo.processInfo.environment
        let refused =
            colourRefused || !(environment["NO_COLOR"] ?? "").isEmpty
            || environment["TERM"] == "dumb"
        coloured = format == .text && !refused && isatty(STDOUT_FILENO) == 1
    }

    /// The meaning a colour stands for; the words beside it say the same (never colour alone).
    enum Tone: Sendable { case plain, good, bad, waiting, faint, strong }

    func dress(_ text: String, _ tone: Tone) -> String {
        guard coloured else { return text }
        return switch tone {
        case .plain: text
        case .good: "\u{1B}[32m\(text)\u{1B}[0m"
        case .bad: "\u{1B}[1;31m\(text)\u{1B}[0m"
        case .waiting: "\u{1B}[33m\(text)\u{1B}[0m"
        case .faint: "\u{1B}[2m\(text)\u{1B}[0m"
        case .strong: "\u{1B}[1m\(text)\u{1B}[0m"
        }
    }
}
