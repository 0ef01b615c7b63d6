import Journal
import Logging
import Messaging
import Operations

/// Delivery to receivers of another version (版変換): beside the hot path, which asks for one number only.
extension BusLoop {
    /// What goes into the frame for a delivery: as it was sent, or the receiver's version of it; nil where there is
    /// none: its lane is parked, and an operator's 再送 delivers once the receiver speaks another version.
    func content(
        of delivery: Subscription.Delivery, to party: Int, now: Instant
    ) -> DeliveredContent? {
        guard let topic = delivery.topic, let target = spoken[party].target(of: topic) else {
            return .stored(delivery.bytes)
        }
        let (envelope, payload) = delivery.bytes.split()
        let accepts = acceptsLossy[party].contains(catalogue.topic(target).topic.type.rawValue)
        do throws(ConversionFailure) {
            let converted = try converter.convert(
                envelope: envelope, payload: payload, from: topic, to: target,
                acceptsLoss: accepts)
            counts.converted += 1
            if !converted.lost.isEmpty, delivery.attempt == 1 {
                reportLoss(converted.lost, delivery, topic, target, party, now: now)
            }
            return .converted(converted)
        } catch {
            if error.code == .leftToReceiver { return .stored(delivery.bytes) }
            park(delivery, error, topic, target, party, now: now)
            return nil
        }
    }

    private func park(
        _ delivery: Subscription.Delivery, _ failure: ConversionFailure, _ topic: TopicIndex,
        _ target: TopicIndex, _ party: Int, now: Instant
    ) {
        let code = ([failure.code.rawValue] + failure.pointers).joined(separator: " ")
        let outcome = subscriptions[party].unconvertible(
            delivery.cargo, code: code, now: now, into: &batch)
        refused(outcome, party, code: failure.code.rawValue, pointers: failure.pointers)
        batch.notes.append(
            BatchNote(
                kind: failure.code.rawValue,
                text: describe(delivery, topic, target, party, failure.pointers)))
    }

    /// An accepted loss is evidence and a line of the tap: which fields, never what stood there.
    private func reportLoss(
        _ pointers: [String], _ delivery: Subscription.Delivery, _ topic: TopicIndex,
        _ target: TopicIndex, _ party: Int, now: Instant
    ) {
        counts.lossyConversions += 1
        let text = describe(delivery, topic, target, party, pointers)
        batch.notes.append(BatchNote(kind: "conversion-lost", text: text))
        logger.notice("conversion.lost", metadata: ["message": "\(text)"])
        guard tap.hasListeners else { return }
        var event = TapEvent(
            event: "converted", position: delivery.position, source: nil, code: "conversion-lost",
            at: now, bytes: 0)
        event.recipient = registry[party].text
        event.pointers = pointers
        tap.send(event)
    }

    private func describe(
        _ delivery: Subscription.Delivery, _ topic: TopicIndex, _ target: TopicIndex, _ party: Int,
        _ pointers: [String]
    ) -> String {
        let way = "\(catalogue.topic(topic).topic) > v\(catalogue.topic(target).topic.major)"
        return
            "\(registry[party].text)@\(delivery.position) \(way) \(pointers.joined(separator: " "))"
    }
}

/// The envelope and payload of one delivery (配信内容).
enum DeliveredContent {
    case stored(RecordBytes)
    case converted(Converter.Converted)

    /// Bytes of the record behind its head: envelope's length, envelope, payload.
    var count: Int {
        switch self {
        case .stored(let bytes): bytes.range.count
        case .converted(let message): 4 + message.envelope.count + message.payload.count
        }
    }
}

extension RecordBytes {
    /// Envelope and payload of the record, copied.
    func split() -> (envelope: [UInt8], payload: [UInt8]) {
        let bytes = arena.array(range)
        let length = bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return (Array(bytes[4..<4 + length]), Array(bytes[(4 + length)...]))
    }
}
