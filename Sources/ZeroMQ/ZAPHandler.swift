import CZeroMQ

/// One connection asking to be let in (接続認証の照会).
package struct ZAPRequest: Hashable, Sendable {
    package let domain: String
    /// The peer's network address, as libzmq saw it.
    package let address: String
    /// `CURVE`, or `NULL`/`PLAIN` where a socket was left open.
    package let mechanism: String
    /// The client's public key, `nil` for another mechanism.
    package let publicKey: CurvePublicKey?
}

package enum ZAPDecision: Hashable, Sendable {
    /// Status 200; every frame of the connection then carries this `User-Id` (1…255 bytes).
    case accept(userID: String)
    /// Status 400, never 300 (design §10). The reason goes to nobody but libzmq.
    case deny(reason: String)
}

/// Decides who may connect at all (接続認証, ZeroMQ RFC 27): a REP socket at `inproc://zeromq.zap.01`.
///
/// One per context, bound before any CURVE server socket, polled and answered by the thread that made
/// it. Frames of a connection that carry no `User-Id` are nobody's and must be refused.
package struct ZAPHandler: ~Copyable {
    package static let endpoint = "inproc://zeromq.zap.01"
    private static let frameLimit = 16
    private static let userIDLimit = 255

    /// For the poller.
    package let socket: Socket
    private let context: Context
    private var message = Message()

    package init(in context: Context) throws(ZeroMQError) {
        let socket = try Socket(.rep, in: context)
        try socket.bind(Self.endpoint)
        self.socket = socket
        self.context = context
        context.zapHandlerBound()
    }

    deinit { context.zapHandlerClosed() }

    /// Answers one request if one is there. `false`: there was none.
    package mutating func handle(
        _ decide: (ZAPRequest) -> ZAPDecision
    ) throws(ZeroMQError) -> Bool {
        guard let frames = try receive() else { return false }
        let request = Self.parse(frames)
        let decision = request.map(decide) ?? .deny(reason: "malformed request")
        let requestID = frames.count > 1 ? frames[1] : []
        switch decision {
        case .accept(let userID) where (1...Self.userIDLimit).contains(userID.utf8.count):
            try answer(requestID, status: "200", text: "OK", userID: userID)
        case .accept:
            try answer(requestID, status: "400", text: "user id too long or empty", userID: "")
        case .deny(let reason):
            try answer(requestID, status: "400", text: reason, userID: "")
        }
        return true
    }

    /// Answers what is waiting, at most `limit` requests.
    package mutating func handleAll(
        limit: Int = 64, _ decide: (ZAPRequest) -> ZAPDecision
    ) throws(ZeroMQError) {
        for _ in 0..<limit where try !handle(decide) { return }
    }

    private mutating func receive() throws(ZeroMQError) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        while true {
            guard case .frame(let more) = try socket.receive(into: &message) else { return nil }
            if frames.count < Self.frameLimit { frames.append(message.array()) }
            if !more { return frames }
        }
    }

    /// version, request id, domain, address, routing id, mechanism, credentials…
    private static func parse(_ frames: [[UInt8]]) -> ZAPRequest? {
        guard frames.count >= 6, frames[0] == Array("1.0".utf8) else { return nil }
        let mechanism = text(frames[5])
        var key: CurvePublicKey?
        if mechanism == "CURVE" {
            guard frames.count == 7, let given = try? CurvePublicKey(bytes: frames[6]) else {
                return nil
            }
            key = given
        }
        return ZAPRequest(
            domain: text(frames[2]), address: text(frames[3]), mechanism: mechanism, publicKey: key)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The asker is libzmq itself; if it has gone meanwhile, its answer is dropped with it.
    private func answer(
        _ requestID: [UInt8], status: String, text: String, userID: String
    ) throws(ZeroMQError) {
        let parts = [
            Array("1.0".utf8), requestID, Array(status.utf8), Array(text.utf8), Array(userID.utf8),
        ]
        for part in parts { _ = try socket.send(part, more: true) }
        _ = try socket.send([], more: false)
    }
}
