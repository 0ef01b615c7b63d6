import BusProtocol
import Foundation
import Testing

/// Packs a vector's meaning with this room's codec.
func pack(_ vector: WireVector, with writer: inout FrameWriter) throws {
    let verb = try #require(Verb.allCases.first { $0.name == vector.verb })
    writer.begin(verb, epoch: vector.epoch, sequence: vector.sequence)
    for (index, record) in vector.records.enumerated() {
        if verb.hasHead, index == 0 {
            if let floor = record.floor { writer.appendFloor(floor) }
            if let block = record.block, let head = record.chainHead {
                writer.appendAnchor(PublishAnchor(block: block, chainHead: unhex(head)))
            }
            continue
        }
        try append(record, of: verb, to: &writer)
    }
    writer.finish()
}

private func append(
    _ record: WireVector.Record, of verb: Verb, to writer: inout FrameWriter
) throws {
    switch verb {
    case .hello: writer.appendRecord(WireJSON.encode(try box(record).decoded(as: Hello.self)))
    case .welcome: writer.appendRecord(WireJSON.encode(try box(record).decoded(as: Welcome.self)))
    case .bye: writer.appendRecord(WireJSON.encode(try box(record).decoded(as: Farewell.self)))
    case .fault:
        writer.appendRecord(WireJSON.encode(try box(record).decoded(as: ProtocolFault.self)))
    case .request:
        guard case .text(let operation) = try box(record)["operation"] else { return }
        let arguments = try #require(try box(record)["arguments"])
        writer.appendRecord(
            OperatorRequest(operation: operation, arguments: WireJSON.encode(arguments)).encoded())
    case .reply:
        if let result = try box(record)["ok"] {
            writer.appendRecord(OperatorReply.ok(WireJSON.encode(result)).encoded())
        } else {
            let error = try #require(try box(record)["error"])
            writer.appendRecord(
                OperatorReply.error(try error.decoded(as: OperatorReply.Failure.self)).encoded())
        }
    case .pub:
        let envelope = Array(try #require(record.envelope).utf8)
        let payload = Array(try #require(record.payload).utf8)
        writer.appendPublished(envelope: envelope.span, payload: payload.span)
    case .deliver:
        let envelope = Array(try #require(record.envelope).utf8)
        let payload = Array(try #require(record.payload).utf8)
        writer.appendDelivered(
            position: try #require(record.position), attempt: try #require(record.attempt),
            envelope: envelope.span, payload: payload.span)
    case .puback:
        writer.appendAcknowledgement(
            PublishAcknowledgement(
                sequence: try #require(record.sequence), position: try #require(record.position)))
    case .pubnak:
        let reason = try #require(record.reason)
        writer.appendRefusal(
            PublishRefusal(
                sequence: try #require(record.sequence), code: reason.code, text: reason.text,
                pointer: reason.pointer, hint: reason.hint))
    case .subscribe, .credit:
        writer.appendCredit(
            CreditGrant(
                messages: try #require(record.messages), bytes: try #require(record.bytes)))
    case .ack: writer.appendRange(try #require(record.from)...(try #require(record.to)))
    case .nak:
        writer.appendNegative(
            NegativeAcknowledgement(
                deliverySequence: try #require(record.deliverySequence),
                kind: try #require(NegativeAcknowledgement.Kind(rawValue: record.kind ?? 9)),
                delayMilliseconds: try #require(record.delayMilliseconds),
                reason: try #require(record.code)))
    case .term:
        writer.appendTermination(
            Termination(
                deliverySequence: try #require(record.deliverySequence),
                reason: try #require(record.code)))
    case .progress: writer.appendProgress(try #require(record.deliverySequence))
    case .ping, .pong: return
    }
}

private func box(_ record: WireVector.Record) throws -> JSONBox { try #require(record.json) }

/// Reads a whole frame with this room's codec; every parser of the room is behind it.
func unpack(control bytes: [UInt8], body: [UInt8]) throws -> (ControlFrame, [WireVector.Record]) {
    let control = try ControlFrame(parsing: bytes.span)
    let span = body.span
    if control.verb == .ack {
        var ranges = AckRanges()
        try ranges.parse(control, body: span, highest: .max)
        return (
            control,
            ranges.ranges.map { WireVector.Record(from: $0.lowerBound, to: $0.upperBound) }
        )
    }
    var reader = try BodyReader(control, body: span)
    var records: [WireVector.Record] = []
    while let place = reader.next(in: span) {
        records.append(
            control.verb.hasHead && records.isEmpty
                ? try unpackHead(control.verb, span, place)
                : try unpack(control.verb, span, place))
    }
    return (control, records)
}

private func unpackHead(
    _ verb: Verb, _ body: Span<UInt8>, _ place: Range<Int>
) throws -> WireVector.Record {
    if verb == .deliver { return .init(floor: try SettledFloor.parse(body, at: place)) }
    let anchor = try PublishAnchor(parsing: body, at: place)
    return .init(block: anchor.block, chainHead: hex(anchor.chainHead))
}

private func unpack(
    _ verb: Verb, _ body: Span<UInt8>, _ place: Range<Int>
) throws -> WireVector.Record {
    func text(_ range: Range<Int>) -> String {
        String(decoding: range.map { body[$0] }, as: UTF8.self)
    }
    func json(_ value: some Encodable) throws -> WireVector.Record {
        .init(
            json: try JSONDecoder().decode(JSONBox.self, from: Data(WireJSON.encode(value))))
    }
    switch verb {
    case .hello: return try json(Hello(parsing: body, at: place))
    case .welcome: return try json(Welcome(parsing: body, at: place))
    case .bye: return try json(Farewell(parsing: body, at: place))
    case .fault: return try json(ProtocolFault(parsing: body, at: place))
    case .request:
        let request = try OperatorRequest(parsing: body, at: place)
        return .init(
            json: .object([
                "operation": .text(request.operation),
                "arguments": try JSONDecoder().decode(
                    JSONBox.self, from: Data(request.arguments)),
            ]))
    case .reply:
        switch try OperatorReply(parsing: body, at: place) {
        case .ok(let result):
            return .init(
                json: .object([
                    "ok": try JSONDecoder().decode(JSONBox.self, from: Data(result))
                ]))
        case .error(let failure): return try json(["error": failure])
        }
    case .pub:
        let record = try PublishedRecord(parsing: body, at: place)
        return .init(envelope: text(record.envelope), payload: text(record.payload))
    case .deliver:
        let record = try DeliveredRecord(parsing: body, at: place)
        return .init(
            envelope: text(record.envelope), payload: text(record.payload),
            position: record.position, attempt: record.attempt)
    case .puback:
        let ack = try PublishAcknowledgement(parsing: body, at: place)
        return .init(position: ack.position, sequence: ack.sequence)
    case .pubnak:
        let refusal = try PublishRefusal(parsing: body, at: place)
        return .init(
            sequence: refusal.sequence,
            reason: .init(
                code: refusal.code, text: refusal.text, pointer: refusal.pointer,
                hint: refusal.hint))
    case .subscribe, .credit:
        let grant = try CreditGrant(parsing: body, at: place)
        return .init(messages: grant.messages, bytes: grant.bytes)
    case .nak:
        let nak = try NegativeAcknowledgement(parsing: body, at: place)
        return .init(
            deliverySequence: nak.deliverySequence, kind: nak.kind.rawValue,
            delayMilliseconds: nak.delayMilliseconds, code: nak.reason)
    case .term:
        let term = try Termination(parsing: body, at: place)
        return .init(deliverySequence: term.deliverySequence, code: term.reason)
    case .progress:
        return .init(deliverySequence: try ProgressMark.parse(body, at: place))
    case .ack, .ping, .pong: return .init()
    }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

func unhex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
    }
}
