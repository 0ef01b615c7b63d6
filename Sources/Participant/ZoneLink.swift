import BusProtocol
import Messaging
import ZeroMQ

/// One zone's connection as the loop drives it (ゾーン接続): the socket, the session's state, and what
/// waits to be sent.
///
/// Used on the participant's thread only.
final class ZoneLink {
    /// Frames that wait for the connection to take them; at the limit the connection is given up.
    static let unsentLimit = 4096
    /// How long BYE may hold the socket when it closes, in milliseconds.
    static let farewellMilliseconds: Int32 = 250
    /// How long a hub may take over the CURVE handshake, in milliseconds.
    static let handshakeMilliseconds: Int32 = 5_000

    let access: ZoneAccess
    var session: ClientSession
    var effects: [ClientSession.Effect] = []
    var writer = FrameWriter()
    private(set) var connection: Connection?
    private var unsent: [(control: [UInt8], body: [UInt8])] = []
    private var unsentStart = 0

    /// What HELLO told, for judging WELCOME.
    var resumption: Resumption?
    /// The highest number published in this session.
    var lastPublished: UInt64 = 0
    /// Whether the outbox may hold something above it.
    var mayHaveOutgoing = false
    /// Numbers published without their payload because it is longer than the hub takes.
    var oversized: Set<UInt64> = []

    /// What a burst brought for storage.
    var acks: [(sequence: UInt64, position: Position)] = []
    var anchor: Anchor?
    var refusals: [Refusal] = []
    var floor: Position?

    init(access: ZoneAccess, limits: ParticipantLimits, now: Duration) {
        self.access = access
        var session = ClientSession.Limits(
            delivery: CreditGrant(
                messages: limits.deliveryMessages, bytes: limits.deliveryBytes))
        session.greetingTimeout = limits.greetingTimeout
        session.publishAnswerTimeout = limits.publishAnswerTimeout
        session.backoff = Backoff(floor: limits.backoffFloor, ceiling: limits.backoffCeiling)
        self.session = ClientSession(limits: session, now: now)
    }

    var hasUnsent: Bool { unsentStart < unsent.count }
    var epoch: UInt32 { session.live?.epoch ?? 0 }

    func open(in context: Context, frameBytes: Int) throws(ZeroMQError) {
        close()
        connection = try Connection(access, in: context, frameBytes: frameBytes)
    }

    func close() {
        connection = nil
        forgetUnsent()
    }

    /// Closes after giving BYE a moment to leave.
    func closeAfterFarewell() {
        if let connection {
            try? connection.socket.set(.lingerMilliseconds(Self.farewellMilliseconds))
        }
        close()
    }

    func forgetUnsent() {
        unsent.removeAll(keepingCapacity: true)
        unsentStart = 0
    }

    /// Sends the writer's frame, or lets it wait behind what waits already. False: the connection
    /// is of no use any more.
    func sendWritten() -> Bool {
        if !hasUnsent {
            switch transmit(writer.control, writer.body) {
            case .sent: return true
            case .broken: return false
            case .wouldBlock: break
            }
        }
        guard unsent.count - unsentStart < Self.unsentLimit else { return false }
        unsent.append((writer.control, writer.body))
        return true
    }

    /// Sends what waits, as far as the connection takes it. False: the connection is of no use any
    /// more.
    func flush() -> Bool {
        while hasUnsent {
            switch transmit(unsent[unsentStart].control, unsent[unsentStart].body) {
            case .sent: unsentStart += 1
            case .wouldBlock: return true
            case .broken: return false
            }
        }
        forgetUnsent()
        return true
    }

    private enum Transmission {
        case sent, wouldBlock, broken
    }

    private func transmit(_ control: [UInt8], _ body: [UInt8]) -> Transmission {
        guard let connection else { return .broken }
        do throws(ZeroMQError) {
            guard try connection.socket.send(control, more: true) == .sent else {
                return .wouldBlock
            }
            // The first part is taken: the second goes with it, or the peer was lost in between.
            return try connection.socket.send(body, more: false) == .sent ? .sent : .broken
        } catch {
            return .broken
        }
    }
}

/// An open DEALER to one hub (接続); closes with its last reference.
final class Connection {
    /// Frames queued towards the hub before a send would block; above what credit allows.
    static let sendHighWater: Int32 = 10_000
    static let receiveHighWater: Int32 = 10_000
    /// libzmq's own attempts while one connection waits for its hub, in milliseconds.
    static let reconnectMilliseconds: (minimum: Int32, maximum: Int32) = (50, 1_000)

    let socket: Socket

    init(_ access: ZoneAccess, in context: Context, frameBytes: Int) throws(ZeroMQError) {
        let socket = try Socket(.dealer, in: context)
        try socket.set(
            .sendHighWater(Self.sendHighWater), .receiveHighWater(Self.receiveHighWater),
            .maxMessageBytes(Int64(frameBytes)), .immediate(true), .lingerMilliseconds(0),
            .handshakeMilliseconds(ZoneLink.handshakeMilliseconds),
            .reconnectMilliseconds(
                minimum: Self.reconnectMilliseconds.minimum,
                maximum: Self.reconnectMilliseconds.maximum))
        try socket.curveClient(
            serverKey: access.hubKey, publicKey: access.secretKey.publicKey(),
            secretKey: access.secretKey)
        try socket.connect(access.endpoint)
        self.socket = socket
    }
}
