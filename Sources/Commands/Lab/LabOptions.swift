internal import ArgumentParser
internal import FoundationEssentials

/// Which lab or installation the tool talks to, and for how long it waits.
struct LabOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "検証環境のディレクトリ The lab's state directory (or JUKIHUB_LAB; else \(Self.defaultPath)).",
            valueName: "dir"))
    var lab: String?

    @Option(
        name: .long,
        help: ArgumentHelp("応答待ちの上限 Seconds to wait for a hub's answer.", valueName: "seconds"))
    var timeout: Double = 5

    /// Flag, then environment, then the default; the directory need not exist yet.
    var path: String {
        if let lab { return Self.absolute(lab) }
        if let named = ProcessInfo.processInfo.environment["JUKIHUB_LAB"], !named.isEmpty {
            return Self.absolute(named)
        }
        return Self.defaultPath
    }

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else {
            throw ValidationError("--timeout は 0 より大きく 3600 以下 (between 0 and 3600 seconds)")
        }
    }

    static var defaultPath: String {
        let environment = ProcessInfo.processInfo.environment
        if let state = environment["XDG_STATE_HOME"], !state.isEmpty {
            return state + "/jukihub/lab"
        }
        return (environment["HOME"] ?? "/tmp") + "/.local/state/jukihub/lab"
    }

    static func absolute(_ path: String) -> String {
        let full =
            path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        return URL(fileURLWithPath: full).standardizedFileURL.path
    }
}
