import Synchronization

/// How many C handles of this room are open in this process (未解放ハンドル数): contexts, sockets,
/// and buffers lent to libzmq. A leak test asserts that all return to zero.
package enum OpenHandles {
    package static var contexts: Int { contextCount.load(ordering: .acquiring) }
    package static var sockets: Int { socketCount.load(ordering: .acquiring) }
    /// Buffers given to libzmq whose release callback has not run yet.
    package static var lentBuffers: Int { bufferCount.load(ordering: .acquiring) }

    static let contextCount = Atomic<Int>(0)
    static let socketCount = Atomic<Int>(0)
    static let bufferCount = Atomic<Int>(0)
}
