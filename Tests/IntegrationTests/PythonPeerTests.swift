import BusProtocol
import Foundation
import Messaging
import TestSupport
import Testing

/// `deploy/examples/peer.py`: another municipality with a key of its own, against the real hub.
@Suite("A municipality in Python", .serialized)
struct PythonPeerTests {
    private static let peer = "peerMunicipalCS/14100"

    /// What the example reads of a lab.
    private struct Description: Encodable {
        struct Zone: Encodable {
            let zone: String
            let endpoint: String
            let hubPublicKey: String
        }
        let organisation: String
        let schemas: String
        let zones: [Zone]
    }

    private func start(_ hub: HubFixture, _ options: [String]) throws -> Process {
        let access = try JSONDecoder().decode(
            [String: String].self,
            from: Data(contentsOf: URL(filePath: try hub.clientFile(Self.peer))))
        for (suffix, name) in [(".pub", "publicKey"), (".key", "secretKey")] {
            try Data((access[name] ?? "").utf8).write(
                to: URL(filePath: hub.directory + "/own" + suffix))
        }
        let description = Description(
            organisation: HubFixture.organisation, schemas: HubFixture.schemas,
            zones: [
                .init(
                    zone: "juki-net", endpoint: access["endpoint"] ?? "",
                    hubPublicKey: access["hubPublicKey"] ?? "")
            ])
        try JSONEncoder().encode(description).write(to: URL(filePath: hub.directory + "/lab.json"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.currentDirectoryURL = URL(filePath: HubFixture.schemas).deletingLastPathComponent()
        process.arguments =
            ["deploy/examples/peer.py", hub.directory, Self.peer, hub.directory + "/own"] + options
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        process.environment = environment
        _ = FileManager.default.createFile(atPath: hub.directory + "/peer.log", contents: nil)
        let log = try #require(FileHandle(forWritingAtPath: hub.directory + "/peer.log"))
        process.standardOutput = log
        process.standardError = log
        try process.run()
        return process
    }

    @Test(
        "It sends a 転出証明書情報, answers a 送信依頼 as it is told to, and prints nobody's content",
        arguments: [([], 1), (["--twice"], 2)] as [([String], Int)])
    func peer(options: [String], answers: Int) throws {
        let hub = try HubFixture(zone: "juki-net", participants: [Self.peer, "municipalCS"])
        try hub.start()
        let process = try start(hub, options)
        defer { process.terminate() }
        let city = try hub.rawClient("municipalCS")
        try city.greet()
        try city.subscribe()
        let certificate = try #require(try city.deliveries(within: .seconds(30)).first)
        #expect(certificate.envelope.topic.rawValue == "move-out-certificate.deliver/v2")
        #expect(certificate.envelope.step?.rawValue == "B3-01")
        try city.acknowledge(certificate.sequence...certificate.sequence)

        let request = try HubFixture.example("move-out-certificate.request", 2)
        let record = try city.record(
            1, topic: "move-out-certificate.request/v2", to: Self.peer, payload: request,
            correlation: "fallback-1", extra: #","step":"B3-03""#)
        try city.send(.pub, sequence: 1, records: [record])
        var received: [RawClient.Delivered] = []
        try eventually(within: .seconds(20), "the certificate comes again") {
            if try city.has(.deliver) {
                let deliveries = try city.deliveries()
                received += deliveries
                for delivery in deliveries {
                    try city.acknowledge(delivery.sequence...delivery.sequence)
                }
            }
            return received.count >= answers
        }
        #expect(received.count == answers)
        for answer in received {
            #expect(answer.envelope.correlation.rawValue == "fallback-1")
            #expect(String(decoding: answer.payload, as: UTF8.self).contains("requested"))
        }
        let said = try String(contentsOfFile: hub.directory + "/peer.log", encoding: .utf8)
        #expect(!said.contains("999999001049") && !said.contains("佐藤"))
    }
}
