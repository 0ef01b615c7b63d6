internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import Platform
internal import Simulation

/// The command line tool `jukihub` (操作命令): reads the arguments, runs the verb, ends with its exit code.
package enum CommandLineTool {
    /// Runs `arguments` (without the program's name) and returns the exit code (``ExitStatus``).
    package static func run(_ arguments: [String]) -> Int32 {
        // The hub and the outside log for themselves; a tool says what it has to say in words.
        if !["hub", "outside", "adapter"].contains(path(in: arguments).first) {
            JSONLinesLog.bootstrap(level: .critical)
        }
        do {
            var command = try JukiHub.parseAsRoot(arguments)
            try command.run()
            return ExitStatus.success.rawValue
        } catch let failure as CommandFailure {
            report(failure, asJSON: wantsJSON(arguments))
            return failure.exit.rawValue
        } catch let finding as Finding {
            return finding.exit.rawValue
        } catch {
            if let failure = failure(of: error) {
                report(failure, asJSON: wantsJSON(arguments))
                return failure.exit.rawValue
            }
            return end(error, arguments)
        }
    }

    /// What the rooms below throw, as a code, a place and what to do; nil for what is not theirs.
    private static func failure(of error: any Error) -> CommandFailure? {
        switch error {
        case let error as FileFailure:
            CommandFailure(
                "file-unreadable", "ファイルを使えません (cannot use \(error))",
                hint: "パスと権限を確かめる (check path and permissions): ls -ld \(error.path)")
        case let error as ConfigurationError:
            CommandFailure(
                "configuration", "\(error)", hint: "jukihub check --config \(error.file)")
        case let error as ScenarioFault:
            CommandFailure(
                "scenario-invalid", "ファイルに誤り (\(error))", hint: "Schemas/scenario.schema.json",
                exit: .failure)
        case let error as LabFault:
            CommandFailure(error.code, "検証環境の障害 (\(error.text))", hint: "jukihub status")
        case let error as CocoaError:
            CommandFailure(
                "file-unusable",
                "ファイルを使えません (cannot use \(error.filePath ?? "a file"): code \(error.code.rawValue))",
                hint: "パスと権限、空き容量を確かめる (check path, permissions and space)")
        default: nil
        }
    }

    /// The text of `--help` for a command path such as `["dead-letter", "retry"]`: its examples come first.
    package static func help(for path: [String]) -> String {
        let command = command(at: path)
        let examples = (command as? any ExampledCommand.Type)?.examples ?? []
        let head =
            examples.isEmpty ? "" : "例 Example:\n" + examples.map { "  \($0)\n" }.joined() + "\n"
        return head + JukiHub.helpMessage(for: command, columns: 96)
    }

    /// Examples of a command that do not parse as that command; what stands behind `#` or `|` is not its own.
    package static func unparsableExamples(of path: [String]) -> [String] {
        let examples = (command(at: path) as? any ExampledCommand.Type)?.examples ?? []
        return examples.filter { example in
            let own = example.prefix { !"#|<>".contains($0) }
            let words = words(of: String(own))
            guard words.first == "jukihub", words.dropFirst().starts(with: path) else {
                return true
            }
            return (try? JukiHub.parseAsRoot(Array(words.dropFirst()))) == nil
        }
    }

    /// Splits at blanks outside single quotes.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false)
            .enumerated()
        {
            if index.isMultiple(of: 2) {
                words += part.split(separator: " ").map(String.init)
            } else {
                words.append(String(part))
            }
        }
        return words
    }

    /// Every command path of the tool, the root (an empty path) first.
    package static var paths: [[String]] {
        func below(_ command: any ParsableCommand.Type, _ path: [String]) -> [[String]] {
            [path]
                + command.configuration.subcommands.flatMap {
                    below($0, path + [$0.configuration.commandName ?? ""])
                }
        }
        return below(JukiHub.self, [])
    }

    /// Help, completion scripts and usage errors come through ArgumentParser's own errors.
    private static func end(_ error: any Error, _ arguments: [String]) -> Int32 {
        let code = JukiHub.exitCode(for: error)
        if isHelpRequest(error, arguments) {
            Printer.data(help(for: path(in: arguments)))
            return ExitStatus.success.rawValue
        }
        let text = JukiHub.fullMessage(for: error)
        if code == .success {
            if !text.isEmpty { Printer.data(text) }
        } else if code == .validationFailure, wantsJSON(arguments) {
            report(
                CommandFailure(
                    "usage", JukiHub.message(for: error),
                    hint: "jukihub \(path(in: arguments).joined(separator: " ")) --help",
                    exit: .usage), asJSON: true)
        } else if code == .validationFailure {
            Printer.message(text)
        } else {
            report(
                CommandFailure(
                    "failed", String(describing: error), hint: "jukihub check",
                    exit: .infrastructure),
                asJSON: wantsJSON(arguments))
            return ExitStatus.infrastructure.rawValue
        }
        return code.rawValue
    }

    /// Everything that ends well before a verb ran is a request for help, or one of the four below.
    private static func isHelpRequest(_ error: any Error, _ arguments: [String]) -> Bool {
        let others = [
            "--generate-completion-script", "---completion", "--version", "--experimental",
        ]
        return JukiHub.exitCode(for: error) == .success
            && !arguments.contains { word in others.contains { word.hasPrefix($0) } }
    }

    private static func report(_ failure: CommandFailure, asJSON: Bool) {
        guard asJSON else {
            Printer.message("誤り error: \(failure.message) [\(failure.code)]")
            if !failure.hint.isEmpty { Printer.message("対処 hint: \(failure.hint)") }
            return
        }
        let object = ErrorObject(
            error: .init(code: failure.code, message: failure.message, hint: failure.hint))
        Printer.message((try? Printer.json(object, pretty: false)) ?? "{\"error\":{}}")
    }

    /// The output form has to be known also when parsing failed, so the arguments are looked at as text.
    private static func wantsJSON(_ arguments: [String]) -> Bool {
        for (index, argument) in arguments.enumerated() {
            if argument == "-o" || argument == "--output" {
                return arguments.dropFirst(index + 1).first?.hasPrefix("json") ?? false
            }
            if argument.hasPrefix("-ojson") || argument.hasPrefix("--output=json") { return true }
        }
        return false
    }

    private static func path(in arguments: [String]) -> [String] {
        var path: [String] = []
        for word in arguments where !word.hasPrefix("-") && word != "help" {
            guard
                command(at: path).configuration.subcommands.contains(where: {
                    $0.configuration.commandName == word
                })
            else { break }
            path.append(word)
        }
        return path
    }

    private static func command(at path: [String]) -> any ParsableCommand.Type {
        path.reduce(JukiHub.self as any ParsableCommand.Type) { command, name in
            command.configuration.subcommands.first { $0.configuration.commandName == name }
                ?? command
        }
    }
}

private struct ErrorObject: Encodable {
    struct Body: Encodable {
        let code: String
        let message: String
        let hint: String
    }
    let error: Body
}

/// A command that shows how it is used before it explains itself.
protocol ExampledCommand: ParsableCommand {
    static var examples: [String] { get }
}
