package import BusProtocol
package import Messaging
package import ZeroMQ

/// A client that sends whatever it is told, for what no decent client sends.
package final class RawClient {
    package struct Frame {
        package let control: ControlFrame
        package let body: [UInt8]
    }

    package let participant: String
    package var epoch: UInt32 = 0
    package let incarnation = UInt64.random(in: 1 ... .max)
    package private(set) var welcome: Welcome?
    private let context: Context
    private let socket: Socket
    private var writer = FrameWriter()
    private var deferred: [Frame] = []

    package init(
        participant: String, endpoint: String, hubKey: CurvePublicKey, keys: CurveKeyPair,
        routingID: [UInt8]? = nil
    ) throws {
        self.participant = participant
        context = try Context(maxSockets: 4)
        socket = try Socket(.dealer, in: context)
        try socket.set(.lingerMilliseconds(0), .sendHighWater(100_000), .receiveHighWater(100_000))
        try socket.curveClient(
            serverKey: hubKey, publicKey: keys.publicKey, secretKey: keys.secretKey)
        if let routingID { try socket.set(.routingID(routingID)) }
        try socket.connect(endpoint)
    }

    // MARK: Sending

    package func send(_ parts: [[UInt8]]) throws {
        for (index, part) in parts.enumerated() {
            try eventually("frame \(index) is sent") {
                try socket.send(part, more: index < parts.count - 1) == .sent
            }
        }
    }

    package func send(
        _ verb: Verb, epoch: UInt32? = nil, sequence: UInt64 = 0, records: [[UInt8]] = []
    ) throws {
        writer.begin(verb, epoch: epoch ?? self.epoch, sequence: sequence)
        for record in records { writer.appendRecord(record) }
        let count = records.count
        try send([
            ControlFrame(
                verb: verb, epoch: epoch ?? self.epoch, sequence: sequence, count: count
            ).encoded(), writer.body,
        ])
    }

    @discardableResult
    package func greet(
        as name: String? = nil, knownSequence: UInt64 = 0, journal: UInt64? = nil,
        catalogue: String? = nil
    ) throws -> Welcome {
        let hello = Hello(
            participant: name ?? participant, incarnation: incarnation, journalIncarnation: journal,
            knownSequence: knownSequence, catalogue: catalogue, software: "raw test client")
        try send(.hello, epoch: 0, records: [WireJSON.encode(hello)])
        let frame = try awaitFrame(.welcome)
        let welcome = try Welcome(
            parsing: frame.body.span, at: BodyReader.single(frame.control, body: frame.body.span))
        epoch = welcome.epoch
        self.welcome = welcome
        return welcome
    }

    package func subscribe(
        messages: UInt32 = 1000, bytes: UInt64 = 1 << 20, majors: [String: Int] = [:]
    ) throws {
        writer.writeSubscribe(
            SubscribeRequest(
                grant: CreditGrant(messages: messages, bytes: bytes), majors: majors),
            epoch: epoch)
        try send([writer.control, writer.body])
    }

    /// Lets the hub deliver so many more.
    package func grant(messages: UInt32, bytes: UInt64 = 0) throws {
        writer.begin(.credit, epoch: epoch, sequence: 0)
        writer.appendCredit(CreditGrant(messages: messages, bytes: bytes))
        writer.finish()
        try send([writer.control, writer.body])
    }

    /// One message of this client's own numbering.
    package func record(
        _ sequence: UInt64, topic: String, to recipient: String, payload: String,
        source: String? = nil, organisation: String = HubFixture.organisation,
        number: UInt64? = nil, correlation: String = "case-1", extra: String = ""
    ) throws -> [UInt8] {
        let type = topic.split(separator: "/")[0]
        let id = MessageID(
            source: try ParticipantID(source ?? participant),
            number: MessageNumber(incarnation: incarnation, sequence: number ?? sequence))
        let envelope = Array(
            """
            {"specversion":"1.0","id":"\(id.rawValue)","source":"\(source ?? participant)",\
            "type":"\(type)","time":"2025-10-06T09:00:00.000+09:00","dataschema":"\(topic)",\
            "recipient":"\(recipient)","correlationid":"\(correlation)",\
            "organisation":"\(organisation)"\(extra)}
            """.utf8)
        return record(envelope: envelope, payload: Array(payload.utf8))
    }

    package func record(envelope: [UInt8], payload: [UInt8]) -> [UInt8] {
        let length = UInt32(envelope.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
            + envelope + payload
    }

    // MARK: Receiving

    /// The next frame with that verb; other frames are kept for later.
    package func awaitFrame(_ verb: Verb, within limit: Duration = .seconds(10)) throws -> Frame {
        var found: Frame?
        try eventually(within: limit, "\(participant) receives \(verb.name)") {
            if let index = deferred.firstIndex(where: { $0.control.verb == verb }) {
                found = deferred.remove(at: index)
                return true
            }
            try drain()
            return false
        }
        guard let found else { throw TestFailure("no frame") }
        return found
    }

    /// Whatever has come by now.
    package func drain() throws {
        var head = Message()
        var body = Message()
        while case .frame(let more) = try socket.receive(into: &head) {
            guard more, case .frame = try socket.receive(into: &body) else { continue }
            deferred.append(
                Frame(control: try ControlFrame(parsing: head.bytes), body: body.array()))
        }
    }

    package func has(_ verb: Verb) throws -> Bool {
        try drain()
        return deferred.contains { $0.control.verb == verb }
    }

    package func faultCode() throws -> String {
        let frame = try awaitFrame(.fault)
        return try ProtocolFault(
            parsing: frame.body.span, at: BodyReader.single(frame.control, body: frame.body.span)
        ).code
    }

    package func refusal() throws -> PublishRefusal {
        let frame = try awaitFrame(.pubnak)
        return try PublishRefusal(
            parsing: frame.body.span, at: BodyReader.single(frame.control, body: frame.body.span))
    }

    /// Every refusal of the next PUBNAK.
    package func refusals() throws -> [PublishRefusal] {
        let frame = try awaitFrame(.pubnak)
        var reader = try BodyReader(frame.control, body: frame.body.span)
        var refusals: [PublishRefusal] = []
        while let record = reader.next(in: frame.body.span) {
            refusals.append(try PublishRefusal(parsing: frame.body.span, at: record))
        }
        return refusals
    }

    /// Sequences and positions of the next PUBACK.
    package func acknowledgements() throws -> [PublishAcknowledgement] {
        let frame = try awaitFrame(.puback)
        var reader = try BodyReader(frame.control, body: frame.body.span)
        var acks: [PublishAcknowledgement] = []
        _ = reader.next(in: frame.body.span)
        while let record = reader.next(in: frame.body.span) {
            acks.append(try PublishAcknowledgement(parsing: frame.body.span, at: record))
        }
        return acks
    }

    package struct Delivered {
        package let sequence: UInt64
        package let position: UInt64
        package let attempt: UInt32
        package let envelope: Envelope
        package let payload: [UInt8]
        /// The producer's number.
        package var number: UInt64 { envelope.id.number.sequence }
    }

    package func deliveries(within limit: Duration = .seconds(10)) throws -> [Delivered] {
        let frame = try awaitFrame(.deliver, within: limit)
        var reader = try BodyReader(frame.control, body: frame.body.span)
        _ = reader.next(in: frame.body.span)
        var sequence = frame.control.sequence
        var deliveries: [Delivered] = []
        while let range = reader.next(in: frame.body.span) {
            let record = try DeliveredRecord(parsing: frame.body.span, at: range)
            deliveries.append(
                Delivered(
                    sequence: sequence, position: record.position, attempt: record.attempt,
                    envelope: try Envelope(parsing: Array(frame.body[record.envelope])),
                    payload: Array(frame.body[record.payload])))
            sequence += 1
        }
        return deliveries
    }

    package func acknowledge(_ range: ClosedRange<UInt64>) throws {
        writer.begin(.ack, epoch: epoch, sequence: 0)
        writer.appendRange(range)
        writer.finish()
        try send([writer.control, writer.body])
    }

    package func refuse(
        _ sequence: UInt64, kind: NegativeAcknowledgement.Kind, delay: UInt32 = 0, reason: String
    ) throws {
        writer.begin(.nak, epoch: epoch, sequence: 0)
        writer.appendNegative(
            NegativeAcknowledgement(
                deliverySequence: sequence, kind: kind, delayMilliseconds: delay, reason: reason))
        writer.finish()
        try send([writer.control, writer.body])
    }

    package func terminate(_ sequence: UInt64, reason: String) throws {
        writer.begin(.term, epoch: epoch, sequence: 0)
        writer.appendTermination(Termination(deliverySequence: sequence, reason: reason))
        writer.finish()
        try send([writer.control, writer.body])
    }
}
