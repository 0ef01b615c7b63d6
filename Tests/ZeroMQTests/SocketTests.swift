import Testing
import ZeroMQ

extension ZeroMQRoom {
    @Suite("Sockets")
    struct Sockets {
        @Test(
            "A router and a dealer exchange messages of several frames, also empty ones",
            arguments: ["inproc://round-trip", "tcp://127.0.0.1:*"])
        func roundTrip(endpoint: String) throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.bind(endpoint)
                let dealer = try Socket(.dealer, in: context)
                try dealer.connect(router.lastEndpoint())
                let control = try dealer.send([1, 2, 3], more: true)
                let body = try dealer.send([], more: false)
                #expect(control == .sent && body == .sent)

                let asked = try #require(try receive(router))
                #expect(asked.count == 3 && asked[1] == [1, 2, 3] && asked[2] == [])

                let routed = try router.send(asked[0], more: true)
                let answered = try router.send(Array("答".utf8), more: false)
                #expect(routed == .sent && answered == .sent)
                let answer = try receive(dealer)
                #expect(answer == [Array("答".utf8)])
            }
        }

        @Test("An empty socket answers would-block and not an error")
        func nothingToReceive() throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.bind("inproc://nothing")
                var message = Message()
                let received = try router.receive(into: &message)
                #expect(received == .wouldBlock)
            }
        }

        @Test("A dealer whose connection is not complete answers would-block")
        func notConnected() throws {
            try checkingLeaks { context in
                let dealer = try Socket(.dealer, in: context)
                try dealer.set(.immediate(true))
                try dealer.connect(nobody)
                let sent = try dealer.send([1])
                #expect(sent == .wouldBlock)
            }
        }

        @Test("A router answers would-block at the high-water mark of its peer")
        func highWater() throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.set(.sendHighWater(2), .receiveHighWater(2))
                try router.bind("inproc://high-water")
                let dealer = try Socket(.dealer, in: context)
                try dealer.set(.sendHighWater(2), .receiveHighWater(2), .routingID([7]))
                try dealer.connect("inproc://high-water")
                _ = try dealer.send([0])
                #expect(try receive(router) == [[7], [0]])

                var accepted = 0
                while try router.send([7], more: true) == .sent, accepted < 100 {
                    _ = try router.send([1], more: false)
                    accepted += 1
                }
                #expect(accepted == 4, "the sender's mark and the receiver's")
                #expect(try receive(dealer) == [[1]], "what was accepted arrives")
            }
        }

        @Test("A router answers unroutable for a peer it does not have")
        func unroutable() throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.bind("inproc://unroutable")
                let sent = try router.send([9, 9, 9], more: true)
                #expect(sent == .unroutable)
            }
        }

        @Test("Without the mandatory flag the same send would be dropped and called sent")
        func silentDrop() throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.set(.routerMandatory(false))
                try router.bind("inproc://silent-drop")
                let sent = try router.send([9, 9, 9], more: true)
                #expect(sent == .sent)
                _ = try router.send([1])
            }
        }

        @Test("A message above the limit cuts its sender off; a smaller one passes")
        func maxMessageBytes() throws {
            try checkingLeaks { context in
                let router = try Socket(.router, in: context)
                try router.set(.maxMessageBytes(1024))
                try router.bind("tcp://127.0.0.1:*")
                let dealer = try Socket(.dealer, in: context)
                try dealer.set(
                    .routingID([1]), .immediate(true),
                    .reconnectMilliseconds(minimum: 10, maximum: 100))
                try dealer.connect(router.lastEndpoint())

                try sendWhenConnected(dealer, [UInt8](repeating: 0, count: 1024))
                #expect(try receive(router)?.last?.count == 1024)

                try sendWhenConnected(dealer, [UInt8](repeating: 0, count: 1025))
                // The dealer is cut off and connects again; only what fits ever arrives.
                var arrived: [[UInt8]]?
                let came = try until {
                    _ = try dealer.send([42])
                    arrived = try receive(router, within: 50)
                    return arrived != nil
                }
                #expect(came && arrived?.last == [42])
            }
        }

        @Test("A subscriber gets what begins with its prefix")
        func publishSubscribe() throws {
            try checkingLeaks { context in
                let tap = try Socket(.pub, in: context)
                try tap.bind("inproc://tap")
                let viewer = try Socket(.sub, in: context)
                try viewer.set(.subscribe(Array("a".utf8)))
                try viewer.connect("inproc://tap")
                var seen: [[UInt8]]?
                let came = try until {
                    _ = try tap.send(Array("b-other".utf8))
                    _ = try tap.send(Array("a-this".utf8))
                    seen = try receive(viewer, within: 20)
                    return seen != nil
                }
                #expect(came && seen == [Array("a-this".utf8)])
            }
        }

        @Test(
            "Binding an endpoint in use fails with its errno, and without the endpoint in the text")
        func addressInUse() throws {
            try checkingLeaks { context in
                let first = try Socket(.router, in: context)
                try first.bind("tcp://127.0.0.1:*")
                let endpoint = try first.lastEndpoint()
                let second = try Socket(.router, in: context)
                let error = #expect(throws: ZeroMQError.self) { try second.bind(endpoint) }
                #expect(error?.name == "EADDRINUSE" && error?.operation == "zmq_bind")
                let text = error?.description ?? ""
                #expect(!text.contains("127.0.0.1"))
            }
        }

        @Test("A socket lingers for a finite time or not at all", arguments: [Int32(-1), 60_001])
        func linger(milliseconds: Int32) async {
            await #expect(processExitsWith: .failure) { [milliseconds] in
                let context = try Context()
                let socket = try Socket(.dealer, in: context)
                try socket.set(.lingerMilliseconds(milliseconds))
            }
        }

        private func sendWhenConnected(_ socket: borrowing Socket, _ bytes: [UInt8]) throws {
            var poller = Poller()
            let slot = poller.add(socket, for: .writable)
            _ = try poller.wait(milliseconds: deadlineMilliseconds)
            try #require(poller.isWritable(slot))
            let sent = try socket.send(bytes)
            try #require(sent == .sent)
        }
    }
}
