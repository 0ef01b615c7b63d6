import CZeroMQ

/// A libzmq call that failed (ZeroMQ接続の失敗).
///
/// It carries the errno and the C function's name, never an endpoint, a key or a byte of a message:
/// it may be logged. Would-block and unroutable are not errors here, they are values (`Received`, `Sent`).
package struct ZeroMQError: Error, Hashable, CustomStringConvertible {
    /// The errno libzmq reported.
    package let code: Int32
    /// The C function that failed, e.g. `zmq_bind`.
    package let operation: String

    package init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The errno's symbol, e.g. `EADDRINUSE`; `E<number>` where we have none.
    package var name: String { Self.names[code] ?? "E\(code)" }

    /// The context is being terminated: close the socket and leave the loop.
    package var isTermination: Bool { code == Self.terminated }

    package var description: String {
        let text = unsafe zmq_strerror(code).map { unsafe String(cString: $0) } ?? "unknown error"
        return "\(operation): \(name) (\(text))"
    }

    /// libzmq's own codes start here (`ZMQ_HAUSNUMERO`); the macros of `zmq.h` are not imported.
    private static let base: Int32 = 156_384_712
    package static let terminated = base + 53

    private static let names: [Int32: String] = [
        EAGAIN: "EAGAIN", EINTR: "EINTR", EINVAL: "EINVAL", ENOMEM: "ENOMEM", EMFILE: "EMFILE",
        ENOTSOCK: "ENOTSOCK", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL",
        ENODEV: "ENODEV", ENOENT: "ENOENT", EACCES: "EACCES", EPROTONOSUPPORT: "EPROTONOSUPPORT",
        ECONNREFUSED: "ECONNREFUSED", EHOSTUNREACH: "EHOSTUNREACH", EMSGSIZE: "EMSGSIZE",
        ENOTSUP: "ENOTSUP", ENAMETOOLONG: "ENAMETOOLONG", EBADF: "EBADF", EPERM: "EPERM",
        EFAULT: "EFAULT", base + 51: "EFSM", base + 52: "ENOCOMPATPROTO", terminated: "ETERM",
        base + 54: "EMTHREAD",
    ]
}
