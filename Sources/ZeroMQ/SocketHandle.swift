import CZeroMQ

/// The C socket behind a `Socket` (通信口の実体); a `Poller` holds it too, and sees that it was closed.
///
/// Not Sendable: it stays on its socket's thread.
@safe final class SocketHandle {
    let context: Context
    /// `nil` once closed; libzmq answers a null socket with ENOTSOCK.
    private(set) var pointer: UnsafeMutableRawPointer?

    init(_ kind: Int32, in context: Context) throws(ZeroMQError) {
        self.context = context
        unsafe pointer = try unsafe context.makeSocket(kind)
    }

    deinit { close() }

    func close() {
        guard let open = unsafe pointer else { return }
        unsafe pointer = nil
        // Fails only for what is not a socket, and `open` is one.
        unsafe zmq_close(open)
        context.closedSocket()
    }

    func setInteger(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
        var value = value
        try unsafe Outcome.require(
            zmq_setsockopt(pointer, option, &value, MemoryLayout<Int32>.size), "zmq_setsockopt")
    }

    func setWide(_ option: Int32, _ value: Int64) throws(ZeroMQError) {
        var value = value
        try unsafe Outcome.require(
            zmq_setsockopt(pointer, option, &value, MemoryLayout<Int64>.size), "zmq_setsockopt")
    }

    func setBytes(_ option: Int32, _ bytes: [UInt8]) throws(ZeroMQError) {
        let result = unsafe bytes.withUnsafeBytes {
            unsafe zmq_setsockopt(pointer, option, $0.baseAddress, $0.count)
        }
        try Outcome.require(result, "zmq_setsockopt")
    }

    func integer(_ option: Int32) throws(ZeroMQError) -> Int32 {
        var value: Int32 = 0
        var size = MemoryLayout<Int32>.size
        try unsafe Outcome.require(
            zmq_getsockopt(pointer, option, &value, &size), "zmq_getsockopt")
        return value
    }

    func text(_ option: Int32, capacity: Int) throws(ZeroMQError) -> String {
        var buffer = [UInt8](repeating: 0, count: capacity)
        var size = capacity
        let result = unsafe buffer.withUnsafeMutableBytes {
            unsafe zmq_getsockopt(pointer, option, $0.baseAddress, &size)
        }
        try Outcome.require(result, "zmq_getsockopt")
        return String(decoding: buffer.prefix(size).prefix { $0 != 0 }, as: UTF8.self)
    }
}
