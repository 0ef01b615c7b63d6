public import Messaging
package import ZeroMQ

/// What a participant needs to take part (参加設定): who it is, its zones and its limits.
public struct ParticipantConfiguration: Sendable {
    public var participant: ParticipantID
    /// The digest of the catalogue it works by, lower-case hex; nil tells the hub none.
    public var catalogueDigest: String?
    /// Program and version, told to operators.
    public var software: String
    public var zones: [ZoneAccess]
    /// The version of a type it takes; of any other the newest there is.
    public var majors: [MessageTypeName: Int]
    public var limits: ParticipantLimits

    public init(
        participant: ParticipantID, catalogueDigest: String?, software: String,
        zones: [ZoneAccess], majors: [MessageTypeName: Int] = [:],
        limits: ParticipantLimits = ParticipantLimits()
    ) {
        self.participant = participant
        self.catalogueDigest = catalogueDigest
        self.software = software
        self.zones = zones
        self.majors = majors
        self.limits = limits
    }
}

/// How one zone's hub is reached (接続先): its endpoint, its public key, and this participant's own
/// secret key there.
public struct ZoneAccess: Sendable, CustomStringConvertible {
    public let zone: ZoneID
    /// `tcp://host:port` or `ipc://path`.
    public let endpoint: String
    let hubKey: CurvePublicKey
    let secretKey: CurveSecretKey

    /// Keys are forty characters of Z85; another text throws.
    public init(
        zone: ZoneID, endpoint: String, hubPublicKey: String, secretKey: String
    ) throws {
        try self.init(
            zone: zone, endpoint: endpoint, hubKey: CurvePublicKey(hubPublicKey),
            secretKey: CurveSecretKey(secretKey))
    }

    package init(
        zone: ZoneID, endpoint: String, hubKey: CurvePublicKey, secretKey: CurveSecretKey
    ) throws {
        self.zone = zone
        self.endpoint = endpoint
        self.hubKey = hubKey
        self.secretKey = secretKey
    }

    public var description: String { "\(zone) at \(endpoint)" }
}

/// The bounds of one participant's session (参加部品の上限), each with its unit.
public struct ParticipantLimits: Hashable, Sendable {
    /// Messages one `apply` takes.
    public var messagesPerApply = 256
    /// Messages the hub may have under way to this participant.
    public var deliveryMessages: UInt32 = 1024
    /// Bytes the hub may have under way to this participant.
    public var deliveryBytes: UInt64 = 8 << 20
    /// Records or frames of one zone read before the other zones have their turn.
    public var framesPerTurn = 64
    /// Messages asked of the outbox at a time.
    public var outgoingPerTurn = 256
    /// Bytes asked of the outbox at a time.
    public var outgoingBytesPerTurn = 1 << 20
    /// How long a hub may take to answer HELLO.
    public var greetingTimeout = Duration.seconds(5)
    /// How long a hub may take to answer a PUB before the session is begun anew.
    public var publishAnswerTimeout = Duration.seconds(30)
    /// The shortest wait before a new session.
    public var backoffFloor = Duration.milliseconds(50)
    /// The longest wait before a new session.
    public var backoffCeiling = Duration.seconds(5)
    /// How often `tick` is called.
    public var tickInterval = Duration.seconds(1)
    /// Bytes of the longest frame taken from a hub; a longer one ends the connection.
    public var frameBytes = 2 << 20

    public init() {}
}
