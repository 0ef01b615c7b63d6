import BusProtocol
import Testing

@Suite("Credit and acknowledged ranges")
struct CreditTests {
    @Test(
        "Both ends of a window agree, nothing is sent without credit, and it never stalls",
        arguments: 0..<16)
    func window(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let limit = CreditGrant(
            messages: .random(in: 1...40, using: &random),
            bytes: .random(in: 1...5000, using: &random))
        var sender = try CreditWindow(initial: limit)
        var receiver = try CreditWindow(initial: limit)
        var inFlight: [Int] = []
        var received = 0
        for _ in 0..<5000 {
            let bytes = Int.random(in: 0...3000, using: &random)
            if Bool.random(using: &random), sender.spend(bytes) {
                let granted = receiver.spend(bytes)
                #expect(granted, "what the sender may send the receiver has granted")
                inFlight.append(bytes)
            } else if !inFlight.isEmpty {
                receiver.release(messages: 1, bytes: inFlight.removeFirst())
                received += 1
                if let grant = receiver.topUpAtHalf() { try sender.add(grant) }
            }
            #expect(inFlight.count <= Int(limit.messages))
            #expect(sender.messages == receiver.messages && sender.bytes == receiver.bytes)
            if inFlight.isEmpty { #expect(sender.isOpen, "all settled, so something may be sent") }
        }
        #expect(received > 1000)
    }

    @Test("A grant waits for half of the window and then gives back all of it")
    func half() throws {
        var window = try CreditWindow(initial: CreditGrant(messages: 10, bytes: 1_000_000))
        let spent = (0..<5).map { _ in window.spend(10) }
        #expect(spent.allSatisfy { $0 })
        window.release(messages: 4, bytes: 40)
        let early = window.topUpAtHalf()
        window.release(messages: 1, bytes: 10)
        let due = window.topUpAtHalf()
        let again = window.topUpAtHalf()
        #expect(early == nil && again == nil)
        #expect(due == CreditGrant(messages: 5, bytes: 50))
    }

    @Test("A credit beyond the window is a fault, and so is a first credit of nothing")
    func excess() throws {
        var window = try CreditWindow(initial: CreditGrant(messages: 2, bytes: 100))
        #expect(throws: ProtocolFault.self) {
            try window.add(CreditGrant(messages: 1, bytes: 0))
        }
        let spent = window.spend(1)
        #expect(spent)
        #expect(throws: ProtocolFault.self) {
            try window.add(CreditGrant(messages: .max, bytes: .max))
        }
        try window.add(CreditGrant(messages: 1, bytes: 1))
        #expect(throws: ProtocolFault.self) {
            try CreditWindow(initial: CreditGrant(messages: 0, bytes: 1))
        }
        #expect(throws: ProtocolFault.self) {
            try CreditWindow(initial: CreditGrant(messages: 1, bytes: 0))
        }
    }

    @Test("Ranges hold exactly what was inserted, rising and apart", arguments: 0..<32)
    func ranges(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var ranges = AckRanges()
        var model: Set<UInt64> = []
        for _ in 0..<300 {
            let start = UInt64.random(in: 1...200, using: &random)
            let end = start + UInt64.random(in: 0...(seed % 5), using: &random)
            ranges.insert(start...end)
            model.formUnion(start...end)
            #expect(Set(ranges.ranges.flatMap { Array($0) }) == model)
            for (left, right) in zip(ranges.ranges, ranges.ranges.dropFirst()) {
                #expect(left.upperBound + 1 < right.lowerBound)
            }
        }
        #expect(ranges.contains(try #require(model.randomElement())))
        #expect(!ranges.contains(999))
    }

    @Test("Ranges at the end of the numbers do not overflow")
    func extremes() {
        var ranges = AckRanges()
        ranges.insert(.max)
        ranges.insert(.max - 1)
        ranges.insert(0...5)
        ranges.insert(.max)
        #expect(ranges.ranges == [0...5, .max - 1 ... .max])
    }

    @Test("An acknowledgement of more than was delivered is refused")
    func highest() throws {
        var writer = FrameWriter()
        writer.begin(.ack, epoch: 1, sequence: 0)
        writer.appendRange(1...10)
        writer.finish()
        let control = try ControlFrame(parsing: writer.control.span)
        var ranges = AckRanges()
        try ranges.parse(control, body: writer.body.span, highest: 10)
        #expect(ranges.ranges == [1...10])
        #expect(throws: ProtocolFault.self) {
            try ranges.parse(control, body: writer.body.span, highest: 9)
        }
    }

    @Test("A back-off stays between floor and ceiling and reaches both ends", arguments: 0..<20)
    func backoff(failures: Int) {
        let backoff = Backoff(floor: .milliseconds(50), ceiling: .seconds(5))
        #expect(backoff.delay(failures: failures, random: 0) == .milliseconds(50))
        let longest = backoff.delay(failures: failures, random: .max)
        let doubled = Duration.milliseconds(50) * (1 << min(failures, 10))
        #expect(longest == min(.seconds(5), doubled))
    }
}
