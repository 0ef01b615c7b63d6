import BusProtocol
import Logging
import Messaging

extension SessionLoop {
    /// What storage is told where the hub would refuse a message for its length alone.
    static let oversizedCode = "message-too-large"

    /// Publishes what the outboxes hold above what was published, as far as credit goes.
    func publishWaiting() throws {
        for link in links where link.mayHaveOutgoing && link.session.mayPublish {
            try publish(link)
            try perform(link)
        }
    }

    private func publish(_ link: ZoneLink) throws {
        guard let live = link.session.live else { return }
        let limit = min(limits.outgoingPerTurn, Int(live.publishCredit.messages))
        let messages = try storage.outgoing(
            in: link.access.zone, after: link.lastPublished, limit: limit,
            bytes: limits.outgoingBytesPerTurn)
        guard !messages.isEmpty else {
            link.mayHaveOutgoing = false
            return
        }
        var isOpen = false
        for message in messages {
            let sequence = message.number.sequence
            var recordBytes =
                PublishedRecord.headBytes + message.envelope.count + message.payload.count
            let isOversized = recordBytes > live.maxMessageBytes
            if isOversized { recordBytes -= message.payload.count }
            guard sequence > link.lastPublished, link.session.mayPublish else { break }
            if isOpen, !link.writer.fits(recordBytes) || sequence != link.lastPublished + 1 {
                sendPublished(link)
                isOpen = false
            }
            guard link.session.publish(recordBytes, now: now) else { break }
            if !isOpen {
                link.writer.begin(.pub, epoch: live.epoch, sequence: sequence)
                isOpen = true
            }
            appendRecord(message, isOversized: isOversized, to: link)
            link.lastPublished = sequence
        }
        if isOpen { sendPublished(link) }
        if link.session.mayPublish { mustTurnAgain = true }
    }

    /// A message longer than the hub takes goes without its payload: the hub refuses it for that,
    /// which uses its number up and lets what is behind it proceed; storage is told the true
    /// reason.
    private func appendRecord(_ message: NumberedMessage, isOversized: Bool, to link: ZoneLink) {
        if isOversized { link.oversized.insert(message.number.sequence) }
        let payload: [UInt8] = isOversized ? [] : message.payload
        link.writer.appendPublished(envelope: message.envelope.span, payload: payload.span)
    }

    private func sendPublished(_ link: ZoneLink) {
        link.writer.finish()
        send(link)
    }
}
