import BusProtocol
import FoundationEssentials
import Journal
import Logging
import Messaging
import Operations
import Platform

/// 差替え (corrections.md 16): the hub asks a dead letter's source for a superseding message, durably and by a
/// message of its own numbering; it never takes content from an operator.
extension BusLoop {
    private static let topic = "dead-letter.replacement.request/v1"

    private struct Layout: Encodable {
        let message: String
        let recipient: String
        let code: String
        let reason: String
        let `operator`: String
    }

    func requestReplacement(of letter: DeadLetterSummary, _ order: ReplacementOrder, now: Instant) {
        do {
            try publishOwn(
                Layout(
                    message: letter.id, recipient: letter.recipient, code: letter.code,
                    reason: order.reason, operator: order.by),
                to: letter.source, correlation: letter.correlation, now: now)
        } catch {
            logger.error(
                "replacement.not-requested",
                metadata: ["source": "\(letter.source)", "cause": "\(error)"])
        }
    }

    private func publishOwn(
        _ layout: Layout, to source: String, correlation: String, now: Instant
    ) throws {
        let hub = registry.hub
        if producers[hub].incarnation != journalIncarnation {
            producers[hub] = Producer(incarnation: journalIncarnation)
        }
        let sequence = producers[hub].assigned + 1
        let number = MessageNumber(incarnation: journalIncarnation, sequence: sequence)
        let envelope = Envelope(
            id: MessageID(source: registry[hub].id, number: number), source: registry[hub].id,
            topic: try Topic(Self.topic), time: now, recipients: [try ParticipantID(source)],
            correlation: try CorrelationID(correlation), organisation: configuration.organisation
        ).encoded()
        let payload = WireJSON.encode(layout)
        let view = try admission.identify(envelope.span, party: hub)
        let admitted = try admission.admit(
            view, envelope: envelope.span, payload: payload.span, party: hub, now: now)
        producers[hub].assigned = sequence
        append(
            admitted, envelope.span, payload.span, sequence: sequence,
            bytes: 4 + envelope.count + payload.count, party: hub, now: now)
    }

    /// A committed message that names an earlier one of its own source as its cause may supersede a dead
    /// letter: where the receiver has one, the journal is asked which position that message had.
    func mayBeReplacement(
        _ message: AppendedMessage, _ published: PendingAnswers.Published, _ position: UInt64,
        _ arena: Arena
    ) {
        guard published.recipients.contains(where: { !subscriptions[$0].exceptions.isEmpty }) else {
            return
        }
        let bytes = arena.array(
            ArenaRange(offset: message.record.offset + 4, count: message.envelopeLength))
        guard let envelope = try? Envelope(parsing: bytes), let cause = envelope.causation,
            cause.source == envelope.source
        else { return }
        reader.order(
            .superseded(
                party: published.party, producer: message.producer, number: cause.number,
                recipients: published.recipients, by: position))
    }

    func superseded(
        _ original: OriginalAnswer?, recipients: [Int], by newer: UInt64, now: Instant
    ) {
        guard case .admitted(let dead)? = original?.answer else { return }
        for recipient in recipients {
            guard
                subscriptions[recipient].supersede(
                    dead.rawValue, by: newer, now: now, into: &batch)
            else { continue }
            batch.notes.append(
                BatchNote(
                    kind: "dead-letter.superseded",
                    text: "\(registry[recipient].text)@\(dead.rawValue) by \(newer)"))
        }
    }
}
