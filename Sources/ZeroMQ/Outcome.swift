import CZeroMQ

/// What one C call came to (呼出結果): the one funnel every return code of this room goes through.
enum Outcome {
    /// The call's own non-negative result.
    case done(Int32)
    /// EAGAIN: nothing there, or no room.
    case wouldBlock
    /// EHOSTUNREACH: a mandatory router has no such peer.
    case unroutable
    /// EINTR: a signal arrived first; nothing was done.
    case interrupted

    /// Sorts `result`, reading errno before anything else can change it.
    @inline(__always)
    static func of(
        _ result: Int32, _ operation: StaticString
    ) throws(ZeroMQError) -> Outcome {
        if result >= 0 { return .done(result) }
        return try failed(operation)
    }

    /// For calls where only success will do; a signal is the caller's to retry.
    @discardableResult
    static func require(
        _ result: Int32, _ operation: StaticString
    ) throws(ZeroMQError) -> Int32 {
        if result >= 0 { return result }
        throw ZeroMQError(code: zmq_errno(), operation: operation.description)
    }

    /// For calls that answer with a pointer.
    static func require(
        _ pointer: UnsafeMutableRawPointer?, _ operation: StaticString
    ) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        if let pointer = unsafe pointer { return unsafe pointer }
        throw ZeroMQError(code: zmq_errno(), operation: operation.description)
    }

    @inline(never)
    private static func failed(_ operation: StaticString) throws(ZeroMQError) -> Outcome {
        let code = zmq_errno()
        switch code {
        case EAGAIN: return .wouldBlock
        case EHOSTUNREACH: return .unroutable
        case EINTR: return .interrupted
        default: throw ZeroMQError(code: code, operation: operation.description)
        }
    }
}
