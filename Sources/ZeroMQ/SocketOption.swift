import CZeroMQ

/// One setting of a socket, with its unit in its name (通信口の設定).
package enum SocketOption: Sendable {
    /// Messages queued per peer before a send would block.
    case sendHighWater(Int32)
    /// Messages queued per peer before a receiver stops reading.
    case receiveHighWater(Int32)
    /// A larger message cuts its sender's connection off.
    case maxMessageBytes(Int64)
    /// How long a peer may take to greet and prove its key.
    case handshakeMilliseconds(Int32)
    /// Queue for completed connections only; without one a send would block.
    case immediate(Bool)
    /// How long unsent messages may hold a closed socket (0…60,000; libzmq's "forever" does not exist here).
    case lingerMilliseconds(Int32)
    /// Unknown peers answer `.unroutable`. On for every router; off only to show the trap.
    case routerMandatory(Bool)
    /// A new connection with a known routing id takes it over.
    case routerHandover(Bool)
    /// The routing id a dealer asks its router to know it by. No identity: that comes from the key.
    case routingID([UInt8])
    /// Waits between connection attempts, doubling from `minimum` to `maximum`.
    case reconnectMilliseconds(minimum: Int32, maximum: Int32)
    /// How long a TCP connection attempt may take.
    case connectTimeoutMilliseconds(Int32)
    /// Connections waiting to be accepted.
    case backlog(Int32)
    case zapDomain(String)
    /// A subscriber gets messages that begin with this.
    case subscribe([UInt8])
    case unsubscribe([UInt8])

    static let lingerLimit: Int32 = 60_000

    func apply(to handle: SocketHandle) throws(ZeroMQError) {
        switch self {
        case .sendHighWater(let messages): try handle.setInteger(ZMQ_SNDHWM, messages)
        case .receiveHighWater(let messages): try handle.setInteger(ZMQ_RCVHWM, messages)
        case .maxMessageBytes(let bytes): try handle.setWide(ZMQ_MAXMSGSIZE, bytes)
        case .handshakeMilliseconds(let time): try handle.setInteger(ZMQ_HANDSHAKE_IVL, time)
        case .immediate(let on): try handle.setInteger(ZMQ_IMMEDIATE, on ? 1 : 0)
        case .lingerMilliseconds(let time):
            precondition(
                (0...Self.lingerLimit).contains(time),
                "a socket lingers for 0 to 60,000 milliseconds")
            try handle.setInteger(ZMQ_LINGER, time)
        case .routerMandatory(let on): try handle.setInteger(ZMQ_ROUTER_MANDATORY, on ? 1 : 0)
        case .routerHandover(let on): try handle.setInteger(ZMQ_ROUTER_HANDOVER, on ? 1 : 0)
        case .routingID(let bytes): try handle.setBytes(ZMQ_ROUTING_ID, bytes)
        case .reconnectMilliseconds(let minimum, let maximum):
            try handle.setInteger(ZMQ_RECONNECT_IVL, minimum)
            try handle.setInteger(ZMQ_RECONNECT_IVL_MAX, maximum)
        case .connectTimeoutMilliseconds(let time):
            try handle.setInteger(ZMQ_CONNECT_TIMEOUT, time)
        case .backlog(let connections): try handle.setInteger(ZMQ_BACKLOG, connections)
        case .zapDomain(let domain): try handle.setBytes(ZMQ_ZAP_DOMAIN, Array(domain.utf8))
        case .subscribe(let prefix): try handle.setBytes(ZMQ_SUBSCRIBE, prefix)
        case .unsubscribe(let prefix): try handle.setBytes(ZMQ_UNSUBSCRIBE, prefix)
        }
    }
}
