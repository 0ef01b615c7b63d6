import Foundation
package import Messaging
package import Operations
import Participant
import Platform
package import Simulation

/// A whole lab of real processes in a directory of its own, ready to play one scenario.
///
/// The directory goes with the fixture once `passed` was called, and stays for whoever looks into a failure.
package final class LabFixture {
    package let lab: Lab
    package let session: LabSession
    package let people: People
    private let scenario: Scenario
    private let file: String
    private var isDone = false

    private static let checkout: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// Starts everything and waits until it answers.
    package init(scenario name: String = "SC-01") throws {
        let scenarios = Self.checkout + "/Tests/Scenarios"
        file = "\(scenarios)/\(name).yaml"
        let directory = NSTemporaryDirectory() + "jhl-\(UInt32.random(in: 0 ... .max))"
        let settings = LabSettings(
            directory: directory, schemas: directory + "/schemas",
            people: scenarios + "/people.yaml",
            executables: RealProcess.binaries)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        // A copy: who edits the checkout's meanwhile must not part a restarted process from its hub.
        try FileManager.default.copyItem(atPath: HubFixture.schemas, toPath: settings.schemas)
        people = try PeopleFile.read(settings.people)
        scenario = try ScenarioFile.read(file, schemas: settings.schemas, people: people)
        lab = try Lab.create(settings.with(scenario))
        do {
            try lab.start()
            session = try LabSession(lab)
            try LabReadiness.wait(for: lab, session)
        } catch {
            lab.stop()
            throw error
        }
    }

    deinit {
        session.close()
        lab.stop()
        if isDone { try? FileManager.default.removeItem(atPath: lab.directory.root) }
    }

    /// Where to look when something failed.
    package var directory: String { lab.directory.root }
    package func passed() { isDone = true }

    package func play(_ observe: (ScenarioEvent) -> Void = { _ in }) throws -> ScenarioReport {
        try ScenarioRunner(scenario, file: file, lab: lab, session: session, people: people)
            .run(observe)
    }

    /// Puts a message on the bus as one of the outside parties.
    package func inject(
        as sender: String, to recipient: String, _ topic: String, step: String,
        correlation: String, _ payload: JSONValue
    ) throws {
        _ = try session.ask([
            "operation": "inject", "request": .string("test-\(correlation)"),
            "as": .string(sender), "to": [.string(recipient)], "type": .string(topic),
            "step": .string(step), "correlation": .string(correlation), "payload": payload,
        ])
    }

    /// Asks a zone's hub as the operator; decodes the answer.
    package func ask<Answer: Decodable>(
        _ zone: ZoneID, _ operation: Operations.Operation, _ arguments: some Encodable,
        as type: Answer.Type = Answer.self
    ) throws -> Answer {
        guard let place = lab.description.zones.first(where: { $0.zone == zone }) else {
            throw TestFailure("no zone \(zone)")
        }
        let operatorSession = try OperatorSession(
            participant: lab.description.operator.participant,
            access: ZoneAccess(
                zone: zone, endpoint: place.endpoint, hubKey: place.hubPublicKey,
                secretKey: SecretFile.readCurveKey(lab.description.operator.secretKeyFile)),
            software: "test")
        let reply = try operatorSession.request(
            operation.rawValue, arguments: Array(try JSONEncoder().encode(arguments)),
            timeout: .seconds(10))
        return try JSONDecoder().decode(Answer.self, from: Data(reply))
    }

    /// Every message of a zone's journal.
    package func messages(of zone: ZoneID) throws -> [MessageSummary] {
        var messages: [MessageSummary] = []
        var query = MessageQuery(limit: 500)
        repeat {
            let page: MessagePage = try ask(zone, .messageList, query)
            messages += page.messages
            query.before = page.next
        } while query.before != nil
        return messages
    }
}
