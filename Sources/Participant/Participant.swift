public import Logging
public import Messaging
import Synchronization
import ZeroMQ

/// One system's part on the bus (参加部品): its sessions with the hubs of its zones, over its own
/// storage.
///
/// `run` drives everything on the thread that calls it, storage included. It works through hub
/// restarts of any length and returns after `stop`; it throws where storage fails or an operator
/// has to look (`ParticipantError`), and the process then exits non-zero. Run it once.
public final class Participant: Sendable {
    private let configuration: ParticipantConfiguration
    private let makeStorage: @Sendable () throws -> any ParticipantStorage
    private let clock: any TimeSource
    private let logger: Logger
    private let wakeDescriptor: WakeDescriptor
    private let stopping = Atomic(false)

    /// `storage` is called on the thread of `run`. Throws where the process has no descriptors
    /// left.
    public init(
        configuration: ParticipantConfiguration,
        storage: @escaping @Sendable () throws -> any ParticipantStorage,
        clock: any TimeSource, logger: Logger
    ) throws {
        self.configuration = configuration
        makeStorage = storage
        self.clock = clock
        self.logger = logger
        wakeDescriptor = try WakeDescriptor()
    }

    /// Takes part until `stop`; blocks the calling thread.
    public func run() throws {
        let storage = try makeStorage()
        let descriptor = wakeDescriptor
        storage.attached { descriptor.signal() }
        let context = try Context(maxSockets: Int32(clamping: configuration.zones.count * 4 + 4))
        let loop = SessionLoop(
            configuration: configuration, storage: storage, clock: clock, logger: logger,
            wake: wakeDescriptor, context: context)
        defer {
            loop.closeAll()
            context.close()
        }
        try loop.run { self.stopping.load(ordering: .acquiring) }
    }

    /// Makes `run` say goodbye and return; from any thread.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        wakeDescriptor.signal()
    }

    /// Makes the participant look at the outbox again; from any thread.
    public func wake() {
        wakeDescriptor.signal()
    }
}
