import Logging
package import Messaging
package import Participant
package import Platform

/// A system as a process (業務システムのプロセス): its catalogue, its sessions, and its store beside its business tables.
package struct SystemProcess: Sendable {
    private static let software = "jukihub systems 1"

    package let catalogue: Catalogue
    package let dispatch: Dispatch
    private let configuration: ProcessConfiguration
    private let files: [String: [UInt8]]

    /// Reads the catalogue; lab types exist only where the configuration has a lab.
    package init(_ configuration: ProcessConfiguration) throws {
        self.configuration = configuration
        files = try SchemaDirectory.read(configuration.schemas)
        catalogue = try Catalogue(
            files: files,
            options: CatalogueOptions(
                lab: configuration.lab != nil, bench: configuration.lab?.bench ?? false))
        dispatch = Dispatch(catalogue: catalogue, participant: configuration.participant)
    }

    /// One of the files of the catalogue's directory, e.g. `catalogue/transfer-profiles.json`.
    package func file(_ name: String) throws -> [UInt8] {
        guard let bytes = files[name] else {
            throw StoreError("file-missing", "reading \(name) of the schema directory")
        }
        return bytes
    }

    /// The system's own settings (業務設定), by name; throws `setting-unknown` for a name it does not know.
    package func settings(_ known: Set<String>) throws -> [String: String] {
        for name in configuration.settings.keys.sorted() where !known.contains(name) {
            throw StoreError("setting-unknown", "reading the setting \(name)")
        }
        return configuration.settings
    }

    private var databasePath: String {
        "\(configuration.stateDirectory)/\(configuration.participant.family).sqlite"
    }

    /// A consistent copy of the system's database while its process runs, without what no backup may hold.
    package func backup(to file: String) throws -> BackupStore.Summary {
        let unkept = catalogue.types.filter {
            catalogue.retentionClass($0.retention)?.backup == false
        }
        return try BackupStore.copy(
            from: databasePath, to: file, leavingOutTypes: Set(unkept.map(\.name.rawValue)))
    }

    /// The participant; its store is opened on the thread that runs it.
    package func participant(
        _ makeHandler: @escaping @Sendable (Dispatch, OrganisationCode) throws -> any MessageHandler
    ) throws -> Participant {
        let clock = try configuration.lab.start()
        let key = try SecretFile.readSymmetricKey(configuration.storeKeyFile)
        let zones = try configuration.zones.map { zone in
            try ZoneAccess(
                zone: zone.zone, endpoint: zone.endpoint, hubKey: zone.hubPublicKey,
                secretKey: SecretFile.readCurveKey(zone.secretKeyFile))
        }
        let name = configuration.participant
        let organisation = configuration.organisation
        let path = databasePath
        let dispatch = dispatch
        return try Participant(
            configuration: ParticipantConfiguration(
                participant: name, catalogueDigest: catalogue.digestHex, software: Self.software,
                zones: zones, majors: configuration.spokenMajors()),
            storage: {
                try DurableStore(
                    path: path, participant: name, organisation: organisation,
                    zones: zones.map(\.zone), sealingKey: key,
                    handler: makeHandler(dispatch, organisation), clock: clock)
            },
            clock: clock, logger: Logger(label: name.rawValue))
    }
}
