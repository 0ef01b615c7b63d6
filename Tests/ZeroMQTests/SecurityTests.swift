import Testing
import ZeroMQ

extension ZeroMQRoom {
    @Suite("CURVE and ZAP")
    struct Security {
        @Test("A known key gets in, and its frames carry the User-Id the handler gave")
        func knownKey() throws {
            try checkingLeaks { context in
                var hub = try SecureHub(in: context)
                let client = try CurveKeyPair.generate()
                hub.known[client.publicKey] = "municipalCS"
                let dealer = try hub.dealer(client, in: context)

                var frames: [(bytes: [UInt8], userID: String?)] = []
                let came = try until {
                    _ = try frames.isEmpty ? dealer.send([8]) : .sent
                    try hub.serve()
                    var message = Message()
                    while case .frame(let more) = try hub.router.receive(into: &message) {
                        frames.append((message.array(), message.property("User-Id")))
                        if !more { return true }
                    }
                    return false
                }
                #expect(came && frames.count == 2)
                #expect(
                    frames.first?.userID == nil, "the routing id frame has no properties (trap)")
                #expect(frames.last?.userID == "municipalCS" && frames.last?.bytes == [8])
                let seen = hub.requests.first
                #expect(seen?.domain == "jukihub" && seen?.mechanism == "CURVE")
                #expect(seen?.address == "127.0.0.1" && seen?.publicKey == client.publicKey)
            }
        }

        @Test("An unknown key gets no session: it can send nothing, and nothing arrives")
        func unknownKey() throws {
            try checkingLeaks { context in
                var hub = try SecureHub(in: context)
                let dealer = try hub.dealer(CurveKeyPair.generate(), in: context)
                let asked = try until {
                    try hub.serve()
                    return !hub.requests.isEmpty
                }
                #expect(asked)
                try expectShutOut(&hub, dealer, in: context)
            }
        }

        @Test("A client without CURVE gets no session")
        func plainClient() throws {
            try checkingLeaks { context in
                var hub = try SecureHub(in: context)
                let dealer = try Socket(.dealer, in: context)
                try dealer.set(.immediate(true))
                try dealer.connect(hub.router.lastEndpoint())
                try expectShutOut(&hub, dealer, in: context)
            }
        }

        @Test("A user id libzmq could not carry is refused instead", arguments: [0, 256])
        func userIDLength(length: Int) throws {
            try checkingLeaks { context in
                var hub = try SecureHub(in: context)
                let client = try CurveKeyPair.generate()
                hub.known[client.publicKey] = String(repeating: "x", count: length)
                let dealer = try hub.dealer(client, in: context)
                let asked = try until {
                    try hub.serve()
                    return !hub.requests.isEmpty
                }
                #expect(asked)
                try expectShutOut(&hub, dealer, in: context)
            }
        }

        /// Whole handshakes of another, known client pass; this one never gets to send anything.
        private func expectShutOut(
            _ hub: inout SecureHub, _ outsider: borrowing Socket, in context: Context
        ) throws {
            for _ in 0..<3 {
                let known = try CurveKeyPair.generate()
                hub.known[known.publicKey] = "municipalCS"
                let other = try hub.dealer(known, in: context)
                var frames: [[UInt8]]?
                let came = try until {
                    let outside = try outsider.send([8])
                    #expect(outside == .wouldBlock)
                    _ = try other.send([9])
                    try hub.serve()
                    frames = try receive(hub.router, within: 0)
                    return frames != nil
                }
                #expect(came && frames?.last == [9])
            }
        }

        @Test("A CURVE server without a ZAP handler is a programmer's error, not an open door")
        func handlerFirst() async {
            await #expect(processExitsWith: .failure) {
                let context = try Context()
                let router = try Socket(.router, in: context)
                try router.curveServer(secretKey: CurveKeyPair.generate().secretKey)
            }
        }

        @Test("Keys are read back from their text, and the secret one gives its public half")
        func keyText() throws {
            let pair = try CurveKeyPair.generate()
            #expect(pair.publicKey.text.utf8.count == 40 && pair.publicKey.bytes.count == 32)
            #expect(try CurvePublicKey(pair.publicKey.text) == pair.publicKey)
            let secret = try CurveSecretKey(pair.secretKey.secretText)
            #expect(try secret.publicKey() == pair.publicKey)
        }

        @Test(
            "What is no key is refused",
            arguments: [
                "", "short", String(repeating: "0", count: 39), String(repeating: "0", count: 41),
                String(repeating: "~", count: 40), String(repeating: "鍵", count: 40),
                String(repeating: " ", count: 40), String(repeating: "#", count: 40),
            ])
        func invalidKey(text: String) {
            #expect(throws: InvalidCurveKey.self) { try CurvePublicKey(text) }
            #expect(throws: InvalidCurveKey.self) { try CurveSecretKey(text) }
        }

        @Test("No description, debug description or dump shows a secret key")
        func redaction() throws {
            let pair = try CurveKeyPair.generate()
            var dumped = ""
            dump(pair, to: &dumped)
            for text in ["\(pair)", String(reflecting: pair), dumped, "\(pair.secretKey)"] {
                #expect(!text.contains(pair.secretKey.secretText))
                #expect(text.contains("［秘密鍵］"))
            }
        }
    }
}

/// A router behind CURVE with its handler, served by the test's own thread.
private struct SecureHub: ~Copyable {
    var zap: ZAPHandler
    let router: Socket
    let keys: CurveKeyPair
    var known: [CurvePublicKey: String] = [:]
    private(set) var requests: [ZAPRequest] = []

    init(in context: Context) throws {
        let zap = try ZAPHandler(in: context)
        let keys = try CurveKeyPair.generate()
        let router = try Socket(.router, in: context)
        try router.curveServer(secretKey: keys.secretKey)
        try router.set(.handshakeMilliseconds(5_000))
        try router.bind("tcp://127.0.0.1:*")
        self.zap = zap
        self.keys = keys
        self.router = router
    }

    borrowing func dealer(_ client: CurveKeyPair, in context: Context) throws -> Socket {
        let dealer = try Socket(.dealer, in: context)
        try dealer.set(.immediate(true), .reconnectMilliseconds(minimum: 10, maximum: 50))
        try dealer.curveClient(
            serverKey: keys.publicKey, publicKey: client.publicKey, secretKey: client.secretKey)
        try dealer.connect(router.lastEndpoint())
        return dealer
    }

    /// Waits for a short time and answers what the handler was asked.
    mutating func serve() throws {
        var poller = Poller()
        _ = poller.add(zap.socket, for: .readable)
        _ = poller.add(router, for: .readable)
        _ = try poller.wait(milliseconds: 20)
        let known = known
        var asked: [ZAPRequest] = []
        try zap.handleAll { request in
            asked.append(request)
            guard let key = request.publicKey, let userID = known[key] else {
                return .deny(reason: "unknown key")
            }
            return .accept(userID: userID)
        }
        requests += asked
    }
}
