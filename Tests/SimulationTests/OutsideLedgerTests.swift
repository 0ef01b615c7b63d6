import Foundation
import Logging
import Messaging
import Simulation
import Testing
import ZeroMQ

@Suite("What the outside remembers beyond its process")
struct OutsideLedgerTests {
    private func withLab(_ body: (Lab) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "jukihub-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(
            try Lab.create(
                LabSettings(
                    directory: directory + "/lab", schemas: Repository.schemas,
                    people: Repository.peopleFile, executables: "/nonexistent")))
    }

    private func ledger(_ lab: Lab) -> String {
        lab.directory.state(of: "outside") + "/ledger.jsonl"
    }

    private func build(_ lab: Lab) throws -> OutsideProcess {
        try OutsideProcess.build(
            OutsideConfiguration(file: lab.directory.configuration(of: "outside")),
            logger: Logger(label: "test"))
    }

    /// One life of the outside, asked one thing after the other.
    private func ask(_ questions: [JSONValue], in lab: Lab) throws -> [JSONValue] {
        let process = try build(lab)
        let thread = try SocketThread(name: "outside") {
            do { try process.run() } catch { Issue.record(error) }
        }
        defer {
            process.stop()
            thread.join()
        }
        let client = try ControlClient(endpoint: lab.description.control)
        return try questions.map { try client.ask($0) }
    }

    @Test("What a party did by itself stands after its process has ended, and is done once")
    func acts() throws {
        try withLab { lab in
            let act: JSONValue = [
                "operation": "act", "request": "a-1", "as": "peerMunicipalCS/08221",
                "do": "sendCertificate", "with": ["person": "P04", "plannedDate": "2025-10-01"],
            ]
            let state: JSONValue = [
                "operation": "state", "party": "peerMunicipalCS/08221", "person": "P04",
            ]
            let first = try ask([act, state], in: lab)
            #expect(first[1]["facts"]?["certificatesSent"] == 1)
            let again = try ask([act, state], in: lab)
            #expect(again == first)
            #expect(first[0]["sent"]?.array?.first?["payload"]?["expiryDate"] == "2025-10-31")
        }
    }

    @Test("How a party answers, and what it did to its own records, outlive the process")
    func conducts() throws {
        try withLab { lab in
            let drift: JSONValue = [
                "operation": "act", "as": "prefecturalServer", "do": "drift",
                "with": ["person": "P09"],
            ]
            let behave: JSONValue = [
                "operation": "behave", "party": "cardManagement", "answer": "late", "delay": "5s",
            ]
            let state: JSONValue = [
                "operation": "state", "party": "prefecturalServer", "person": "P09",
            ]
            _ = try ask([behave, drift], in: lab)
            #expect(try ask([state], in: lab)[0]["facts"]?["addressMatches"] == false)
            #expect(
                try String(contentsOf: URL(filePath: ledger(lab)), encoding: .utf8)
                    .contains(#""manner":"late""#))
        }
    }

    /// One life of the outside, asked to send the same named request.
    private func send(_ request: String, zone: String? = nil, in lab: Lab) throws -> String? {
        let process = try build(lab)
        let thread = try SocketThread(name: "outside") {
            do { try process.run() } catch { Issue.record(error) }
        }
        defer {
            process.stop()
            thread.join()
        }
        var question: [String: JSONValue] = [
            "operation": "inject", "request": .string(request), "as": "registerTerminal",
            "to": ["residentRegister"], "type": "register.change.commit.request/v1",
            "step": "B3-04", "correlation": "K-1", "operator": "kakunin-02", "terminal": "RT-02",
            "payload": ["draftNumber": "D20251006-00001"],
        ]
        question["zone"] = zone.map(JSONValue.string)
        return try ControlClient(endpoint: lab.description.control)
            .ask(.object(question))["id"]?.string
    }

    @Test("A named request is carried out once over any number of lives, and numbers go on")
    func lives() throws {
        try withLab { lab in
            let first = try send("r-1", in: lab)
            #expect(first?.hasSuffix("~1") == true)
            #expect(try send("r-1", in: lab) == first)
            let second = try send("r-2", in: lab)
            #expect(second == first.map { $0.dropLast(1) + "2" })
        }
    }

    @Test("A line that was being written at the end of a life is cut off")
    func tornLine() throws {
        try withLab { lab in
            let first = try send("r-1", in: lab)
            let whole = try Data(contentsOf: URL(filePath: ledger(lab)))
            try (whole + Data(#"{"cause":{"asked":{"requ"#.utf8))
                .write(to: URL(filePath: ledger(lab)))
            #expect(try send("r-1", in: lab) == first)
            #expect(try Data(contentsOf: URL(filePath: ledger(lab))) == whole)
        }
    }

    @Test("A damaged ledger keeps the outside from starting", arguments: ["not JSON\n", "{}\n"])
    func damaged(text: String) throws {
        try withLab { lab in
            try Data(text.utf8).write(to: URL(filePath: ledger(lab)))
            let fault = try #require(throws: LabFault.self) { try build(lab) }
            #expect(fault.code == "ledger-damaged")
        }
    }

    @Test("A ledger that cannot be opened keeps the outside from starting")
    func unusable() throws {
        try withLab { lab in
            try FileManager.default.createDirectory(
                atPath: ledger(lab), withIntermediateDirectories: false)
            let fault = try #require(throws: LabFault.self) { try build(lab) }
            #expect(fault.code == "ledger-unusable")
        }
    }

    @Test("A party sends nothing where it has no session, and no number is used up for it")
    func foreignZone() throws {
        try withLab { lab in
            let fault = try #require(throws: ControlFault.self) {
                try send("r-1", zone: "lgwan", in: lab)
            }
            #expect(fault.code == "zone-unknown")
            #expect(try send("r-2", in: lab)?.hasSuffix("~1") == true)
        }
    }
}
