package import Messaging
package import ZeroMQ

/// What one zone's hub is told at its start (連携基盤設定).
///
/// Relative paths start at the configuration file's own directory.
package struct HubConfiguration: Codable, Hashable, Sendable {
    /// One key and whose it is (参加者の鍵). A participant has several while a key is being changed.
    package struct Participant: Codable, Hashable, Sendable {
        package var id: ParticipantID
        package var publicKey: CurvePublicKey
        /// Refused before.
        package var since: Instant?
        /// Refused from then on.
        package var revokedAt: Instant?

        package init(
            id: ParticipantID, publicKey: CurvePublicKey, since: Instant? = nil,
            revokedAt: Instant? = nil
        ) {
            self.id = id
            self.publicKey = publicKey
            self.since = since
            self.revokedAt = revokedAt
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case id, publicKey, since, revokedAt
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
            id = try container.decode(ParticipantID.self, forKey: .id)
            publicKey = try container.decode(CurvePublicKey.self, forKey: .publicKey)
            since = try container.decodeIfPresent(Instant.self, forKey: .since)
            revokedAt = try container.decodeIfPresent(Instant.self, forKey: .revokedAt)
        }

        /// Whether the key is good at `time`.
        package func isValid(at time: Instant) -> Bool {
            if let since, time < since { return false }
            if let revokedAt, time >= revokedAt { return false }
            return true
        }
    }

    package static let participantLimit = 4096

    package var zone: ZoneID
    package var organisation: OrganisationCode
    package var endpoint: String
    /// PUB of masked metadata for operators; nil = no tap.
    package var tapEndpoint: String?
    package var stateDirectory: String
    package var schemas: String
    /// The hub's CURVE secret key, see `SecretFile.readCurveKey`.
    package var secretKeyFile: String
    /// Keys the lanes' HMAC, see `SecretFile.readSymmetricKey`.
    package var laneKeyFile: String
    /// Keys that seal content, one file each; on other media than the journal where it matters.
    package var contentKeysDirectory: String
    /// Signs the evidence (Ed25519), see `SecretFile.readSymmetricKey`.
    package var signingKeyFile: String
    package var participants: [Participant]
    package var limits: HubLimits
    /// Who may act from which terminal (権限), see ``Grants``; nil only in a lab: then nobody is asked.
    package var grantsFile: String?
    /// Types by participant of which it takes an older version although values are dropped (欠落の承認).
    package var acceptsLossy: [String: [String]] = [:]
    /// When counterparts take messages (運用時間); who is not named always does.
    package var hours: OperatingHours?
    /// By when steps are to be answered (期限), where the catalogue's deadline is not this city's.
    package var deadlines: StepDeadlines?
    package var lab: LabConfiguration?

    package init(
        zone: ZoneID, organisation: OrganisationCode, endpoint: String, tapEndpoint: String? = nil,
        stateDirectory: String, schemas: String, secretKeyFile: String, laneKeyFile: String,
        contentKeysDirectory: String, signingKeyFile: String, participants: [Participant],
        limits: HubLimits = HubLimits(), lab: LabConfiguration? = nil
    ) {
        self.zone = zone
        self.organisation = organisation
        self.endpoint = endpoint
        self.tapEndpoint = tapEndpoint
        self.stateDirectory = stateDirectory
        self.schemas = schemas
        self.secretKeyFile = secretKeyFile
        self.laneKeyFile = laneKeyFile
        self.contentKeysDirectory = contentKeysDirectory
        self.signingKeyFile = signingKeyFile
        self.participants = participants
        self.limits = limits
        self.lab = lab
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case zone, organisation, endpoint, tapEndpoint, stateDirectory, schemas, secretKeyFile
        case laneKeyFile, contentKeysDirectory, signingKeyFile, participants, limits
        case grantsFile, acceptsLossy, hours, deadlines, lab
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.closedContainer(keyedBy: CodingKeys.self)
        zone = try container.decode(ZoneID.self, forKey: .zone)
        organisation = try container.decode(OrganisationCode.self, forKey: .organisation)
        endpoint = try container.endpoint(.endpoint)
        tapEndpoint =
            try container.decodeIfPresent(String.self, forKey: .tapEndpoint) == nil
            ? nil : container.endpoint(.tapEndpoint)
        stateDirectory = try container.text(.stateDirectory)
        schemas = try container.decodeIfPresent(String.self, forKey: .schemas) ?? ""
        secretKeyFile = try container.text(.secretKeyFile)
        laneKeyFile = try container.text(.laneKeyFile)
        contentKeysDirectory = try container.text(.contentKeysDirectory)
        signingKeyFile = try container.text(.signingKeyFile)
        participants = try container.decode([Participant].self, forKey: .participants)
        limits = try container.decodeIfPresent(HubLimits.self, forKey: .limits) ?? HubLimits()
        lab = try container.decodeIfPresent(LabConfiguration.self, forKey: .lab)
        grantsFile = try container.decodeIfPresent(String.self, forKey: .grantsFile)
        acceptsLossy =
            try container.decodeIfPresent([String: [String]].self, forKey: .acceptsLossy) ?? [:]
        hours = try container.decodeIfPresent(OperatingHours.self, forKey: .hours)
        deadlines = try container.decodeIfPresent(StepDeadlines.self, forKey: .deadlines)
        guard grantsFile != nil || lab != nil else {
            throw container.corrupted(.grantsFile, "書かれていません(本番では権限の設定が要ります)")
        }
        guard participants.count <= Self.participantLimit else {
            throw container.corrupted(.participants, "\(Self.participantLimit)件を超えています")
        }
        guard Set(participants.map(\.publicKey)).count == participants.count else {
            throw container.corrupted(.participants, "同じ公開鍵が二度書かれています")
        }
    }

    /// Reads the file at `path`.
    package static func load(_ path: String) throws(ConfigurationError) -> HubConfiguration {
        var loaded = try ConfigurationFile.load(HubConfiguration.self, from: path)
        func resolved(_ given: String) -> String { ConfigurationFile.resolve(given, beside: path) }
        loaded.stateDirectory = resolved(loaded.stateDirectory)
        loaded.schemas = SchemaDirectory.locate(resolved(loaded.schemas))
        loaded.secretKeyFile = resolved(loaded.secretKeyFile)
        loaded.laneKeyFile = resolved(loaded.laneKeyFile)
        loaded.contentKeysDirectory = resolved(loaded.contentKeysDirectory)
        loaded.signingKeyFile = resolved(loaded.signingKeyFile)
        loaded.grantsFile = loaded.grantsFile.map(resolved)
        loaded.lab?.resolvePaths(beside: path)
        return loaded
    }
}
