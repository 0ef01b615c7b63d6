import BusProtocol
import Journal
import Messaging
import Platform
import ZeroMQ

/// The thread that reads the journal for others (読出し担当): backlogs, bodies of held messages, originals
/// of duplicates and operators' queries, so that neither the writer nor the socket thread waits for a read.
final class Reader: Sendable {
    enum Order: Sendable {
        case backlog(
            subscription: Int, party: PartyNumber, after: Position, messages: Int, bytes: Int)
        case held(subscription: Int, party: PartyNumber, positions: [UInt64])
        case original(
            party: Int, producer: PartyNumber, number: MessageNumber, tag: ContentTag, bytes: Int)
        case superseded(recipient: Int, position: UInt64, cause: MessageNumber)
        case numbering(sender: RoutingID, party: Int, producer: PartyNumber, hello: Hello)
        case query(OperatorQuery)
        case stop
    }

    enum Report: Sendable {
        case backlog(subscription: Int, Found, scannedThrough: UInt64)
        case held(subscription: Int, [(UInt64, Subscription.Body)])
        case original(
            party: Int, number: MessageNumber, tag: ContentTag, OriginalAnswer?, bytes: Int)
        case superseded(recipient: Int, dead: UInt64?, by: UInt64)
        case numbering(sender: RoutingID, party: Int, hello: Hello, last: UInt64)
        case answer(OperatorAnswer)
        case failed(String)
    }

    private let orders: Mailbox<Order>
    /// How often the views follow the journal when nobody asks.
    private static let followMilliseconds = 250

    init() throws { orders = try Mailbox(limit: 262_144) }

    @discardableResult
    func order(_ order: Order) -> Bool { orders.post(order) }

    func run(
        journal: JournalReader, desk: QueryDesk, check: DeliveryCheck,
        report: @escaping @Sendable (Report) -> Void
    ) {
        var poller = Poller()
        _ = poller.add(orders.wake.fileDescriptor, for: .readable)
        var nextFollow: UInt64 = 0
        while true {
            do {
                let waited = try poller.wait(milliseconds: Self.followMilliseconds)
                if StageClock.now() >= nextFollow {
                    desk.follow(journal, isIdle: waited == .timedOut)
                    nextFollow = StageClock.now() + UInt64(Self.followMilliseconds) * 1_000_000
                }
                for order in orders.takeAll() {
                    if case .stop = order { return }
                    report(try Self.carryOut(order, journal, desk, check))
                }
            } catch {
                return report(.failed("\(error)"))
            }
        }
    }

    private static func carryOut(
        _ order: Order, _ journal: JournalReader, _ desk: QueryDesk, _ check: DeliveryCheck
    ) throws -> Report {
        switch order {
        case .backlog(let subscription, let party, let after, let messages, let bytes):
            let backlog = try journal.backlog(
                for: party, after: after, messageLimit: messages, byteLimit: bytes)
            return .backlog(
                subscription: subscription, pack(backlog.messages, to: party, check),
                scannedThrough: backlog.scannedThrough.rawValue)
        case .held(let subscription, let party, let positions):
            let bodies = try positions.map { position -> (UInt64, Subscription.Body) in
                let stored = try journal.exception(
                    subscription: party, position: Position(rawValue: position))
                return (position, body(stored, to: party, check))
            }
            return .held(subscription: subscription, bodies)
        case .original(let party, let producer, let number, let tag, let bytes):
            let original = try journal.original(
                producer: producer, incarnation: number.incarnation, sequence: number.sequence)
            return .original(party: party, number: number, tag: tag, original, bytes: bytes)
        case .superseded(let recipient, let position, let cause):
            let newer = try journal.message(at: Position(rawValue: position))
            let original = try newer.flatMap {
                try journal.original(
                    producer: $0.producer, incarnation: cause.incarnation,
                    sequence: cause.sequence)
            }
            guard case .admitted(let dead)? = original?.answer else {
                return .superseded(recipient: recipient, dead: nil, by: position)
            }
            return .superseded(recipient: recipient, dead: dead.rawValue, by: position)
        case .numbering(let sender, let party, let producer, let hello):
            let last = try journal.lastSequence(of: producer, incarnation: hello.incarnation)
            return .numbering(sender: sender, party: party, hello: hello, last: last)
        case .query(let query): return .answer(desk.answer(query, from: journal))
        case .stop: return .failed("stopped")
        }
    }

    /// What a backlog holds: messages to deliver, and positions that may not be delivered any more.
    struct Found: Sendable {
        var messages: [CommittedMessage] = []
        var ended: [(position: UInt64, outcome: Outcome)] = []
    }

    private static func body(
        _ stored: StoredMessage?, to party: PartyNumber, _ check: DeliveryCheck
    ) -> Subscription.Body {
        guard let stored else { return .notYet }
        let found = pack([stored], to: party, check)
        guard let message = found.messages.first else {
            return .ended(found.ended.first?.outcome ?? .expired)
        }
        return .here(message.bytes, committedAt: message.committedAt, topic: message.topic)
    }

    /// Puts records back into the form in which they travel.
    private static func pack(
        _ stored: [StoredMessage], to party: PartyNumber, _ check: DeliveryCheck
    ) -> Found {
        var found = Found()
        guard !stored.isEmpty else { return found }
        let size = stored.reduce(0) { $0 + 4 + $1.envelope.count + $1.payloadLength }
        let arena = Arena(capacity: size)
        for message in stored {
            let envelope = message.envelope.span
            let view = try? EnvelopeView.scan(envelope)
            guard let view, check.allows(view, envelope, to: party) else {
                found.ended.append((message.position.rawValue, .refused))
                continue
            }
            guard case .payload(let payload) = message.content else {
                found.ended.append((message.position.rawValue, .expired))
                continue
            }
            let range = arena.append(envelope: envelope, payload: payload.span)
            var packed = CommittedMessage(
                position: message.position.rawValue, lanes: message.lanes,
                bytes: RecordBytes(arena: arena, range: range), keyID: message.keyID,
                expiry: message.expiry, committedAt: message.committedAt)
            packed.cause = view.ownCause(in: envelope)
            packed.topic = check.catalogue.topicIndex(of: envelope, view.dataschema)
            packed.isUrgent =
                packed.topic.map { check.catalogue.topic($0).urgency == .query } ?? false
            found.messages.append(packed)
        }
        return found
    }
}
