package import Messaging
package import ZeroMQ

/// What one participant's process is told at its start (業務システム設定).
///
/// Relative paths start at the configuration file's own directory.
package struct ProcessConfiguration: Codable, Hashable, Sendable {
    /// One zone this participant has a session in (区画接続).
    package struct Zone: Codable, Hashable, Sendable {
        package var zone: ZoneID
        package var endpoint: String
        package var hubPublicKey: CurvePublicKey
        /// This participant's CURVE secret key, see `SecretFile.readCurveKey`.
        package var secretKeyFile: String

        package init(
            zone: ZoneID, endpoint: String, hubPublicKey: CurvePublicKey, secretKeyFile: String
        ) {
            self.zone = zone
            self.endpoint = endpoint
            self.hubPublicKey = hubPublicKey
            self.secretKeyFile = secretKeyFile
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case zone, endpoint, hubPublicKey, secretKeyFile
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
            zone = try container.decode(ZoneID.self, forKey: .zone)
            endpoint = try container.endpoint(.endpoint)
            hubPublicKey = try container.decode(CurvePublicKey.self, forKey: .hubPublicKey)
            secretKeyFile = try container.text(.secretKeyFile)
        }
    }

    package static let zoneLimit = 8

    package var participant: ParticipantID
    package var organisation: OrganisationCode
    package var stateDirectory: String
    package var schemas: String
    package var zones: [Zone]
    /// Seals what the store keeps, see `SecretFile.readSymmetricKey`.
    package var storeKeyFile: String
    /// The system's own settings by name (業務設定), as texts; the system parses them, names its defaults and refuses what it
    /// does not know. A name that ends in `File` or `Directory` holds a path.
    package var settings: [String: String]
    /// The version of a type this process speaks, by type; the newest where it says nothing.
    package var majors: [String: Int] = [:]
    package var lab: LabConfiguration?

    package init(
        participant: ParticipantID, organisation: OrganisationCode, stateDirectory: String,
        schemas: String, zones: [Zone], storeKeyFile: String, settings: [String: String] = [:],
        lab: LabConfiguration? = nil
    ) {
        self.participant = participant
        self.organisation = organisation
        self.stateDirectory = stateDirectory
        self.schemas = schemas
        self.zones = zones
        self.storeKeyFile = storeKeyFile
        self.settings = settings
        self.lab = lab
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case participant, organisation, stateDirectory, schemas, zones, storeKeyFile, settings
        case majors, lab
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        participant = try container.decode(ParticipantID.self, forKey: .participant)
        organisation = try container.decode(OrganisationCode.self, forKey: .organisation)
        stateDirectory = try container.text(.stateDirectory)
        schemas = try container.decodeIfPresent(String.self, forKey: .schemas) ?? ""
        zones = try container.decode([Zone].self, forKey: .zones)
        storeKeyFile = try container.text(.storeKeyFile)
        settings = try container.decodeIfPresent([String: String].self, forKey: .settings) ?? [:]
        majors = try container.decodeIfPresent([String: Int].self, forKey: .majors) ?? [:]
        lab = try container.decodeIfPresent(LabConfiguration.self, forKey: .lab)
        guard majors.values.allSatisfy({ (1...999).contains($0) }) else {
            throw container.corrupted(.majors, "1〜999の版ではありません")
        }
        guard (1...Self.zoneLimit).contains(zones.count),
            Set(zones.map(\.zone)).count == zones.count
        else {
            throw container.corrupted(.zones, "重複のない1〜\(Self.zoneLimit)区画ではありません")
        }
    }

    /// Reads the file at `path`.
    package static func load(_ path: String) throws(ConfigurationError) -> ProcessConfiguration {
        var loaded = try ConfigurationFile.load(ProcessConfiguration.self, from: path)
        loaded.stateDirectory = ConfigurationFile.resolve(loaded.stateDirectory, beside: path)
        loaded.schemas = SchemaDirectory.locate(
            ConfigurationFile.resolve(loaded.schemas, beside: path))
        loaded.storeKeyFile = ConfigurationFile.resolve(loaded.storeKeyFile, beside: path)
        for (name, value) in loaded.settings
        where name.hasSuffix("File") || name.hasSuffix("Directory") {
            loaded.settings[name] = ConfigurationFile.resolve(value, beside: path)
        }
        for index in loaded.zones.indices {
            loaded.zones[index].secretKeyFile = ConfigurationFile.resolve(
                loaded.zones[index].secretKeyFile, beside: path)
        }
        loaded.lab?.resolvePaths(beside: path)
        return loaded
    }
}
