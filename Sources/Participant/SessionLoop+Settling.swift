import BusProtocol
import Logging
import Messaging
import Platform

extension SessionLoop {
    /// Gives storage what the burst brought, and the hubs its answers.
    func settleBurst() throws {
        for link in links { try recordAnswers(link) }
        try applyBatch()
        for link in links {
            guard let floor = link.floor else { continue }
            link.floor = nil
            try storage.settledFloor(in: link.access.zone, floor)
        }
    }

    private func recordAnswers(_ link: ZoneLink) throws {
        let zone = link.access.zone
        if !link.refusals.isEmpty {
            for refusal in link.refusals {
                logger.warning(
                    "message refused",
                    metadata: [
                        "zone": "\(zone)", "sequence": "\(refusal.sequence)",
                        "code": "\(refusal.code)", "pointer": "\(refusal.pointer ?? "")",
                    ])
            }
            try storage.refused(in: zone, link.refusals)
            link.refusals.removeAll(keepingCapacity: true)
            link.mayHaveOutgoing = true
        }
        if !link.acks.isEmpty {
            try storage.acknowledged(in: zone, link.acks, anchor: link.anchor)
            link.acks.removeAll(keepingCapacity: true)
            link.anchor = nil
            link.mayHaveOutgoing = true
        }
    }

    private func applyBatch() throws {
        guard batch.count > 0 else { return }
        defer { batch.removeAll() }
        let settlements = try storage.apply(batch.messages, now: clock.now())
        guard settlements.count == batch.count else {
            throw ParticipantError(
                zone: batch.messages[0].zone, code: "storage-miscounted",
                text: "storage settled \(settlements.count) of \(batch.count) messages")
        }
        KillPoint.reach("participant.between-inbox-commit-and-ack")
        for (index, link) in links.enumerated() {
            answer(settlements, of: index, on: link)
            link.mayHaveOutgoing = true
        }
    }

    /// Sends one link's share of the settlements: ranges of what was accepted, then what was not,
    /// then credit.
    private func answer(_ settlements: [Settlement], of index: Int, on link: ZoneLink) {
        var accepted = AckRanges()
        var negatives: [NegativeAcknowledgement] = []
        var terminations: [Termination] = []
        var messages = 0
        var bytes = 0
        for (entry, settlement) in zip(batch.entries, settlements)
        where entry.link == index && entry.epoch == link.epoch {
            messages += 1
            bytes += entry.recordBytes
            switch settlement {
            case .accepted: accepted.insert(entry.deliverySequence)
            case .retryLater(let delay, let code):
                negatives.append(
                    NegativeAcknowledgement(
                        deliverySequence: entry.deliverySequence, kind: .transient,
                        delayMilliseconds: Self.milliseconds(delay), reason: code))
            case .failed(let code):
                negatives.append(
                    NegativeAcknowledgement(
                        deliverySequence: entry.deliverySequence, kind: .permanent,
                        delayMilliseconds: 0, reason: code))
            case .refused(let code):
                terminations.append(
                    Termination(deliverySequence: entry.deliverySequence, reason: code))
            }
        }
        guard messages > 0 else { return }
        sendFrames(.ack, accepted.ranges, on: link) { $0.appendRange($1) }
        sendFrames(.nak, negatives, on: link) { $0.appendNegative($1) }
        sendFrames(.term, terminations, on: link) { $0.appendTermination($1) }
        grant(messages: messages, bytes: bytes, on: link)
    }

    /// Settles a delivery that storage cannot even be shown.
    func terminate(_ entry: DeliveryBatch.Entry, on link: ZoneLink, reason: String) {
        logger.error(
            "delivery unreadable",
            metadata: ["zone": "\(link.access.zone)", "code": "\(reason)"])
        let termination = Termination(deliverySequence: entry.deliverySequence, reason: reason)
        sendFrames(.term, [termination], on: link) { $0.appendTermination($1) }
        grant(messages: 1, bytes: entry.recordBytes, on: link)
    }

    private func grant(messages: Int, bytes: Int, on link: ZoneLink) {
        guard let grant = link.session.settled(messages: messages, bytes: bytes) else { return }
        link.writer.begin(.credit, epoch: link.epoch, sequence: 0)
        link.writer.appendCredit(grant)
        link.writer.finish()
        send(link)
    }

    private func sendFrames<Record>(
        _ verb: Verb, _ records: [Record], on link: ZoneLink,
        append: (inout FrameWriter, Record) -> Void
    ) {
        for start in stride(from: 0, to: records.count, by: WireLimits.recordsPerFrame) {
            link.writer.begin(verb, epoch: link.epoch, sequence: 0)
            for record in records[start..<min(start + WireLimits.recordsPerFrame, records.count)] {
                append(&link.writer, record)
            }
            link.writer.finish()
            send(link)
        }
    }

    /// The wire's delay; at least one millisecond, since zero leaves it to the hub.
    private static func milliseconds(_ delay: Duration?) -> UInt32 {
        guard let delay else { return 0 }
        let parts = delay.components
        let (whole, overflow) = parts.seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return parts.seconds < 0 ? 1 : .max }
        return max(1, UInt32(clamping: whole + parts.attoseconds / 1_000_000_000_000_000))
    }
}
