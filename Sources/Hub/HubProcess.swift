import Crypto
import JSONSchema
import Journal
package import Logging
import Messaging
package import Platform
import ZeroMQ

/// One hub for one zone (連携基盤): everything opened and checked in `init`, run by `run()` until stopped.
///
/// A broken catalogue or schema, a key that others can read, a port in use, a journal in use or damaged:
/// `init` throws and says which, and no message is ever taken.
package final class HubProcess: @unchecked Sendable {
    // The loop belongs to the thread that calls `run()`; only the mailbox is used by others.
    private var loop: BusLoop?
    private let inbox: Mailbox<LoopEvent>
    private let context: Context
    private let journal: Journal
    private let reader: Reader
    private let writer: Writer
    private let stages = StageClock()
    private let desk: QueryDesk
    private let check: DeliveryCheck
    private let configuration: HubConfiguration
    private let logger: Logger

    /// Where participants connect, with the port that was given for `*`.
    package let endpoint: String
    package let tapEndpoint: String?

    /// Opens everything; throws ``HubError``, or what Platform's readers of files throw.
    package init(_ configuration: HubConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let clock = try configuration.lab.start()
        let catalogue = try Self.catalogue(configuration)
        guard let zone = catalogue.zoneIndex(of: configuration.zone) else {
            throw HubError(
                .configuration, "zone \(configuration.zone.rawValue)",
                "is not in Schemas/catalogue/zones.json")
        }
        let secret = try SecretFile.readCurveKey(configuration.secretKeyFile)
        let laneKey = try SecretFile.readSymmetricKey(configuration.laneKeyFile)
        journal = try Journal(
            JournalConfiguration(
                directory: configuration.stateDirectory,
                contentKeysDirectory: configuration.contentKeysDirectory, zone: configuration.zone,
                retentionClasses: catalogue.retentionClasses.map(\.name)), clock: clock)
        let journal = journal
        let now = clock.now()
        let registry = try Registry(
            configuration.participants.filter { $0.isValid(at: now) }.map { ($0.id, $0.publicKey) },
            catalogue: catalogue, number: { try journal.party(named: $0) })
        context = try Context(ioThreads: 1, maxSockets: 64)
        inbox = try Mailbox(limit: 65_536)
        writer = try Writer()
        reader = try Reader()
        let grants = try GrantDesk(
            path: configuration.grantsFile, functions: catalogue.functions, logger: logger)
        let zap = try ZAPHandler(in: context)
        let socket = try Self.bus(configuration, secret, in: context)
        endpoint = try socket.lastEndpoint()
        let tapSocket = try Self.tap(configuration, secret, in: context)
        tapEndpoint = try tapSocket?.lastEndpoint()
        check = DeliveryCheck(catalogue: catalogue, registry: registry, zone: zone)
        let pseudonyms = Pseudonyms(key: Self.derived(laneKey, "pseudonym"))
        desk = QueryDesk(
            views: try Self.views(configuration), directory: configuration.stateDirectory,
            logger: logger, catalogue: catalogue,
            registry: registry, zone: configuration.zone, pseudonyms: pseudonyms, clock: clock,
            deadlines: configuration.deadlines ?? StepDeadlines())
        loop = BusLoop(
            configuration: configuration, catalogue: catalogue, registry: registry,
            admission: Admission(
                catalogue: catalogue, registry: registry, zone: zone,
                organisation: configuration.organisation, laneKey: LaneKey(laneKey),
                tagKey: Self.derived(laneKey, "tag"),
                maxMessageBytes: configuration.limits.maxMessageBytes, grants: grants),
            socket: socket, tap: Tap(tapSocket, zone: configuration.zone), zap: zap, writer: writer,
            reader: reader, inbox: inbox, recovered: try journal.recovered(),
            incarnation: journal.incarnation, pseudonyms: pseudonyms, clock: clock, stages: stages,
            logger: logger)
    }

    /// Runs until ``stop()``; throws ``HubError`` when the journal failed: nothing is acknowledged then.
    package func run() throws {
        let inbox = inbox
        let writerThread = try SocketThread(name: "hub-writer") { [writer, journal, stages] in
            writer.run(journal: journal, stages: stages) { inbox.post(.writer($0)) }
        }
        let journalReader = try journal.makeReader()
        let readerThread = try SocketThread(name: "hub-reader") { [reader, desk, check] in
            reader.run(journal: journalReader, desk: desk, check: check) { inbox.post(.reader($0)) }
        }
        let checkpoints = try Checkpoints(journal: journal)
        let checkpointThread = try SocketThread(name: "hub-checkpoint") {
            checkpoints.run { inbox.post(.writer(.failed($0))) }
        }
        logger.info(
            "hub.started",
            metadata: ["zone": "\(configuration.zone.rawValue)", "endpoint": "\(endpoint)"])
        defer {
            writer.stop()
            reader.order(.stop)
            checkpoints.stop()
            writerThread.join()
            readerThread.join()
            checkpointThread.join()
        }
        defer {
            // Sockets first: closing the context waits until farewells are sent, or their linger is over.
            loop = nil
            context.close()
        }
        try loop?.run()
    }

    /// Asks the loop to end: what was taken is still committed and answered. From any thread.
    package func stop() { inbox.post(.stop) }

    /// The views, made anew where what is there cannot be opened.
    private static func views(_ configuration: HubConfiguration) throws -> ViewStore {
        do {
            return try ViewStore(directory: configuration.stateDirectory)
        } catch {
            return try ViewStore.remake(directory: configuration.stateDirectory)
        }
    }

    private static func catalogue(_ configuration: HubConfiguration) throws -> Catalogue {
        let files = try SchemaDirectory.read(configuration.schemas)
        return try Catalogue(
            files: files,
            options: CatalogueOptions(
                lab: configuration.lab != nil, bench: configuration.lab?.bench ?? false))
    }

    private static func bus(
        _ configuration: HubConfiguration, _ secret: CurveSecretKey, in context: Context
    ) throws -> Socket {
        let socket = try Socket(.router, in: context)
        // Frames, not messages: credit keeps a reading peer far below it (design §10).
        try socket.set(
            .sendHighWater(8192), .receiveHighWater(8192),
            .maxMessageBytes(Int64(configuration.limits.maxMessageBytes + 65_536)),
            .handshakeMilliseconds(5000), .lingerMilliseconds(500), .routerMandatory(true),
            .routerHandover(false), .backlog(1024))
        try socket.curveServer(secretKey: secret, domain: "bus")
        do throws(ZeroMQError) {
            try socket.bind(configuration.endpoint)
        } catch {
            throw HubError(.endpoint, configuration.endpoint, error.description)
        }
        return socket
    }

    private static func tap(
        _ configuration: HubConfiguration, _ secret: CurveSecretKey, in context: Context
    ) throws -> Socket? {
        guard let endpoint = configuration.tapEndpoint else { return nil }
        let socket = try Socket(.xpub, in: context)
        try socket.set(
            .sendHighWater(10_000), .handshakeMilliseconds(5000), .lingerMilliseconds(0))
        try socket.curveServer(secretKey: secret, domain: "tap")
        do throws(ZeroMQError) {
            try socket.bind(endpoint)
        } catch {
            throw HubError(.endpoint, endpoint, error.description)
        }
        return socket
    }

    /// A key of its own for each purpose, from the one key file.
    private static func derived(_ key: [UInt8], _ purpose: String) -> [UInt8] {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key), info: Array("jukihub/\(purpose)".utf8),
            outputByteCount: 32)
        return unsafe derived.withUnsafeBytes { unsafe Array($0) }
    }
}
