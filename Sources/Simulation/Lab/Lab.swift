import Glibc
import Messaging
package import Platform
import Synchronization

/// A whole municipality on one machine (検証環境): three hubs, five systems and the outside as child processes.
///
/// Nothing of it survives: `stop` ends every process, and a killed parent takes them along (``ChildProcess``). Methods
/// block; call them from a plain thread.
package final class Lab: Sendable {
    package let directory: LabDirectory
    package let description: LabDescription
    package let clock: LabClock
    private let children = Mutex<[String: ChildProcess]>([:])
    private let startCounts = Mutex<[String: Int]>([:])

    /// How long a process may take to end after SIGTERM, in milliseconds.
    package static let gracePeriod = 5_000

    private init(directory: LabDirectory, description: LabDescription) throws {
        self.directory = directory
        self.description = description
        clock = try LabClock(path: description.clock, createIfMissing: false)
    }

    deinit { stop() }

    /// Makes a new lab in `settings.directory`; starts nothing.
    package static func create(_ settings: LabSettings) throws -> Lab {
        var builder = LabBuilder(settings)
        return try Lab(
            directory: LabDirectory(settings.directory), description: try builder.build())
    }

    /// The lab that lies in `directory`, none of its processes being ours.
    package static func open(_ directory: String) throws -> Lab {
        let place = LabDirectory(directory)
        return try Lab(directory: place, description: try LabDescription.read(place))
    }

    // MARK: - Processes

    /// Names of every process, in the order they are started.
    package var processes: [String] { description.processes.map(\.name) }

    /// Starts every process that does not run. ``LabReadiness`` tells when they answer.
    package func start() throws {
        for process in processes where !isRunning(process) { try start(process) }
    }

    package func start(_ name: String) throws {
        let process = try entry(name)
        try children.withLock { children in
            guard children[name]?.isRunning != true else { return }
            children[name] = try ChildProcess(
                name: name, executable: process.executable, arguments: process.arguments,
                log: directory.log(of: name))
            startCounts.withLock { $0[name, default: 0] += 1 }
        }
    }

    /// How often a process was started here.
    package func starts(of name: String) -> Int { startCounts.withLock { $0[name] ?? 0 } }

    /// How a process that does not run ended, as a shell tells it; nil if it runs or never did.
    package func exitStatus(of name: String) -> Int32? {
        switch child(name)?.ending {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        case nil: nil
        }
    }

    package func isRunning(_ name: String) -> Bool { child(name)?.isRunning ?? false }

    /// Processes that ran and have ended by themselves or by a kill point.
    package var ended: [String] {
        children.withLock { children in
            children.values.filter { !$0.isRunning }.map(\.name).sorted()
        }
    }

    /// Kills one process and whatever it started, at once, and waits for its end.
    package func kill(_ name: String) throws {
        _ = try entry(name)
        guard let child = child(name) else { return }
        child.send(SIGKILL)
        guard child.waitForEnd(milliseconds: Self.gracePeriod) else {
            throw LabFault("not-ending", "\(name) does not end")
        }
    }

    /// Asks one process to end; kills it when it has not after the grace period.
    package func stop(_ name: String) throws {
        _ = try entry(name)
        child(name)?.send(SIGTERM)
        if child(name)?.waitForEnd(milliseconds: Self.gracePeriod) == false { try kill(name) }
    }

    /// Whether the process had ended (a kill point, a failure) before `timeout`.
    package func waitForEnd(_ name: String, timeout: Duration) -> Bool {
        child(name)?.waitForEnd(milliseconds: Int(timeout / .milliseconds(1))) ?? true
    }

    /// Ends every process: SIGTERM to all, SIGKILL to what remains after the grace period.
    package func stop() {
        let running = children.withLock { children in
            defer { children = [:] }
            return Array(children.values)
        }
        for child in running { child.send(SIGTERM) }
        for child in running where !child.waitForEnd(milliseconds: Self.gracePeriod) {
            child.send(SIGKILL)
            _ = child.waitForEnd(milliseconds: Self.gracePeriod)
        }
    }

    /// How long a backup may take, in milliseconds.
    private static let backupPeriod = 60_000

    /// Has a process's own executable write a backup (バックアップ) into ``LabDirectory/backup(_:)``, as operators do:
    /// `backup --config FILE --to PATH`. Throws ``LabFault`` where it does not.
    package func backUp(_ name: String, as backup: String) throws {
        let process = try entry(name)
        let place = directory.backup(backup)
        try LabFile.makeDirectory(place)
        let child = try ChildProcess(
            name: "backup", executable: process.executable,
            arguments: ["backup"] + process.arguments + ["--to", "\(place)/\(name).sqlite"],
            log: directory.log(of: name))
        guard child.waitForEnd(milliseconds: Self.backupPeriod) else {
            child.send(SIGKILL)
            throw LabFault("backup-slow", "\(name) has not written its backup")
        }
        guard case .exited(0) = child.ending else {
            throw LabFault("backup-failed", "\(name) writes no backup; see its log")
        }
    }

    /// Arms (or with nil disarms) a kill point for the next start of a hub or system.
    package func arm(_ name: String, killAt: String?) throws {
        let file = directory.configuration(of: name)
        if name.hasPrefix("hub-") {
            var configuration = try HubConfiguration.load(file)
            configuration.lab?.killAt = killAt
            try LabFile.write(configuration, to: file)
        } else if name == LabCast.outsideProcess {
            throw LabFault("no-kill-points", "the outside has no kill points")
        } else {
            var configuration = try ProcessConfiguration.load(file)
            configuration.lab?.killAt = killAt
            try LabFile.write(configuration, to: file)
        }
    }

    private func child(_ name: String) -> ChildProcess? { children.withLock { $0[name] } }

    private func entry(_ name: String) throws -> LabDescription.Process {
        guard let process = description.processes.first(where: { $0.name == name }) else {
            throw LabFault("process-unknown", "the lab has no process \(name)")
        }
        return process
    }
}
