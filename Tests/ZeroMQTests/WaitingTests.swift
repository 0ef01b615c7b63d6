import Glibc
import Synchronization
import Testing
import ZeroMQ

extension ZeroMQRoom {
    @Suite("Waiting and threads")
    struct Waiting {
        @Test("A wait ends at its timeout, and not before", arguments: [0, 30])
        func timeout(milliseconds: Int) throws {
            try checkingLeaks { context in
                let socket = try Socket(.router, in: context)
                try socket.bind("inproc://timeout")
                var poller = Poller()
                let slot = poller.add(socket, for: .readable)
                let start = ContinuousClock.now
                let wait = try poller.wait(milliseconds: milliseconds)
                #expect(wait == .timedOut && !poller.isReadable(slot))
                // poll(2) counts whole milliseconds, so that the last one may be cut short.
                #expect(ContinuousClock.now - start >= .milliseconds(max(0, milliseconds - 1)))
            }
        }

        @Test("A poller with nothing in it waits all the same")
        func emptyPoller() throws {
            var poller = Poller()
            let wait = try poller.wait(milliseconds: 5)
            #expect(wait == .timedOut)
        }

        @Test("A wake descriptor ends the wait of another thread, and is quiet once drained")
        func wake() throws {
            try checkingLeaks { context in
                let socket = try Socket(.router, in: context)
                try socket.bind("inproc://wake")
                let wake = try WakeDescriptor()
                var poller = Poller()
                let readable = poller.add(socket, for: .readable)
                let woken = poller.add(wake.fileDescriptor, for: .readable)
                let thread = try SocketThread(name: "waker") { wake.signal() }
                let wait = try poller.wait(milliseconds: deadlineMilliseconds)
                #expect(wait == .ready(1))
                #expect(poller.isReadable(woken) && !poller.isReadable(readable))
                thread.join()

                wake.signal()
                let first = wake.drain()
                let second = wake.drain()
                #expect(first && !second, "signals are taken together")
                let after = try poller.wait(milliseconds: 0)
                #expect(after == .timedOut)
            }
        }

        @Test("A socket closed while a poller holds it is an error, never a freed pointer")
        func closedWhilePolled() throws {
            try checkingLeaks { context in
                var poller = Poller()
                do {
                    let socket = try Socket(.router, in: context)
                    _ = poller.add(socket, for: .readable)
                }
                var code = ""
                do throws(ZeroMQError) { _ = try poller.wait(milliseconds: 0) } catch {
                    code = error.name
                }
                #expect(code == "ENOTSOCK")
            }
        }

        @Test("An entry rests while it is interested in nothing")
        func resting() throws {
            try checkingLeaks { context in
                let left = try Socket(.pair, in: context)
                try left.bind("inproc://resting")
                let right = try Socket(.pair, in: context)
                try right.connect("inproc://resting")
                _ = try left.send([1])
                var poller = Poller()
                let slot = poller.add(right, for: [])
                let resting = try poller.wait(milliseconds: 0)
                poller.set([.readable, .writable], for: slot)
                let awake = try poller.wait(milliseconds: 0)
                #expect(resting == .timedOut && awake == .ready(1))
                #expect(poller.readiness(of: slot) == [.readable, .writable])
            }
        }

        @Test("A thread carries its name, cut to what Linux keeps, and can be joined twice")
        func thread() throws {
            let found = Findings()
            let thread = try SocketThread(name: "住基ネット受信スレッド") {
                found.record(name: threadName())
            }
            thread.join()
            thread.join()
            #expect(found.name == "住基ネット")
        }
    }

    @Suite("Closing")
    struct Closing {
        @Test(
            "Closing does not hang on messages that cannot be sent; it waits for the linger at most"
        )
        func linger() throws {
            for (milliseconds, atMost) in [(0, 2), (200, 5)] {
                let context = try Context()
                do {
                    let dealer = try Socket(.dealer, in: context)
                    try dealer.set(.lingerMilliseconds(Int32(milliseconds)))
                    try dealer.connect(ZeroMQRoom.nobody)
                    for _ in 0..<100 { _ = try dealer.send([1, 2, 3]) }
                }
                let start = ContinuousClock.now
                context.close()
                let took = ContinuousClock.now - start
                #expect(took < .seconds(atMost))
                #expect(took >= .milliseconds(milliseconds - 10))
                expectNoSockets(context)
            }
        }

        @Test(
            "Closing a context ends the socket loop of another thread with ETERM, and waits for it")
        func termination() throws {
            let context = try Context()
            let ready = try WakeDescriptor()
            let ended = Findings()
            let thread = try SocketThread(name: "loop") {
                do {
                    let socket = try Socket(.router, in: context)
                    try socket.bind("inproc://loop")
                    var poller = Poller()
                    _ = poller.add(socket, for: .readable)
                    ready.signal()
                    while true { _ = try poller.wait(milliseconds: nil) }
                } catch let error as ZeroMQError {
                    ended.record(name: error.name)
                } catch {
                    ended.record(name: "another error")
                }
            }
            var poller = Poller()
            _ = poller.add(ready.fileDescriptor, for: .readable)
            let started = try poller.wait(milliseconds: deadlineMilliseconds)
            #expect(started == .ready(1))
            context.close()
            thread.join()
            #expect(ended.name == "ETERM")
            expectNoSockets(context)
        }

        @Test("A closed context makes no sockets, and closing it again does nothing")
        func closedTwice() throws {
            let context = try Context()
            context.close()
            context.close()
            var code = ""
            do throws(ZeroMQError) { _ = try Socket(.router, in: context) } catch {
                code = error.name
            }
            #expect(code == "ETERM")
            expectNoSockets(context)
        }

        @Test("A context nobody closed closes with its last owner")
        func forgotten() throws {
            weak var forgotten: Context?
            do {
                let context = try Context()
                let socket = try Socket(.router, in: context)
                try socket.bind("inproc://forgotten")
                forgotten = context
                #expect(forgotten?.openSockets == 1)
            }
            #expect(forgotten == nil)
        }

        @Test("A socket that could not be made leaves nothing open")
        func tooManySockets() throws {
            try checkingLeaks { context in
                let small = try Context(maxSockets: 1)
                do {
                    let first = try Socket(.dealer, in: small)
                    var code = ""
                    do throws(ZeroMQError) { _ = try Socket(.dealer, in: small) } catch {
                        code = error.name
                    }
                    #expect(code == "EMFILE")
                    _ = try first.events
                }
                small.close()
                #expect(context.openSockets == 0)
            }
        }
    }
}

/// What another thread found, for the test's thread after `join`.
private final class Findings: Sendable {
    private let found = Mutex("")

    var name: String { found.withLock { $0 } }

    func record(name: String) { found.withLock { $0 = name } }
}

/// The calling thread's name, as the kernel has it.
private func threadName() -> String {
    guard let file = unsafe fopen("/proc/thread-self/comm", "r") else { return "" }
    defer { unsafe fclose(file) }
    var text = [UInt8](repeating: 0, count: 32)
    let count = unsafe fread(&text, 1, text.count, file)
    return String(decoding: text.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
}
