import CZeroMQ

/// One end of a connection (通信口): belongs to the one thread that made it, and closes with its owner.
///
/// Nothing here blocks: every send and receive is `DONTWAIT`, and waiting is the `Poller`'s. A router is
/// made with `ZMQ_ROUTER_MANDATORY=1`, so an unknown peer is a value and not a silent drop (design §10).
/// There is no option for `ZMQ_HEARTBEAT_IVL`: libzmq 4.3.4 aborts the process under it when a receive
/// queue is full; the bus has PING/PONG of its own.
@safe package struct Socket: ~Copyable {
    package enum Kind: Sendable {
        case router, dealer, pub, xpub, sub, rep, req, pair

        var code: Int32 {
            switch self {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pub: ZMQ_PUB
            case .xpub: ZMQ_XPUB
            case .sub: ZMQ_SUB
            case .rep: ZMQ_REP
            case .req: ZMQ_REQ
            case .pair: ZMQ_PAIR
            }
        }
    }

    /// What a receive came to.
    package enum Received: Hashable, Sendable {
        /// A frame is in the message; `more` frames of the same message follow.
        case frame(more: Bool)
        case wouldBlock
    }

    /// What a send came to.
    package enum Sent: Hashable, Sendable {
        case sent
        /// The high-water mark is reached, or nobody is connected; nothing was sent.
        case wouldBlock
        /// A router has no peer of that routing id; nothing was sent.
        case unroutable
    }

    let handle: SocketHandle

    package init(_ kind: Kind, in context: Context) throws(ZeroMQError) {
        let handle = try SocketHandle(kind.code, in: context)
        if kind == .router { try SocketOption.routerMandatory(true).apply(to: handle) }
        self.handle = handle
    }

    deinit { handle.close() }

    /// Sets options, in order; libzmq applies most of them to later binds and connects only.
    package borrowing func set(_ options: SocketOption...) throws(ZeroMQError) {
        for option in options { try option.apply(to: handle) }
    }

    /// Makes this the CURVE server side; who gets in is the `ZAPHandler`'s decision, asked under
    /// `domain`. The handler must be bound in the same context before (without one libzmq 4.3.4 would
    /// let everybody in), which is checked here.
    package borrowing func curveServer(
        secretKey: CurveSecretKey, domain: String = "jukihub"
    ) throws(ZeroMQError) {
        precondition(handle.context.hasZAPHandler, "the ZAP handler is bound before a CURVE server")
        try set(.zapDomain(domain))
        try handle.setInteger(ZMQ_CURVE_SERVER, 1)
        try handle.setBytes(ZMQ_CURVE_SECRETKEY, secretKey.bytes)
    }

    /// Makes this the CURVE client side of the server that has `serverKey`.
    package borrowing func curveClient(
        serverKey: CurvePublicKey, publicKey: CurvePublicKey, secretKey: CurveSecretKey
    ) throws(ZeroMQError) {
        try handle.setBytes(ZMQ_CURVE_SERVERKEY, serverKey.bytes)
        try handle.setBytes(ZMQ_CURVE_PUBLICKEY, publicKey.bytes)
        try handle.setBytes(ZMQ_CURVE_SECRETKEY, secretKey.bytes)
    }

    package borrowing func bind(_ endpoint: String) throws(ZeroMQError) {
        try unsafe Outcome.require(zmq_bind(handle.pointer, endpoint), "zmq_bind")
    }

    /// Starts connecting; it goes on in the background and never blocks.
    package borrowing func connect(_ endpoint: String) throws(ZeroMQError) {
        try unsafe Outcome.require(zmq_connect(handle.pointer, endpoint), "zmq_connect")
    }

    package borrowing func unbind(_ endpoint: String) throws(ZeroMQError) {
        try unsafe Outcome.require(zmq_unbind(handle.pointer, endpoint), "zmq_unbind")
    }

    package borrowing func disconnect(_ endpoint: String) throws(ZeroMQError) {
        try unsafe Outcome.require(zmq_disconnect(handle.pointer, endpoint), "zmq_disconnect")
    }

    /// The endpoint last bound or connected, e.g. the port chosen for `tcp://127.0.0.1:*`.
    package borrowing func lastEndpoint() throws(ZeroMQError) -> String {
        try handle.text(ZMQ_LAST_ENDPOINT, capacity: 512)
    }

    /// Receives one frame into `message`, releasing what it held; never blocks.
    @inline(__always)
    package borrowing func receive(into message: inout Message) throws(ZeroMQError) -> Received {
        while true {
            let result = unsafe zmq_msg_recv(message.pointer, handle.pointer, ZMQ_DONTWAIT)
            switch try Outcome.of(result, "zmq_msg_recv") {
            case .done: return .frame(more: message.isMore)
            case .wouldBlock: return .wouldBlock
            case .interrupted: continue
            case .unroutable: throw ZeroMQError(code: EHOSTUNREACH, operation: "zmq_msg_recv")
            }
        }
    }

    /// Copies `bytes` into one frame and sends it; never blocks.
    ///
    /// Once a first frame with `more` is `.sent`, the later frames of that message go the same way; they
    /// answer otherwise only if that peer is lost in between.
    @inline(__always)
    package borrowing func send(
        _ bytes: Span<UInt8>, more: Bool = false
    ) throws(ZeroMQError) -> Sent {
        let flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
        while true {
            let result = unsafe bytes.withUnsafeBytes {
                unsafe zmq_send(handle.pointer, $0.baseAddress, $0.count, flags)
            }
            if let sent = try Sent(Outcome.of(result, "zmq_send")) { return sent }
        }
    }

    /// The same for an array.
    package borrowing func send(_ bytes: [UInt8], more: Bool = false) throws(ZeroMQError) -> Sent {
        try send(bytes.span, more: more)
    }

    /// Sends `message` without copying its bytes; never blocks.
    ///
    /// Whatever the result, the message is gone afterwards: one that was not sent is released here.
    package borrowing func send(
        _ message: consuming Message, more: Bool = false
    ) throws(ZeroMQError) -> Sent {
        try send(moving: &message, more: more)
    }

    /// Sends the content of `message` without copying it; never blocks. `.sent` leaves the message
    /// empty; otherwise it keeps its bytes and can be sent again.
    package borrowing func send(
        moving message: inout Message, more: Bool = false
    ) throws(ZeroMQError) -> Sent {
        let flags = more ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT
        while true {
            let result = unsafe zmq_msg_send(message.pointer, handle.pointer, flags)
            if let sent = try Sent(Outcome.of(result, "zmq_msg_send")) { return sent }
        }
    }

    /// Edge-triggered: after it fires, read `events` until there are none. Prefer the `Poller`.
    package var fileDescriptor: Int32 {
        get throws(ZeroMQError) { try handle.integer(ZMQ_FD) }
    }

    package var events: Readiness {
        get throws(ZeroMQError) {
            Readiness(pollBits: Int16(truncatingIfNeeded: try handle.integer(ZMQ_EVENTS)))
        }
    }
}

extension Socket.Sent {
    /// `nil` after a signal: do the call again.
    @inline(__always)
    fileprivate init?(_ outcome: Outcome) {
        switch outcome {
        case .done: self = .sent
        case .wouldBlock: self = .wouldBlock
        case .unroutable: self = .unroutable
        case .interrupted: return nil
        }
    }
}
