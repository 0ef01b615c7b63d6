import Glibc
import Testing
import ZeroMQ

extension ZeroMQRoom {
    /// In processes of their own, since the counters are the process's.
    @Suite("Open handles")
    struct Handles {
        @Test("A process that has used the whole room ends with nothing open")
        func nothingLeft() async {
            await #expect(processExitsWith: .success) {
                try useEverything()
                let rounds = 20
                let before = openDescriptors()
                for _ in 0..<rounds { try useEverything() }
                let open = (OpenHandles.contexts, OpenHandles.sockets, OpenHandles.lentBuffers)
                precondition(open == (0, 0, 0), "contexts, sockets, lent buffers: \(open)")
                // The runtime may open some of its own meanwhile; a leak of ours shows in every round.
                let grown = openDescriptors() - before
                precondition(grown < rounds, "file descriptors: \(grown) more")
            }
        }

        @Test("The counters see what is open")
        func counted() async {
            await #expect(processExitsWith: .success) {
                let context = try Context()
                do {
                    let socket = try Socket(.dealer, in: context)
                    try socket.connect(ZeroMQRoom.nobody)
                    let sent = try socket.send(lentMessage(byteCount: 8))
                    precondition(sent == .sent)
                    let open = (
                        OpenHandles.contexts, OpenHandles.sockets, OpenHandles.lentBuffers
                    )
                    precondition(open == (1, 1, 1), "contexts, sockets, lent buffers: \(open)")
                }
                context.close()
            }
        }
    }
}

/// Every kind of handle, opened, used and closed, with messages on the way and one that goes nowhere.
private func useEverything() throws {
    let context = try Context()
    do {
        var zap = try ZAPHandler(in: context)
        let hubKeys = try CurveKeyPair.generate()
        let keys = try CurveKeyPair.generate()
        let router = try Socket(.router, in: context)
        try router.curveServer(secretKey: hubKeys.secretKey)
        try router.bind("tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: context)
        try dealer.curveClient(
            serverKey: hubKeys.publicKey, publicKey: keys.publicKey, secretKey: keys.secretKey)
        try dealer.connect(router.lastEndpoint())
        let nowhere = try Socket(.dealer, in: context)
        try nowhere.connect(ZeroMQRoom.nobody)
        _ = try dealer.send(lentMessage(byteCount: 100_000))
        _ = try nowhere.send(lentMessage(byteCount: 100_000))
        let wake = try WakeDescriptor()
        let thread = try SocketThread(name: "waker") { wake.signal() }
        var message = Message()
        var received = false
        while !received {
            var poller = Poller()
            _ = poller.add(zap.socket, for: .readable)
            _ = poller.add(router, for: .readable)
            _ = try poller.wait(milliseconds: ZeroMQRoom.deadlineMilliseconds)
            try zap.handleAll { _ in .accept(userID: "municipalCS") }
            while case .frame(let more) = try router.receive(into: &message) { received = !more }
        }
        thread.join()
        _ = wake.drain()
    }
    context.close()
}

/// A message whose buffer is freed by its release callback.
private func lentMessage(byteCount: Int) throws -> Message {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
    _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 1)
    let address = UInt(bitPattern: bytes.baseAddress)
    return try unsafe Message(taking: bytes) {
        unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }
}

private func openDescriptors() -> Int {
    guard let stream = unsafe opendir("/proc/self/fd") else { return -1 }
    defer { unsafe closedir(stream) }
    var count = 0
    while unsafe readdir(stream) != nil { count += 1 }
    return count
}
