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

    /// Throws what admission says where the source cannot be asked, by its own code.
    func requestReplacement(
        of letter: DeadLetterSummary, _ order: RepairOrder, now: Instant
    ) throws(OperationFault) {
        do {
            try publishOwn(
                Layout(
                    message: letter.id, recipient: letter.recipient, code: letter.code,
                    reason: order.command.reason, operator: order.by),
                to: letter.source, correlation: letter.correlation, now: now)
        } catch {
            let refusal = error as? Refusal
            throw OperationFault(
                code: refusal?.code.rawValue ?? "replacement-not-requested",
                message: "発信元に依頼できません (the source cannot be asked): \(letter.source)",
                hint: "jukihub dead-letter skip, with a follow-up")
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

    /// Held messages that name an earlier one of their own source as their cause may supersede a dead letter
    /// whose source was asked: the journal tells which position that message had.
    func lookForReplacements(_ party: Int) {
        let candidates = subscriptions[party].mayReplace
        guard !candidates.isEmpty else { return }
        subscriptions[party].mayReplace = []
        for candidate in candidates {
            reader.order(
                .superseded(recipient: party, position: candidate.position, cause: candidate.cause))
        }
    }

    /// The cause of a held message turned out to be at `dead`, if anywhere.
    func superseded(_ dead: UInt64?, recipient: Int, by newer: UInt64, now: Instant) {
        guard let dead, subscriptions[recipient].supersede(dead, by: newer, now: now, into: &batch)
        else { return }
        batch.notes.append(
            BatchNote(
                kind: "dead-letter.superseded",
                text: "\(registry[recipient].text)@\(dead) by \(newer)"))
    }
}
