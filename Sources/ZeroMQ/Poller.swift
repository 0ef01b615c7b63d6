import CZeroMQ

/// What a socket or descriptor is ready for (準備状態).
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: 1)
    package static let writable = Readiness(rawValue: 2)
    /// Descriptors only: hung up, or not one.
    package static let failed = Readiness(rawValue: 4)

    init(pollBits: Int16) {
        var ready: Readiness = []
        if Int32(pollBits) & ZMQ_POLLIN != 0 { ready.insert(.readable) }
        if Int32(pollBits) & ZMQ_POLLOUT != 0 { ready.insert(.writable) }
        if Int32(pollBits) & ZMQ_POLLERR != 0 { ready.insert(.failed) }
        self = ready
    }

    var pollBits: Int16 {
        var bits: Int32 = 0
        if contains(.readable) { bits |= ZMQ_POLLIN }
        if contains(.writable) { bits |= ZMQ_POLLOUT }
        if contains(.failed) { bits |= ZMQ_POLLERR }
        return Int16(truncatingIfNeeded: bits)
    }
}

/// Waits for sockets and descriptors on the thread that owns them (待ち合わせ).
///
/// ```swift
/// var poller = Poller()
/// let hub = poller.add(socket, for: .readable)
/// let woken = poller.add(wake.fileDescriptor, for: .readable)
/// switch try poller.wait(milliseconds: 100) {
/// case .ready: if poller.readiness(of: hub).contains(.readable) { … }
/// case .timedOut, .interrupted: …
/// }
/// ```
@safe package struct Poller {
    /// The place of one entry, given by `add`.
    package struct Slot: Hashable, Sendable {
        fileprivate let index: Int
    }

    package enum Wait: Hashable, Sendable {
        /// That many entries are ready; ask `readiness(of:)`.
        case ready(Int)
        case timedOut
        /// A signal arrived: look at what it may have changed, then wait again.
        case interrupted
    }

    private var items: [zmq_pollitem_t] = unsafe []
    private var handles: [SocketHandle?] = []

    package init() {}

    package mutating func add(_ socket: borrowing Socket, for interest: Readiness) -> Slot {
        let handle = socket.handle
        return unsafe add(
            zmq_pollitem_t(socket: handle.pointer, fd: 0, events: interest.pollBits, revents: 0),
            handle)
    }

    package mutating func add(_ fileDescriptor: Int32, for interest: Readiness) -> Slot {
        unsafe add(
            zmq_pollitem_t(socket: nil, fd: fileDescriptor, events: interest.pollBits, revents: 0),
            nil)
    }

    /// Changes what an entry waits for; an empty interest rests it.
    package mutating func set(_ interest: Readiness, for slot: Slot) {
        unsafe items[slot.index].events = interest.pollBits
    }

    /// Forgets all entries; slots given before are void.
    package mutating func removeAll() {
        unsafe items.removeAll(keepingCapacity: true)
        handles.removeAll(keepingCapacity: true)
    }

    /// Waits at most `milliseconds` (0 = look only, nil = until something happens).
    ///
    /// Throws ENOTSOCK if a socket was closed while it stood here.
    package mutating func wait(milliseconds: Int?) throws(ZeroMQError) -> Wait {
        precondition(milliseconds ?? 0 >= 0, "a wait is not negative; nil waits without end")
        for index in handles.indices {
            guard let handle = handles[index] else { continue }
            if unsafe handle.pointer == nil {
                throw ZeroMQError(code: ENOTSOCK, operation: "zmq_poll")
            }
        }
        let result = unsafe items.withUnsafeMutableBufferPointer {
            unsafe zmq_poll($0.baseAddress, Int32(clamping: $0.count), milliseconds ?? -1)
        }
        switch try Outcome.of(result, "zmq_poll") {
        case .done(0): return .timedOut
        case .done(let count): return .ready(Int(count))
        case .wouldBlock, .unroutable: return .timedOut
        case .interrupted:
            for index in unsafe items.indices { unsafe items[index].revents = 0 }
            return .interrupted
        }
    }

    /// What the last wait found for this entry.
    package func readiness(of slot: Slot) -> Readiness {
        unsafe Readiness(pollBits: items[slot.index].revents)
    }

    package func isReadable(_ slot: Slot) -> Bool { readiness(of: slot).contains(.readable) }
    package func isWritable(_ slot: Slot) -> Bool { readiness(of: slot).contains(.writable) }

    private mutating func add(_ item: zmq_pollitem_t, _ handle: SocketHandle?) -> Slot {
        unsafe items.append(item)
        handles.append(handle)
        return Slot(index: handles.count - 1)
    }
}
