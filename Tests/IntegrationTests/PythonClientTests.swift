import Foundation
import Operations
import TestSupport
import Testing

/// `Tests/PythonClient`, written from the wire protocol's document alone, against the real hub.
@Suite("A participant in Python", .serialized)
struct PythonClientTests {
    private static let python = "/usr/bin/python3"
    private static let script: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<2 { url.deleteLastPathComponent() }
        return url.appendingPathComponent("PythonClient/test_juki_client.py").path
    }()

    /// What the script prints as its last line.
    private struct Result: Decodable {
        let vectors: Int
        let published: Int
        let arrived: Int
    }

    private struct Publication: Encodable {
        let attributes: [String: String]
        let payload: Payload
        let count: Int

        struct Payload: Encodable {
            let subject: String
            let sequence: Int
        }
    }

    private struct Client: Encodable {
        let access: [String: String]
        let publish: Publication
        let restart: Bool

        func encode(to encoder: any Encoder) throws {
            try access.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(publish, forKey: .publish)
            try container.encode(restart, forKey: .restart)
        }

        private enum Keys: CodingKey { case publish, restart }
    }

    private func run(_ arguments: [String], log: String) throws -> (Process, stdin: Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        process.environment = environment
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = try #require(FileHandle(forWritingAtPath: log))
        process.standardOutput = output
        process.standardError = output
        let input = Pipe()
        process.standardInput = input
        try process.run()
        return (process, input)
    }

    private func requireZeroMQ(in directory: String) throws {
        let installed: Bool
        do {
            let (process, _) = try run(["-c", "import zmq"], log: directory + "/zmq.log")
            process.waitUntilExit()
            installed = process.terminationStatus == 0
        } catch {
            installed = false
        }
        guard installed else {
            throw TestFailure("\(Self.python) has no zmq: apt-get install python3 python3-zmq")
        }
    }

    @Test(
        "It publishes, subscribes and acknowledges, each message exactly once, over a hub killed half way"
    )
    func survivesRestart() throws {
        let count = 200
        let hub = try HubFixture(
            zone: "juki-net", participants: ["benchProducer/1", "benchConsumer/1"])
        try requireZeroMQ(in: hub.directory)
        try hub.start()
        let producer = try hub.clientFile("benchProducer/1")
        let consumer = try hub.clientFile("benchConsumer/1")
        let access = try JSONDecoder().decode(
            [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: producer)))
        let client = Client(
            access: access,
            publish: Publication(
                attributes: [
                    "dataschema": "bench.message/v1", "recipient": "benchConsumer/1",
                    "correlationid": "python-1", "organisation": HubFixture.organisation,
                ], payload: Publication.Payload(subject: "88888001047", sequence: 1), count: count),
            restart: true)
        try JSONEncoder().encode(client).write(to: URL(fileURLWithPath: producer))

        let log = hub.directory + "/python.log"
        func said() -> String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
        let (process, input) = try run([Self.script, producer, consumer], log: log)
        defer { if process.isRunning { process.terminate() } }
        try eventually(within: .seconds(30), "the client is half way: \(said())") {
            said().contains("READY") || !process.isRunning
        }
        #expect(process.isRunning, "\(said())")
        try hub.restart()
        try input.fileHandleForWriting.write(contentsOf: Data("restarted\n".utf8))
        try eventually(within: .seconds(90), "the client ends") { !process.isRunning }
        try #require(process.terminationStatus == 0, "\(said())")

        let last = try #require(said().split(separator: "\n").last)
        let result = try JSONDecoder().decode(Result.self, from: Data(last.utf8))
        #expect(result.vectors > 0)
        #expect(result.published == count)
        #expect(result.arrived == count, "each exactly once")
        // The hub agrees: everything is acknowledged, nothing stands twice in its journal.
        try eventually("everything is settled") {
            let status: HubStatus = try hub.ask(.status, NoArguments())
            return status.participants.allSatisfy { $0.queued == 0 && $0.inFlight == 0 }
        }
        let page: MessagePage = try hub.ask(.messageList, MessageQuery(limit: 500))
        #expect(page.messages.count == count)
    }
}
