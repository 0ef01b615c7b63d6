import Foundation
import Logging
import Messaging
import Simulation
import Testing
import ZeroMQ

@Suite("The outside process and its control socket")
struct ControlTests {
    /// A stage without sessions in a directory of its own, served on a thread until the body is done.
    private func withOutside(_ body: (ControlClient) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "jukihub-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let settings = LabSettings(
            directory: directory + "/lab", schemas: Repository.schemas,
            people: Repository.peopleFile, executables: "/nonexistent")
        let lab = try Lab.create(settings)
        let process = try OutsideProcess.build(
            OutsideConfiguration(file: lab.directory.configuration(of: "outside")),
            logger: Logger(label: "test"))
        let thread = try SocketThread(name: "outside") {
            do { try process.run() } catch { Issue.record(error) }
        }
        defer {
            process.stop()
            thread.join()
        }
        try body(try ControlClient(endpoint: lab.description.control))
    }

    @Test("It plays its parties without hubs, answers, keeps what it is told to send, and stops")
    func life() throws {
        try withOutside { client in
            let parties = try client.ask(["operation": "parties"]).array ?? []
            #expect(parties.contains("peerMunicipalCS/08221"))
            #expect(parties.contains("registerTerminal"))
            let sent = try client.ask([
                "operation": "inject", "as": "registerTerminal", "to": ["residentRegister"],
                "type": "register.change.commit.request/v1", "step": "B3-04",
                "correlation": "K-1", "operator": "kakunin-02", "terminal": "RT-02",
                "payload": ["draftNumber": "D20251006-00001"],
            ])
            #expect(sent["id"]?.string?.hasPrefix("registerTerminal~") == true)
            let facts = try client.ask([
                "operation": "state", "party": "nationalServer", "person": "P04",
            ])
            #expect(facts["facts"]?["municipality"] == "08221")
        }
    }

    @Test(
        "A request it cannot carry out gets a code and no value",
        arguments: [
            (#"{"operation":"dance"}"#, "operation-unknown"), (#"{}"#, "operation-unknown"),
            (#"{"operation":"state","party":"no one"}"#, "field-invalid"),
            (#"{"operation":"state","party":"taxSystem","person":"P99"}"#, "person-unknown"),
            (#"{"operation":"inject","as":"taxSystem"}"#, "field-missing"),
            (
                #"{"operation":"inject","as":"nobody","to":["x"],"type":"a.b/v1","correlation":"K","payload":{}}"#,
                "party-unknown"
            ),
            (
                #"{"operation":"inject","as":"taxSystem","to":["x"],"type":"a.b/v0","correlation":"K","payload":{}}"#,
                "field-invalid"
            ),
        ])
    func faults(request: String, code: String) throws {
        try withOutside { client in
            let value = try JSONValue(parsing: Array(request.utf8))
            do {
                _ = try client.ask(value)
                Issue.record("it was carried out")
            } catch let fault as ControlFault {
                #expect(fault.code == code)
            }
        }
    }
}
