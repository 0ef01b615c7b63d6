internal import FoundationEssentials
internal import Platform
internal import Simulation

/// A lab whose processes this command started and ends (起動中の検証環境).
final class KeptLab {
    let lab: Lab
    private let lock: LabLock

    /// Starts the lab in `settings.directory`, making it first where there is none; `prepare` may change its
    /// configurations before any process reads them.
    init(_ settings: LabSettings, prepare: (Lab) throws -> Void = { _ in }) throws {
        try LabMaking.makeDirectory(settings.directory)
        guard let lock = try LabLock(settings.directory) else {
            throw CommandFailure(
                "lab-running", "この検証環境は起動中です (another process keeps \(settings.directory) running)",
                hint: "jukihub status --lab \(settings.directory)")
        }
        self.lock = lock
        do {
            let known = FileManager.default.fileExists(
                atPath: LabDirectory(settings.directory).description)
            lab = try known ? Lab.open(settings.directory) : Lab.create(settings)
            try prepare(lab)
            try lab.start()
        } catch let fault as LabFault {
            throw Self.explain(fault, nil)
        }
    }

    /// Waits until every process answers; a session that hears everything from the first hop on.
    func ready() throws -> LabSession {
        do {
            let session = try LabSession(lab)
            try LabReadiness.wait(for: lab, session)
            return session
        } catch let fault as LabFault {
            throw Self.explain(fault, lab)
        }
    }

    func stop() { lab.stop() }

    /// A fault in words, with the last thing the process that ended had to say (a port in use, a key).
    static func explain(_ fault: LabFault, _ lab: Lab?) -> CommandFailure {
        let said = lab.flatMap { lab in
            lab.ended.first.flatMap { lastWords(lab.directory.log(of: $0)) }
        }
        return CommandFailure(
            fault.code, "検証環境の障害 (\(fault.text))" + (said.map { "\n  \($0)" } ?? ""),
            hint: fault.code == "lab-exists"
                ? "jukihub dev --lab DIR で起動、または別の DIR (start it, or choose another directory)"
                : "記録 logs: \(lab?.directory.logs ?? "DIR/logs")")
    }

    private static func lastWords(_ log: String) -> String? {
        guard let data = FileManager.default.contents(atPath: log) else { return nil }
        let text = String(decoding: data.suffix(4096), as: UTF8.self)
        return text.split(separator: "\n").last.map(String.init)
    }
}
