import Synchronization
import Testing
import ZeroMQ

extension ZeroMQRoom {
    @Suite("Messages")
    struct Messages {
        @Test("Bytes are written and read in place", arguments: [0, 1, 29, 64, 100_000])
        func inPlace(byteCount: Int) throws {
            var message = try Message(byteCount: byteCount)
            var bytes = message.mutableBytes
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index) }
            let copy = try Message(copying: message.bytes)
            #expect(copy.array() == (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) })
            #expect(copy.byteCount == byteCount && !copy.isMore)
        }

        @Test("A message is received into again and again")
        func reuse() throws {
            try checkingLeaks { context in
                let left = try Socket(.pair, in: context)
                try left.bind("inproc://reuse")
                let right = try Socket(.pair, in: context)
                try right.connect("inproc://reuse")
                var message = Message()
                for size in [1, 70_000, 0, 33] {
                    _ = try left.send([UInt8](repeating: 5, count: size))
                    let received = try right.receive(into: &message)
                    #expect(received == .frame(more: false))
                    #expect(message.byteCount == size)
                }
            }
        }

        @Test("A lent buffer is sent without a copy, and released exactly once")
        func lentAndSent() throws {
            let loan = Loan(byteCount: 4096)
            try checkingLeaks { context in
                let left = try Socket(.pair, in: context)
                try left.bind("inproc://lent")
                let right = try Socket(.pair, in: context)
                try right.connect("inproc://lent")
                let sent = try left.send(loan.message())
                #expect(sent == .sent)
                var message = Message()
                _ = try right.receive(into: &message)
                let start = unsafe message.bytes.withUnsafeBytes {
                    UInt(bitPattern: $0.baseAddress)
                }
                #expect(start == loan.address, "inproc hands over the very bytes")
                #expect(loan.releases == 0, "the receiver still reads them")
                message = Message()
                #expect(loan.releases == 1)
            }
            #expect(loan.releases == 1)
        }

        @Test("A lent buffer over tcp is released exactly once, by libzmq's own thread")
        func lentOverTCP() throws {
            let loan = Loan(byteCount: 300_000)
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.bind("tcp://127.0.0.1:*")
                let dealer = try Socket(.dealer, in: context)
                try dealer.connect(router.lastEndpoint())
                let sent = try dealer.send(loan.message())
                #expect(sent == .sent)
                #expect(try receive(router)?.last?.count == 300_000)
            }
            #expect(loan.releases == 1)
        }

        @Test("A lent buffer nobody sent is released when its message goes")
        func lentAndDropped() throws {
            let loan = Loan(byteCount: 10)
            do { _ = try loan.message() }
            #expect(loan.releases == 1)
        }

        @Test("A lent buffer that would block is released at once, or kept where it is only moved")
        func lentAndRefused() throws {
            let consumed = Loan(byteCount: 10)
            let kept = Loan(byteCount: 10)
            try checkingLeaks { context in
                let dealer = try Socket(.dealer, in: context)
                let first = try dealer.send(consumed.message())
                #expect(first == .wouldBlock && consumed.releases == 1)

                var message = try kept.message()
                let second = try dealer.send(moving: &message)
                #expect(second == .wouldBlock && kept.releases == 0 && message.byteCount == 10)
                try dealer.bind("inproc://kept")
                let router = try Socket(.router, in: context)
                try router.connect("inproc://kept")
                var poller = Poller()
                _ = poller.add(dealer, for: .writable)
                _ = try poller.wait(milliseconds: deadlineMilliseconds)
                let third = try dealer.send(moving: &message)
                #expect(third == .sent && message.byteCount == 0)
                #expect(try receive(router)?.last?.count == 10)
            }
            #expect(consumed.releases == 1 && kept.releases == 1)
        }

        @Test("A lent buffer still queued when its socket closes is released exactly once")
        func lentAndClosed() throws {
            let loan = Loan(byteCount: 4096)
            try checkingLeaks { context in
                let dealer = try Socket(.dealer, in: context)
                try dealer.connect(ZeroMQRoom.nobody)
                let sent = try dealer.send(loan.message())
                #expect(sent == .sent)
            }
            #expect(loan.releases == 1)
        }
    }
}

/// A buffer that counts how often it was given back; freed with this object, after the last use.
@safe private final class Loan: @unchecked Sendable {
    // The buffer is written here only, before it is lent.
    private let buffer: UnsafeMutableRawBufferPointer
    private let count = Atomic<Int>(0)

    init(byteCount: Int) {
        unsafe buffer = .allocate(byteCount: byteCount, alignment: 16)
        _ = unsafe buffer.initializeMemory(as: UInt8.self, repeating: 7)
    }

    deinit { unsafe buffer.deallocate() }

    var releases: Int { count.load(ordering: .acquiring) }
    var address: UInt { unsafe UInt(bitPattern: buffer.baseAddress) }

    func message() throws(ZeroMQError) -> Message {
        try unsafe Message(taking: buffer) { self.count.add(1, ordering: .acquiringAndReleasing) }
    }
}
