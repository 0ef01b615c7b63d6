import BusProtocol
import Foundation
import Messaging
import Participant
import Platform
import TestSupport
import Testing
import ZeroMQ

/// A department that exchanges files, as a real process at a real hub.
@Suite("ファイル連携のプロセス", .serialized)
struct FileAdapterProcessTests {
    private static let department = "businessSystem/2"
    private let hub: HubFixture
    private let configuration: String

    init() throws {
        hub = try HubFixture(zone: "number-use", participants: ["officeLinkage", Self.department])
        try hub.start()
        let directory = hub.directory
        for folder in ["csv", "requests", "adapter"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(folder)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        let keys = try JSONDecoder().decode(
            [String: String].self,
            from: Data(contentsOf: URL(fileURLWithPath: hub.clientFile(Self.department))))
        try SecretFile.create(
            directory + "/adapter.key", CurveSecretKey(keys["secretKey"] ?? ""))
        try SecretFile.createSymmetricKey(directory + "/adapter-store.key")
        configuration = directory + "/adapter.json"
        let text = ProcessConfiguration(
            participant: try ParticipantID(Self.department),
            organisation: try OrganisationCode(HubFixture.organisation),
            stateDirectory: directory + "/adapter", schemas: HubFixture.schemas,
            zones: [
                .init(
                    zone: try ZoneID("number-use"), endpoint: hub.endpoint,
                    hubPublicKey: try CurvePublicKey(keys["hubPublicKey"] ?? ""),
                    secretKeyFile: directory + "/adapter.key")
            ],
            storeKeyFile: directory + "/adapter-store.key",
            settings: [
                "csvDirectory": directory + "/csv", "requestDirectory": directory + "/requests",
            ],
            lab: LabConfiguration(clockFile: directory + "/clock", bench: true))
        try JSONEncoder().encode(text).write(to: URL(fileURLWithPath: configuration))
    }

    private func start() throws -> RealProcess {
        try RealProcess(
            "jukihub", ["adapter", "csv", "--config", configuration],
            log: hub.directory + "/adapter.log")
    }

    private func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(hub.directory)/\(folder)").sorted()
    }

    private func publish(_ sequence: UInt64, by linkage: RawClient) throws {
        let record = try linkage.record(
            sequence, topic: "resident-info.transfer/v1", to: Self.department,
            payload: HubFixture.example("resident-info.transfer", 1),
            extra:
                #","step":"C5","legalbasis":"number-law-9-1","businesstask":"児童手当等の支給に関する事務""#)
        try linkage.send(.pub, sequence: sequence, records: [record])
        _ = try linkage.awaitFrame(.puback)
    }

    @Test(
        "Each transfer is one file and one acknowledgement, also when the adapter is killed and comes back"
    )
    func killed() throws {
        let linkage = try hub.rawClient("officeLinkage")
        try linkage.greet()
        try linkage.subscribe()
        // What was published before the department's first start waits for it.
        try publish(1, by: linkage)
        var adapter = try start()
        try eventually("the first file") { try names("csv").count == 1 }
        adapter.kill()
        try publish(2, by: linkage)
        try publish(3, by: linkage)
        adapter = try start()
        try eventually("all files") { try names("csv").count == 3 }
        var acknowledged = 0
        while acknowledged < 3 {
            let deliveries = try linkage.deliveries()
            acknowledged += deliveries.count {
                $0.envelope.topic.rawValue == "resident-info.ack/v1"
            }
            // One person's next message waits until this one is settled.
            if let first = deliveries.first, let last = deliveries.last {
                try linkage.acknowledge(first.sequence...last.sequence)
            }
        }
        #expect(try names("csv").allSatisfy { $0.hasPrefix("transfer-") && $0.hasSuffix(".csv") })
        adapter.send(SIGTERM)
        #expect(try adapter.waitForEnd() == 0)
    }

    @Test("A request file becomes a message to 庁内連携")
    func request() throws {
        let linkage = try hub.rawClient("officeLinkage")
        try linkage.greet()
        try linkage.subscribe()
        let adapter = try start()
        try Data().write(to: URL(fileURLWithPath: hub.directory + "/requests/S1.request"))
        let delivered = try #require(try linkage.deliveries().first)
        #expect(delivered.envelope.topic.rawValue == "resident-info.snapshot.request/v1")
        try eventually("the file says so") { try names("requests") == ["S1.sent"] }
        adapter.kill()
    }

    @Test("Without its folders the adapter says which setting is missing, and ends with 2")
    func misconfigured() throws {
        try FileManager.default.removeItem(atPath: hub.directory + "/csv")
        let adapter = try start()
        #expect(try adapter.waitForEnd() == 2)
        let log = try String(contentsOfFile: hub.directory + "/adapter.log", encoding: .utf8)
        #expect(log.contains("directory-unusable"))
    }
}
