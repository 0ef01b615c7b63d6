import Foundation
import TestSupport
import Testing

/// The tool as a shell sees it: exit codes, and what goes to which stream.
@Suite("The tool as a shell sees it")
struct ToolTests {
    struct Ending {
        let code: Int32
        let output: String
        let errors: String
    }

    private func run(_ arguments: [String], input: String = "", program: String = "jukihub") throws
        -> Ending
    {
        let process = Process()
        process.executableURL = URL(filePath: RealProcess.binaries + "/" + program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        var environment = ProcessInfo.processInfo.environment
        environment["JUKIHUB_LAB"] = "/nonexistent/lab"
        process.environment = environment
        let (given, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = given
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        given.fileHandleForWriting.write(Data(input.utf8))
        try given.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Ending(code: process.terminationStatus, output: text, errors: said)
    }

    @Test(
        "Exit codes are those of the design",
        arguments: [
            (["--help"], 0), (["schema", "ls"], 0), (["flow", "show", "B3-①", "--offline"], 0),
            (["flow", "show", "Z9-99", "--offline"], 1), (["status"], 2), (["no-such-verb"], 64),
            (["dead-letter", "retry", "municipalCS", "1"], 64),
            (["msg", "ls", "--limit", "0"], 64), (["keys", "new", ""], 64),
            (["keys", "new", "/tmp/"], 64),
        ] as [([String], Int32)])
    func exitCodes(arguments: [String], code: Int32) throws {
        #expect(try run(arguments).code == code)
    }

    @Test("An error in JSON is one object with code, message and hint, on standard error")
    func errorObject() throws {
        let ending = try run(["status", "-o", "json"])
        #expect(ending.output.isEmpty)
        let object = try JSONSerialization.jsonObject(with: Data(ending.errors.utf8))
        let error = try #require((object as? [String: [String: String]])?["error"])
        #expect(error["code"] == "no-lab")
        #expect(Set(error.keys) == ["code", "message", "hint"])
    }

    @Test("Every example of a layout is valid, and a stranger's field is named by its place")
    func examples() throws {
        let types = try run(["schema", "ls", "-o", "jsonl"]).output.split(separator: "\n")
        #expect(types.count > 20)
        let example = try run(["schema", "show", "identity.update.notice/v3", "--example"])
        let arguments = ["schema", "validate", "identity.update.notice/v3", "-", "-o", "json"]
        #expect(try run(arguments, input: example.output).code == 0)
        let refused = try run(arguments, input: #"{"stranger": "999999001014"}"#)
        #expect(refused.code == 1)
        #expect(!refused.output.contains("999999001014"))
    }

    @Test("A step shows the assessment's own words")
    func words() throws {
        let ending = try run(["flow", "show", "B3-01", "--offline"])
        #expect(ending.output.contains("市町村CSにおいて転出地市町村より転出証明書情報を受信する。"))
        #expect(ending.output.contains("move-out-certificate.deliver"))
    }

    @Test(
        "A file that cannot be read is named with a code, on one exit, and no framework's error",
        arguments: [
            ["sim", "run", "/etc"], ["sim", "run", "/nonexist"],
            ["sim", "run", "--people", "/nonexist", "Tests/Scenarios/SC-01.yaml"],
            ["sim", "run", "--people", "/etc", "Tests/Scenarios/SC-01.yaml"],
            ["outside", "--config", "/nonexist"], ["outside", "--config", "/etc/hosts"],
            ["hub", "--config", "/nonexist"],
        ])
    func unreadable(arguments: [String]) throws {
        // Not the lab of the other tests: a scenario reads its files before any lab is made.
        let ending = try run(arguments)
        #expect(ending.code == 2)
        #expect(ending.errors.contains("[") && ending.errors.contains("hint:"))
        #expect(!ending.errors.contains("Cocoa"))
        #expect(arguments.contains { $0.hasPrefix("/") && ending.errors.contains($0) })
    }

    @Test(
        "A system without a usable configuration ends with 2 and a code",
        arguments: ["municipal-cs", "resident-register", "office-linkage"])
    func systemConfiguration(program: String) throws {
        let ending = try run(["--config", "/nonexist"], program: program)
        #expect(ending.code == 2)
        #expect(ending.errors.contains("[process-configuration]"))
        #expect(ending.errors.contains("/nonexist"))
    }

    @Test("A reason is measured in bytes of UTF-8, as the hub measures it")
    func reasonBytes() throws {
        func retry(_ reason: String) throws -> Ending {
            try run(["dead-letter", "retry", "municipalCS", "1", "--reason", reason])
        }
        // 166 characters of three bytes are 498 bytes: only the missing lab stops that one.
        #expect(try retry(String(repeating: "復", count: 166)).code == 2)
        let refused = try retry(String(repeating: "復", count: 167))
        #expect(refused.code == 64 && refused.errors.contains("500 bytes"))
    }

    @Test("A stopped lab is known as such within five seconds, and its stores are private")
    func stoppedLab() throws {
        let lab = FileManager.default.temporaryDirectory.appending(
            path: "jukihub-stopped-\(UInt32.random(in: .min ... .max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: lab) }
        #expect(try run(["sim", "run", "--lab", lab, "Tests/Scenarios/SC-01.yaml"]).code == 0)
        let start = ContinuousClock.now
        let ending = try run(["status", "--lab", lab])
        #expect(ending.code == 2)
        #expect(ContinuousClock.now - start < .seconds(5))
        let state = URL(filePath: lab).appending(path: "state")
        for case let file as URL in FileManager.default.enumerator(
            at: state, includingPropertiesForKeys: nil) ?? .init()
        {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            let mode = try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
            #expect(mode & 0o077 == 0, "\(file.lastPathComponent)")
        }
    }

    @Test("New keys are private, and never overwrite old ones")
    func keys() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "jukihub-keys-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let name = directory.appending(path: "tax").path
        #expect(try run(["keys", "new", name]).code == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: name + ".key")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        let before = try Data(contentsOf: URL(filePath: name + ".key"))
        #expect(try run(["keys", "new", name]).code == 2)
        #expect(try Data(contentsOf: URL(filePath: name + ".key")) == before)
    }
}
