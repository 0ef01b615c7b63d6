import Foundation

/// A real child process of the build's own executables.
package final class RealProcess {
    private let process = Process()

    /// Where the executables stand: beside the test bundle.
    package static let binaries: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var url = URL(fileURLWithPath: own)
        while url.path.count > 1 {
            url.deleteLastPathComponent()
            if FileManager.default.isExecutableFile(atPath: url.path + "/jukihub") {
                return url.path
            }
        }
        var checkout = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { checkout.deleteLastPathComponent() }
        return checkout.appendingPathComponent(".build/release").path
    }()

    package init(_ name: String, _ arguments: [String], log: String) throws {
        process.executableURL = URL(fileURLWithPath: Self.binaries + "/" + name)
        process.arguments = arguments
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: log) else {
            throw TestFailure("cannot write \(log)")
        }
        handle.seekToEndOfFile()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    package var isRunning: Bool { process.isRunning }
    package var identifier: Int32 { process.processIdentifier }

    /// SIGKILL, and waits for the end.
    package func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    package func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    /// The exit status once it has ended; a signal counts as 128 + its number, as in a shell.
    package func waitForEnd(within limit: Duration = .seconds(20)) throws -> Int32 {
        try eventually(within: limit, "process ends") { !process.isRunning }
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }
}
