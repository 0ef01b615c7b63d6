import CZeroMQ
import Synchronization

/// One frame's bytes in libzmq's memory (電文フレーム): read and written in place, released by its owner.
///
/// The C struct has an address of its own for the message's whole life, so that the bytes lent out,
/// which may lie inside it, cannot move.
@safe package struct Message: ~Copyable {
    let pointer: UnsafeMutablePointer<zmq_msg_t>

    /// Empty, to receive into.
    package init() {
        unsafe pointer = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
        unsafe pointer.initialize(to: zmq_msg_t())
        // Always succeeds (zmq_msg_init(3)).
        unsafe zmq_msg_init(pointer)
    }

    /// `byteCount` zero bytes, to be written through `mutableBytes`.
    package init(byteCount: Int) throws(ZeroMQError) {
        self.init()
        try allocate(byteCount)
        if byteCount > 0 {
            _ = unsafe zmq_msg_data(pointer).initializeMemory(
                as: UInt8.self, repeating: 0, count: byteCount)
        }
    }

    /// A copy of `bytes`.
    package init(copying bytes: Span<UInt8>) throws(ZeroMQError) {
        self.init()
        try allocate(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress, source.count > 0 else { return }
            unsafe zmq_msg_data(pointer).copyMemory(from: start, byteCount: source.count)
        }
    }

    private func allocate(_ byteCount: Int) throws(ZeroMQError) {
        do throws(ZeroMQError) {
            try unsafe Outcome.require(zmq_msg_init_size(pointer, byteCount), "zmq_msg_init_size")
        } catch {
            // A failed init_size leaves a struct that must not be closed.
            unsafe zmq_msg_init(pointer)
            throw error
        }
    }

    /// Lends `buffer` to libzmq without a copy. `release` runs exactly once, on any thread, when nobody
    /// reads the bytes any more, also when this throws; until then the caller leaves them alone.
    @unsafe package init(
        taking buffer: UnsafeMutableRawBufferPointer, release: @escaping @Sendable () -> Void
    ) throws(ZeroMQError) {
        self.init()
        let loan = unsafe Unmanaged.passRetained(Loan(release)).toOpaque()
        let result = unsafe zmq_msg_init_data(
            pointer, buffer.baseAddress, buffer.count,
            { _, hint in unsafe Loan.end(hint) }, loan)
        if result != 0 {
            let code = zmq_errno()
            unsafe zmq_msg_init(pointer)
            unsafe Loan.end(loan)
            throw ZeroMQError(code: code, operation: "zmq_msg_init_data")
        }
    }

    deinit {
        // Fails only for what is no message.
        unsafe zmq_msg_close(pointer)
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    package var byteCount: Int { unsafe zmq_msg_size(pointer) }

    /// More frames of the same message follow.
    package var isMore: Bool { unsafe zmq_msg_more(pointer) == 1 }

    /// The bytes in place; valid while the message is neither changed nor gone.
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let start = unsafe zmq_msg_data(pointer).assumingMemoryBound(to: UInt8.self)
            let span = unsafe Span(_unsafeStart: start, count: zmq_msg_size(pointer))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The bytes in place, to be written. Never on a received message whose bytes others may share.
    package var mutableBytes: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            let start = unsafe zmq_msg_data(pointer).assumingMemoryBound(to: UInt8.self)
            let span = unsafe MutableSpan(_unsafeStart: start, count: zmq_msg_size(pointer))
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }

    /// The bytes copied out.
    package func array() -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// A property of the connection this frame came by, `nil` if there is none.
    ///
    /// `User-Id` is what the ZAP handler answered for the peer's key. Trap (design §10): a router makes
    /// the routing id frame itself and that one has no properties; ask a frame after it.
    package func property(_ name: String) -> String? {
        unsafe zmq_msg_gets(pointer, name).map { unsafe String(cString: $0) }
    }
}

/// A buffer lent to libzmq until its release callback runs (貸出バッファ).
private final class Loan: Sendable {
    private let release: @Sendable () -> Void

    init(_ release: @escaping @Sendable () -> Void) {
        self.release = release
        OpenHandles.bufferCount.add(1, ordering: .acquiringAndReleasing)
    }

    static func end(_ opaque: UnsafeMutableRawPointer?) {
        guard let opaque = unsafe opaque else { return }
        let loan = unsafe Unmanaged<Loan>.fromOpaque(opaque).takeRetainedValue()
        loan.release()
        OpenHandles.bufferCount.subtract(1, ordering: .acquiringAndReleasing)
    }
}
