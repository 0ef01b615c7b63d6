internal import Foundation
internal import Messaging
internal import Participant
internal import Platform
internal import Simulation
internal import ZeroMQ

/// A hub of its own for one measurement (測定用の連携基盤): a child process, fresh files, every protection on.
final class BenchHub {
    let organisation = LabSettings.mito
    let zone: ZoneID
    let producer: ParticipantID
    let consumer: ParticipantID
    private let directory: String
    private let endpoint: String
    private let hubKey: CurvePublicKey
    private let keys: [ParticipantID: CurveKeyPair]
    private let process = Process()
    private let operatorID: ParticipantID

    /// How long the hub may take to start.
    private static let startLimit = Duration.seconds(20)
    private static let stopLimitMilliseconds: UInt32 = 10_000
    /// Where util-linux has it; the hub dies with this process, however this one ends.
    private static let setpriv = "/usr/bin/setpriv"

    init(directory: String, schemas: String) throws {
        self.directory = directory
        zone = try ZoneID("juki-net")
        producer = try ParticipantID("benchProducer/1")
        consumer = try ParticipantID("benchConsumer/1")
        operatorID = try ParticipantID("operator/bench")
        endpoint = try Self.freePort()
        let pair = try CurveKeyPair.generate()
        hubKey = pair.publicKey
        var keys: [ParticipantID: CurveKeyPair] = [:]
        for identity in [producer, consumer, operatorID] { keys[identity] = try .generate() }
        self.keys = keys
        for path in ["state", "content-keys"] {
            try LabMaking.makeDirectory(directory + "/" + path)
        }
        try SecretFile.create(directory + "/hub.key", pair.secretKey)
        for name in ["lane", "signing"] {
            try SecretFile.createSymmetricKey(directory + "/\(name).key")
        }
        let configuration = HubConfiguration(
            zone: zone, organisation: organisation, endpoint: endpoint,
            stateDirectory: directory + "/state", schemas: schemas,
            secretKeyFile: directory + "/hub.key", laneKeyFile: directory + "/lane.key",
            contentKeysDirectory: directory + "/content-keys",
            signingKeyFile: directory + "/signing.key",
            participants: keys.map { .init(id: $0.key, publicKey: $0.value.publicKey) },
            lab: LabConfiguration(clockFile: directory + "/clock", bench: true))
        try JSONEncoder().encode(configuration).write(to: URL(filePath: directory + "/hub.json"))
        try start()
    }

    deinit { stop() }

    private func start() throws {
        let log = directory + "/hub.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = FileHandle(forWritingAtPath: log)
        process.executableURL = URL(filePath: Self.setpriv)
        process.arguments = [
            "--pdeathsig", "KILL", "--", LabMaking.executables + "/jukihub", "hub", "--config",
            directory + "/hub.json",
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    /// What the hub had to say before it ended by itself; nil while it runs.
    var lastWords: String? {
        guard !process.isRunning else { return nil }
        let log = FileManager.default.contents(atPath: directory + "/hub.log") ?? Data()
        return String(decoding: log.suffix(1024), as: UTF8.self)
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        var waited: UInt32 = 0
        while process.isRunning, waited < Self.stopLimitMilliseconds {
            Pause.milliseconds(20)
            waited += 20
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// An operator's line, once the hub answers.
    func line() throws -> OperatorSession {
        let session = try OperatorSession(
            participant: operatorID, access: access(operatorID), software: "jukihub bench")
        do { try session.connect(timeout: Self.startLimit) } catch {
            let log = FileManager.default.contents(atPath: directory + "/hub.log") ?? Data()
            throw CommandFailure(
                "bench-hub",
                "測定用の連携基盤が起動しません (\(error))\n"
                    + String(decoding: log.suffix(2048), as: UTF8.self), hint: "jukihub check")
        }
        return session
    }

    func access(_ identity: ParticipantID) throws -> ZoneAccess {
        guard let pair = keys[identity] else {
            preconditionFailure("the bench knows three identities")
        }
        return try ZoneAccess(
            zone: zone, endpoint: endpoint, hubKey: hubKey, secretKey: pair.secretKey)
    }

    private static func freePort() throws -> String {
        let context = try Context(maxSockets: 2)
        defer { context.close() }
        return try Self.bound(in: context)
    }

    private static func bound(in context: Context) throws -> String {
        let socket = try Socket(.pair, in: context)
        try socket.set(.lingerMilliseconds(0))
        try socket.bind("tcp://127.0.0.1:*")
        return try socket.lastEndpoint()
    }
}
