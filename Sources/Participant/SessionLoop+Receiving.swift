import BusProtocol
import Logging
import Messaging
import ZeroMQ

extension SessionLoop {
    /// Reads a burst of one link's frames: at most a turn's worth, and as long as the batch has
    /// room for a whole frame.
    func read(_ link: ZoneLink, index: Int) throws {
        var head = Message()
        var body = Message()
        for _ in 0..<limits.framesPerTurn {
            guard batch.count + WireLimits.recordsPerFrame <= limits.messagesPerApply else {
                mustTurnAgain = true
                return
            }
            guard let connection = link.connection, connection.canRead(link) else { return }
            do {
                guard try connection.receiveFrame(head: &head, body: &body) else { return }
                try take(head: head, body: body, from: link, index: index)
            } catch let fault as ProtocolFault {
                logger.error(
                    "session broken",
                    metadata: ["zone": "\(link.access.zone)", "fault": "\(fault)"])
                return lose(link)
            } catch let error as ZeroMQError {
                logger.error(
                    "connection failed",
                    metadata: ["zone": "\(link.access.zone)", "error": "\(error)"])
                return lose(link)
            }
        }
        mustTurnAgain = true
    }

    private func take(
        head: borrowing Message, body: borrowing Message, from link: ZoneLink, index: Int
    ) throws {
        let control = try ControlFrame(parsing: head.bytes)
        guard link.session.hear(control, now: now, effects: &link.effects) == .take else { return }
        let bytes = body.bytes
        switch control.verb {
        case .welcome: try takeWelcome(control, bytes, link)
        case .puback: try takeAcknowledgements(control, bytes, link)
        case .pubnak: try takeRefusals(control, bytes, link)
        case .deliver: try takeDeliveries(control, bytes, link, index)
        case .credit:
            let grant = try CreditGrant(
                parsing: bytes, at: BodyReader.single(control, body: bytes))
            link.session.credited(grant, now: now, random: random, effects: &link.effects)
            link.mayHaveOutgoing = true
        case .fault:
            let fault = try ProtocolFault(
                parsing: bytes, at: BodyReader.single(control, body: bytes))
            logger.warning(
                "the hub reports a fault",
                metadata: ["zone": "\(link.access.zone)", "code": "\(fault.code)"])
            link.session.faulted(
                fault, epoch: control.epoch, now: now, random: random, effects: &link.effects)
        case .bye:
            let farewell = try Farewell(
                parsing: bytes, at: BodyReader.single(control, body: bytes))
            link.session.dismissed(
                farewell, epoch: control.epoch, now: now, random: random, effects: &link.effects)
        case .pong, .ping: return
        case .hello, .pub, .subscribe, .ack, .nak, .term, .progress, .request, .reply:
            throw ProtocolFault(.unknownVerb, "a hub does not send \(control.verb.name)")
        }
    }

    private func takeWelcome(_ control: ControlFrame, _ body: Span<UInt8>, _ link: ZoneLink) throws
    {
        let welcome = try Welcome(parsing: body, at: BodyReader.single(control, body: body))
        guard welcome.zone == link.access.zone.rawValue else {
            throw ParticipantError(
                zone: link.access.zone, code: "wrong-zone", text: "this hub serves another zone")
        }
        link.session.welcomed(
            welcome, epoch: control.epoch,
            knownSequence: link.resumption?.acknowledgedSequence ?? 0,
            catalogue: configuration.catalogueDigest, now: now, random: random,
            effects: &link.effects)
    }

    private func takeAcknowledgements(
        _ control: ControlFrame, _ body: Span<UInt8>, _ link: ZoneLink
    ) throws {
        var reader = try BodyReader(control, body: body)
        guard let head = reader.next(in: body) else { return }
        let anchor = try PublishAnchor(parsing: body, at: head)
        while let record = reader.next(in: body) {
            let ack = try PublishAcknowledgement(parsing: body, at: record)
            link.acks.append((ack.sequence, Position(ack.position)))
        }
        link.anchor = Anchor(block: anchor.block, chainHead: anchor.chainHead)
        link.session.answered(control.count - 1, now: now)
    }

    private func takeRefusals(
        _ control: ControlFrame, _ body: Span<UInt8>, _ link: ZoneLink
    ) throws {
        var reader = try BodyReader(control, body: body)
        while let record = reader.next(in: body) {
            let refusal = try PublishRefusal(parsing: body, at: record)
            guard refusal.code != PublishRefusal.sequenceGap else {
                throw ProtocolFault(
                    .frameMalformed, "the hub misses a number before \(refusal.sequence)")
            }
            let isOversized = link.oversized.remove(refusal.sequence) != nil
            link.refusals.append(
                Refusal(
                    sequence: refusal.sequence,
                    code: isOversized ? Self.oversizedCode : refusal.code,
                    text: isOversized ? "the message is longer than the hub takes" : refusal.text,
                    pointer: isOversized ? nil : refusal.pointer, hint: refusal.hint))
        }
        link.session.answered(control.count, now: now)
    }

    private func takeDeliveries(
        _ control: ControlFrame, _ body: Span<UInt8>, _ link: ZoneLink, _ index: Int
    ) throws {
        var reader = try BodyReader(control, body: body)
        guard let head = reader.next(in: body) else { return }
        let floor = Position(try SettledFloor.parse(body, at: head))
        var records: [Range<Int>] = []
        records.reserveCapacity(control.count - 1)
        while let record = reader.next(in: body) { records.append(record) }
        let parsed = try records.map { try DeliveredRecord(parsing: body, at: $0) }
        guard
            link.session.delivered(
                first: control.sequence, recordBytes: records.lazy.map(\.count), now: now,
                random: random, effects: &link.effects) == .take
        else { return }
        link.floor = max(link.floor ?? floor, floor)
        for (offset, record) in parsed.enumerated() {
            let entry = DeliveryBatch.Entry(
                link: index, epoch: control.epoch,
                deliverySequence: control.sequence + UInt64(offset),
                recordBytes: records[offset].count)
            do throws(EnvelopeError) {
                let envelope = try Envelope(parsing: body.extracting(record.envelope))
                batch.append(
                    entry,
                    ReceivedMessage(
                        zone: link.access.zone, position: Position(record.position),
                        attempt: Int(record.attempt), envelope: envelope,
                        payload: body.array(record.payload)))
            } catch {
                terminate(entry, on: link, reason: error.code)
            }
        }
    }
}

extension Span where Element == UInt8 {
    /// A copy of the bytes in `range`.
    func array(_ range: Range<Int>) -> [UInt8] {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension Connection {
    /// Whether reading on makes sense: a session given up reads nothing more.
    func canRead(_ link: ZoneLink) -> Bool {
        switch link.session.phase {
        case .waiting, .stopped: false
        case .greeting, .live: true
        }
    }

    /// Receives one frame, both parts; false when there is none. Throws `frame-malformed` for
    /// another number of parts.
    func receiveFrame(head: inout Message, body: inout Message) throws -> Bool {
        guard case .frame(let more) = try socket.receive(into: &head) else { return false }
        guard more else { throw ProtocolFault(.frameMalformed, "a frame has two parts") }
        guard case .frame(var surplus) = try socket.receive(into: &body) else {
            throw ProtocolFault(.frameMalformed, "a frame has two parts")
        }
        guard !surplus else {
            var rest = Message()
            while surplus, case .frame(let more) = try socket.receive(into: &rest) {
                surplus = more
            }
            throw ProtocolFault(.frameMalformed, "a frame has two parts")
        }
        return true
    }
}
