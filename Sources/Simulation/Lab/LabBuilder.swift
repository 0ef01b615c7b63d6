import Foundation
import Messaging
import Platform
import ZeroMQ

/// Makes a lab's directory (検証環境の作成): keys for everybody, configurations, the clock.
struct LabBuilder {
    private let settings: LabSettings
    private let directory: LabDirectory
    private var publicKeys: [ZoneID: [HubConfiguration.Participant]] = [:]

    init(_ settings: LabSettings) {
        self.settings = settings
        directory = LabDirectory(settings.directory)
    }

    /// Writes everything and returns what the tools have to know. The directory must not hold a lab yet.
    mutating func build() throws -> LabDescription {
        try makeDirectories()
        let clock = try LabClock(path: directory.clock, createIfMissing: true)
        if let start = settings.start { clock.set(to: start) }
        let zones = try makeZones()
        let tools = try makeTools(in: zones)
        let processes = try makeSystems(in: zones) + [makeOutside(in: zones)]
        let description = LabDescription(
            organisation: settings.organisation, schemas: settings.schemas,
            people: settings.people, clock: directory.clock, control: directory.control,
            zones: zones, operator: tools.operator, observer: tools.observer,
            processes: try makeHubs(zones) + processes)
        try LabAdjustment(settings, directory).apply(to: description)
        try write(description, to: directory.description)
        return description
    }

    private func makeDirectories() throws {
        let files = FileManager.default
        guard !files.fileExists(atPath: directory.description) else {
            throw LabFault("lab-exists", "there is a lab in \(directory.root) already")
        }
        guard directory.controlSocket.utf8.count <= LabDirectory.socketPathLimit else {
            throw LabFault(
                "path-too-long",
                "\(directory.controlSocket) is longer than \(LabDirectory.socketPathLimit) bytes")
        }
        let states = LabCast.processes.map { directory.state(of: $0) }
        let keys = LabCast.zones.map { directory.contentKeys(of: $0) }
        let places = [directory.keys, directory.logs, directory.configurations, directory.media]
        for path in places + states + keys {
            try files.createDirectory(
                atPath: path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.root)
    }

    private func makeZones() throws -> [LabDescription.Zone] {
        let ports = try FreePorts.find(LabCast.zones.count * 2)
        return try LabCast.zones.enumerated().map { index, zone in
            let pair = try CurveKeyPair.generate()
            try SecretFile.create(directory.hubSecret(zone), pair.secretKey)
            try SecretFile.createSymmetricKey(directory.laneKey(zone))
            try SecretFile.createSymmetricKey(directory.signingKey(zone))
            return LabDescription.Zone(
                zone: zone, endpoint: ports[index * 2], tapEndpoint: ports[index * 2 + 1],
                hubPublicKey: pair.publicKey)
        }
    }

    private mutating func makeTools(
        in zones: [LabDescription.Zone]
    ) throws -> (operator: LabDescription.Access, observer: LabDescription.Access) {
        var accesses: [LabDescription.Access] = []
        for identity in [LabCast.operatorIdentity, LabCast.observer] {
            let file =
                directory.keys + "/\(identity.rawValue.replacing("/", with: "-")).key"
            let pair = try CurveKeyPair.generate()
            try SecretFile.create(file, pair.secretKey)
            for zone in zones {
                publicKeys[zone.zone, default: []].append(
                    .init(id: identity, publicKey: pair.publicKey))
            }
            accesses.append(.init(participant: identity, secretKeyFile: file))
        }
        return (accesses[0], accesses[1])
    }

    private mutating func makeSystems(
        in zones: [LabDescription.Zone]
    ) throws -> [LabDescription.Process] {
        var processes: [LabDescription.Process] = []
        for system in LabCast.systems {
            var accesses: [ProcessConfiguration.Zone] = []
            for zone in zones where system.zones.contains(zone.zone) {
                accesses.append(
                    .init(
                        zone: zone.zone, endpoint: zone.endpoint, hubPublicKey: zone.hubPublicKey,
                        secretKeyFile: try admit(system.participant, to: zone.zone)))
            }
            try SecretFile.createSymmetricKey(directory.storeKey(of: system.process))
            var configuration = ProcessConfiguration(
                participant: system.participant, organisation: settings.organisation,
                stateDirectory: directory.state(of: system.process), schemas: settings.schemas,
                zones: accesses, storeKeyFile: directory.storeKey(of: system.process),
                settings: systemSettings(of: system.participant),
                lab: LabConfiguration(clockFile: directory.clock))
            configuration.majors = settings.spokenMajors(of: system.participant)
            processes.append(
                try process(
                    system.process, executable: system.process, verb: [], configuration))
        }
        return processes
    }

    /// What a system's own settings are in a lab (業務設定), by the names it documents.
    private func systemSettings(of system: ParticipantID) -> [String: String] {
        switch system.family {
        case "residentRegister":
            return ["mediaDirectory": directory.media, "mediaKeyFile": directory.mediaKey]
        case "officeLinkage":
            let departments = settings.businessSystems.map { "businessSystem/\($0)" }
            return ["connectedRecipients": (["taxSystem"] + departments).joined(separator: ",")]
        default: return [:]
        }
    }

    private mutating func makeOutside(
        in zones: [LabDescription.Zone]
    ) throws -> LabDescription.Process {
        var accesses: [PartyAccess] = []
        for (party, zoneID) in try LabCast.parties(settings) {
            for zone in zones where zone.zone == zoneID {
                accesses.append(
                    PartyAccess(
                        participant: party, zone: zoneID, endpoint: zone.endpoint,
                        hubPublicKey: zone.hubPublicKey,
                        secretKeyFile: try admit(party, to: zoneID),
                        majors: settings.spokenMajors(of: party)))
            }
        }
        return try process(
            LabCast.outsideProcess, executable: "jukihub", verb: ["outside"],
            OutsideConfiguration(
                control: directory.control, people: settings.people, clock: directory.clock,
                ledger: directory.state(of: LabCast.outsideProcess) + "/ledger.jsonl",
                organisation: settings.organisation, parties: accesses,
                electronicApplication: try .make(in: directory),
                permissionLists: settings.schemas + "/catalogue/access-permission-lists.json"))
    }

    private func makeHubs(_ zones: [LabDescription.Zone]) throws -> [LabDescription.Process] {
        try zones.map { zone in
            let name = LabCast.hubProcess(zone.zone)
            let grants = directory.grants(zone.zone)
            try write(LabCast.grants, to: grants)
            var configuration = HubConfiguration(
                zone: zone.zone, organisation: settings.organisation, endpoint: zone.endpoint,
                tapEndpoint: zone.tapEndpoint, stateDirectory: directory.state(of: name),
                schemas: settings.schemas, secretKeyFile: directory.hubSecret(zone.zone),
                laneKeyFile: directory.laneKey(zone.zone),
                contentKeysDirectory: directory.contentKeys(of: zone.zone),
                signingKeyFile: directory.signingKey(zone.zone),
                participants: publicKeys[zone.zone] ?? [],
                lab: LabConfiguration(clockFile: directory.clock))
            configuration.grantsFile = grants
            for (participant, types) in settings.lossy {
                configuration.acceptsLossy[participant.rawValue] = types
            }
            return try process(name, executable: "jukihub", verb: ["hub"], configuration)
        }
    }

    /// Gives a participant its key in a zone and tells that zone's hub; returns the secret's file.
    private mutating func admit(_ participant: ParticipantID, to zone: ZoneID) throws -> String {
        let pair = try CurveKeyPair.generate()
        let file = directory.secret(of: participant, in: zone)
        try SecretFile.create(file, pair.secretKey)
        publicKeys[zone, default: []].append(.init(id: participant, publicKey: pair.publicKey))
        return file
    }

    private func process(
        _ name: String, executable: String, verb: [String], _ configuration: some Encodable
    ) throws -> LabDescription.Process {
        let file = directory.configuration(of: name)
        try write(configuration, to: file)
        return LabDescription.Process(
            name: name, executable: settings.executables + "/" + executable,
            arguments: verb + ["--config", file])
    }

    private func write(_ value: some Encodable, to path: String) throws {
        try LabFile.write(value, to: path)
    }
}
