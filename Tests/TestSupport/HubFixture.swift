import BusProtocol
import Foundation
package import Messaging
package import Operations
package import Participant
package import Platform
package import ZeroMQ

/// One real hub process in a directory of its own, with keys for everybody a test needs.
package final class HubFixture {
    package static let organisation = "082015"
    package let zone: ZoneID
    package let directory: String
    package let endpoint: String
    package private(set) var process: RealProcess?
    private let hubKeys: CurveKeyPair
    private var keys: [String: CurveKeyPair] = [:]
    private let configurationFile: String

    /// The checkout's `Schemas`.
    package static let schemas: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.appendingPathComponent("Schemas").path
    }()

    package init(
        zone: String, participants: [String], killAt: String? = nil, schemas: String? = nil,
        limits: (inout HubLimits) -> Void = { _ in },
        configure: (inout HubConfiguration) throws -> Void = { _ in }
    ) throws {
        self.zone = try ZoneID(zone)
        directory = NSTemporaryDirectory() + "jh-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory + "/state", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        endpoint = "ipc://\(directory)/hub.sock"
        hubKeys = try CurveKeyPair.generate()
        configurationFile = directory + "/hub.json"
        for name in participants + ["operator/test"] { keys[name] = try CurveKeyPair.generate() }
        try SecretFile.create(directory + "/hub.key", hubKeys.secretKey)
        try SecretFile.createSymmetricKey(directory + "/lane.key")
        try SecretFile.createSymmetricKey(directory + "/signing.key")
        var limitValues = HubLimits()
        limits(&limitValues)
        var configuration = HubConfiguration(
            zone: self.zone, organisation: try OrganisationCode(Self.organisation),
            endpoint: endpoint, tapEndpoint: nil, stateDirectory: directory + "/state",
            schemas: schemas ?? Self.schemas, secretKeyFile: directory + "/hub.key",
            laneKeyFile: directory + "/lane.key", contentKeysDirectory: directory + "/content-keys",
            signingKeyFile: directory + "/signing.key",
            participants: try keys.map {
                .init(id: try ParticipantID($0.key), publicKey: $0.value.publicKey)
            },
            limits: limitValues,
            lab: LabConfiguration(clockFile: directory + "/clock", killAt: killAt, bench: true))
        try configure(&configuration)
        let armed = configuration
        configuration.lab?.killAt = nil
        unarmed = configuration
        try write(armed)
    }

    private let unarmed: HubConfiguration

    deinit {
        process?.kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func write(_ configuration: HubConfiguration) throws {
        try JSONEncoder().encode(configuration).write(to: URL(fileURLWithPath: configurationFile))
    }

    /// Starts the hub; the kill point of `init` is armed for the first start only.
    package func start() throws {
        process = try RealProcess(
            "jukihub", ["hub", "--config", configurationFile], log: directory + "/hub.log")
    }

    package func restart() throws {
        process?.kill()
        try write(unarmed)
        try start()
    }

    /// Moves the hub's clock.
    package func setClock(_ time: Instant) throws {
        try LabClock(path: directory + "/clock", createIfMissing: true).set(to: time)
    }

    /// A file of grants for `configure`, or in place of the one that stands there.
    @discardableResult
    package func write(_ grants: Grants) throws -> String {
        let path = directory + "/grants.json"
        try JSONEncoder().encode(grants).write(to: URL(fileURLWithPath: path), options: .atomic)
        return path
    }

    /// The first example of a layout, as JSON.
    package static func example(_ type: String, _ major: Int) throws -> String {
        let path = schemas + "/messages/\(type)/v\(major).schema.json"
        let object =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
            as? [String: Any]
        let examples = object?["examples"] as? [Any]
        let data = try JSONSerialization.data(withJSONObject: examples?.first ?? [:])
        return String(decoding: data, as: UTF8.self)
    }

    package var log: String {
        (try? String(contentsOfFile: directory + "/hub.log", encoding: .utf8)) ?? ""
    }

    /// A participant's own keys on this hub.
    package func keyPair(_ participant: String) throws -> CurveKeyPair {
        guard let pair = keys[participant] else { throw TestFailure("no key: \(participant)") }
        return pair
    }

    package func access(_ participant: String, key: CurveKeyPair? = nil) throws -> ZoneAccess {
        guard let pair = key ?? keys[participant] else {
            throw TestFailure("no key: \(participant)")
        }
        return try ZoneAccess(
            zone: zone, endpoint: endpoint, hubKey: hubKeys.publicKey, secretKey: pair.secretKey)
    }

    /// A client of single frames, for what no decent client sends.
    package func rawClient(
        _ participant: String, key: CurveKeyPair? = nil, routingID: [UInt8]? = nil
    ) throws -> RawClient {
        guard let pair = key ?? keys[participant] else {
            throw TestFailure("no key: \(participant)")
        }
        return try RawClient(
            participant: participant, endpoint: endpoint, hubKey: hubKeys.publicKey, keys: pair,
            routingID: routingID)
    }

    /// The keys and endpoint a client in another language needs.
    package func clientFile(_ participant: String) throws -> String {
        guard let pair = keys[participant] else { throw TestFailure("no key: \(participant)") }
        let path = directory + "/client-\(participant.replacing("/", with: "-")).json"
        let values: [String: String] = [
            "endpoint": endpoint, "hubPublicKey": hubKeys.publicKey.text,
            "secretKey": pair.secretKey.secretText, "publicKey": pair.publicKey.text,
            "participant": participant, "organisation": Self.organisation,
        ]
        try JSONEncoder().encode(values).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Asks the hub as an operator; decodes the answer.
    package func ask<Answer: Decodable>(
        _ operation: Operations.Operation, _ arguments: some Encodable,
        as type: Answer.Type = Answer.self
    ) throws -> Answer {
        let session = try OperatorSession(
            participant: try ParticipantID("operator/test"), access: try access("operator/test"),
            software: "test")
        let reply = try session.request(
            operation.rawValue, arguments: Array(try JSONEncoder().encode(arguments)),
            timeout: .seconds(10))
        return try JSONDecoder().decode(Answer.self, from: Data(reply))
    }
}

/// What a test's scaffolding could not do.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Waits for something with a deadline, looking again every few milliseconds.
package func eventually(
    within limit: Duration = .seconds(10), _ what: String, _ holds: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    while true {
        if try holds() { return }
        guard ContinuousClock.now < deadline else { throw TestFailure("not in time: \(what)") }
        usleep(5000)
    }
}
