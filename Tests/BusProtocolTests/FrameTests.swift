import BusProtocol
import Testing

@Suite("Frames of wire version 1")
struct FrameTests {
    @Test("Every vector of another implementation is packed byte by byte and read back")
    func vectors() throws {
        var writer = FrameWriter()
        let file = try WireVectorFile.load()
        for vector in file.vectors {
            try pack(vector, with: &writer)
            #expect(hex(writer.control) == hex(vector.control.bytes), "\(vector.name)")
            #expect(hex(writer.body) == hex(vector.body.bytes), "\(vector.name)")
            let (control, records) = try unpack(
                control: vector.control.bytes, body: vector.body.bytes)
            #expect(control.verb.name == vector.verb)
            #expect(control.epoch == vector.epoch && control.sequence == vector.sequence)
            #expect(control.count == vector.count)
            #expect(records == vector.records, "\(vector.name)")
        }
    }

    @Test("There is a vector for every verb")
    func everyVerb() throws {
        let verbs = Set(try WireVectorFile.load().vectors.map(\.verb))
        #expect(verbs == Set(Verb.allCases.map(\.name)))
    }

    @Test("Every malformed vector is refused with its code")
    func refusedVectors() throws {
        for vector in try WireVectorFile.load().refused {
            do {
                _ = try unpack(control: vector.control.bytes, body: vector.body.bytes)
                Issue.record("\(vector.name) was taken")
            } catch let fault as ProtocolFault {
                #expect(fault.code == vector.code, "\(vector.name)")
            }
        }
    }

    @Test("Several records of more than 64 KiB together are refused, a single one is not")
    func bodyLimit() throws {
        var writer = FrameWriter()
        let large = [UInt8](repeating: 0x20, count: 70_000)
        writer.begin(.pub, epoch: 1, sequence: 1)
        writer.appendPublished(envelope: [], payload: large)
        #expect(!writer.fits(1))
        writer.finish()
        #expect(try unpack(control: writer.control, body: writer.body).1.count == 1)

        writer.begin(.pub, epoch: 1, sequence: 1)
        writer.appendPublished(envelope: [], payload: large)
        writer.appendPublished(envelope: [], payload: [])
        writer.finish()
        #expect(throws: ProtocolFault.self) {
            try unpack(control: writer.control, body: writer.body)
        }
    }

    @Test("A writer says when a frame is full, its head record not counted")
    func fullFrame() throws {
        var writer = FrameWriter()
        writer.begin(.deliver, epoch: 1, sequence: 1)
        writer.appendFloor(0)
        for count in 0..<64 {
            #expect(writer.fits(20), "after \(count)")
            writer.appendDelivered(
                position: UInt64(count), attempt: 1, envelope: [], payload: [])
        }
        #expect(!writer.fits(20))
        writer.finish()
        let (control, records) = try unpack(control: writer.control, body: writer.body)
        #expect(control.count == 65 && records.count == 65)

        writer.begin(.pub, epoch: 1, sequence: 1)
        let half = [UInt8](repeating: 1, count: 32_760)
        writer.appendPublished(envelope: [], payload: half)
        #expect(writer.fits(32_764) && !writer.fits(32_765))
    }

    @Test("Random bytes never crash a parser", arguments: 0..<8)
    func randomBytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var taken = 0
        for _ in 0..<20_000 {
            var control = random.bytes(upTo: 30)
            if Bool.random(using: &random) {
                // Mostly plausible heads, or nothing would ever get as far as the body.
                let verb = Verb.allCases.randomElement(using: &random) ?? .ping
                control = ControlFrame(
                    verb: verb, epoch: 1, sequence: .random(in: 0...3, using: &random),
                    count: .random(in: 0...3, using: &random)
                ).encoded()
            }
            let body = random.bytes(upTo: 80)
            if (try? unpack(control: control, body: body)) != nil { taken += 1 }
        }
        #expect(taken > 0)
    }

    @Test("Mutated frames never crash a parser, and what is taken is in bounds", arguments: 0..<4)
    func mutatedFrames(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let vectors = try WireVectorFile.load().vectors
        for _ in 0..<400 {
            for vector in vectors {
                var control = vector.control.bytes
                var body = vector.body.bytes
                random.mutate(&control)
                random.mutate(&body)
                guard let (head, records) = try? unpack(control: control, body: body) else {
                    continue
                }
                #expect(head.verb == .ack || records.count == head.count)
            }
        }
    }

    @Test("What is written is read: random records of every verb", arguments: 0..<8)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var writer = FrameWriter()
        for _ in 0..<200 {
            let deliveries = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                (
                    UInt64.random(in: 0 ... .max, using: &random),
                    UInt32.random(in: 0 ... .max, using: &random),
                    random.bytes(upTo: 300), random.bytes(upTo: 600)
                )
            }
            writer.begin(.deliver, epoch: 3, sequence: 17)
            writer.appendFloor(5)
            for (position, attempt, envelope, payload) in deliveries {
                writer.appendDelivered(
                    position: position, attempt: attempt, envelope: envelope, payload: payload)
            }
            writer.finish()
            let control = try ControlFrame(parsing: writer.control.span)
            let body = writer.body
            var reader = try BodyReader(control, body: body.span)
            let first = reader.next(in: body.span)
            let floor = try SettledFloor.parse(body.span, at: try #require(first))
            #expect(floor == 5)
            for (position, attempt, envelope, payload) in deliveries {
                let place = reader.next(in: body.span)
                let record = try DeliveredRecord(parsing: body.span, at: try #require(place))
                #expect(record.position == position && record.attempt == attempt)
                #expect(Array(body[record.envelope]) == envelope)
                #expect(Array(body[record.payload]) == payload)
            }
            let end = reader.next(in: body.span)
            #expect(end == nil)
        }
    }

    @Test("A writer allocates nothing once its buffers have grown")
    func reuse() {
        var writer = FrameWriter()
        let payload = [UInt8](repeating: 7, count: 1000)
        func write() {
            writer.begin(.pub, epoch: 1, sequence: 1)
            while writer.fits(1004) {
                writer.appendPublished(envelope: [], payload: payload)
            }
            writer.finish()
        }
        write()
        let capacity = (writer.body.capacity, writer.control.capacity)
        for _ in 0..<100 { write() }
        #expect((writer.body.capacity, writer.control.capacity) == capacity)
    }

    @Test(
        "A reason that is no code travels as unspecified",
        arguments: ["", "Ü", "has space", String(repeating: "a", count: 65)])
    func reasonCodes(text: String) {
        #expect(Termination(deliverySequence: 1, reason: text).reason == "unspecified")
    }

    @Test("A reply's inner JSON passes through untouched")
    func innerJSON() throws {
        let inner = Array(#"{ "a" : [1, {"b":"}]\""}], "n" : 1.50 }"#.utf8)
        let bytes = OperatorReply.ok(inner).encoded()
        let read = try OperatorReply(parsing: bytes.span, at: 0..<bytes.count)
        #expect(read == .ok(inner))
    }

    @Test(
        "A reply that is no object of ok or error is refused",
        arguments: [
            "", "[]", "{", #"{"ok"}"#, #"{"ok":1,"ok":2}"#, #"{"ok":1}x"#, #"{"no":1}"#,
            #"{"error":{}}"#,
        ])
    func malformedReplies(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: ProtocolFault.self) {
            try OperatorReply(parsing: bytes.span, at: 0..<bytes.count)
        }
    }
}

extension FrameWriter {
    mutating func appendPublished(envelope: [UInt8], payload: [UInt8]) {
        appendPublished(envelope: envelope.span, payload: payload.span)
    }

    mutating func appendDelivered(
        position: UInt64, attempt: UInt32, envelope: [UInt8], payload: [UInt8]
    ) {
        appendDelivered(
            position: position, attempt: attempt, envelope: envelope.span, payload: payload.span)
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func bytes(upTo limit: Int) -> [UInt8] {
        let count = Int(next() % UInt64(limit + 1))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Changes, inserts or removes a few bytes.
    mutating func mutate(_ bytes: inout [UInt8]) {
        for _ in 0..<Int(next() % 3) {
            let place = bytes.isEmpty ? 0 : Int(next() % UInt64(bytes.count))
            switch next() % 4 {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(next() % 8)
            default: if !bytes.isEmpty { bytes[place] = UInt8(truncatingIfNeeded: next()) }
            }
        }
    }
}
