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
        case original(party: Int, producer: PartyNumber, number: MessageNumber, tag: ContentTag)
        case superseded(
            party: Int, producer: PartyNumber, number: MessageNumber, recipients: [Int], by: UInt64)
        case query(OperatorQuery)
        case stop
    }

    enum Report: Sendable {
        case backlog(subscription: Int, messages: [CommittedMessage], scannedThrough: UInt64)
        case held(subscription: Int, [(UInt64, CommittedMessage?)])
        case original(party: Int, number: MessageNumber, tag: ContentTag, OriginalAnswer?)
        case superseded(OriginalAnswer?, recipients: [Int], by: UInt64)
        case answer(OperatorAnswer)
        case failed(String)
    }

    private let orders: Mailbox<Order>
    /// How often the views follow the journal when nobody asks.
    private static let followMilliseconds = 250

    init() throws { orders = try Mailbox(limit: 8192) }

    @discardableResult
    func order(_ order: Order) -> Bool { orders.post(order) }

    func run(
        journal: JournalReader, desk: QueryDesk, report: @escaping @Sendable (Report) -> Void
    ) {
        var poller = Poller()
        _ = poller.add(orders.wake.fileDescriptor, for: .readable)
        var nextFollow: UInt64 = 0
        while true {
            do {
                let waited = try poller.wait(milliseconds: Self.followMilliseconds)
                if StageClock.now() >= nextFollow {
                    try desk.follow(journal, isIdle: waited == .timedOut)
                    nextFollow = StageClock.now() + UInt64(Self.followMilliseconds) * 1_000_000
                }
                for order in orders.takeAll() {
                    if case .stop = order { return }
                    report(try Self.carryOut(order, journal, desk))
                }
            } catch {
                return report(.failed("\(error)"))
            }
        }
    }

    private static func carryOut(
        _ order: Order, _ journal: JournalReader, _ desk: QueryDesk
    ) throws -> Report {
        switch order {
        case .backlog(let subscription, let party, let after, let messages, let bytes):
            let backlog = try journal.backlog(
                for: party, after: after, messageLimit: messages, byteLimit: bytes)
            return .backlog(
                subscription: subscription, messages: pack(backlog.messages),
                scannedThrough: backlog.scannedThrough.rawValue)
        case .held(let subscription, let party, let positions):
            let bodies = try positions.map { position -> (UInt64, CommittedMessage?) in
                let stored = try journal.exception(
                    subscription: party, position: Position(rawValue: position))
                return (position, stored.flatMap { pack([$0]).first })
            }
            return .held(subscription: subscription, bodies)
        case .original(let party, let producer, let number, let tag):
            let original = try journal.original(
                producer: producer, incarnation: number.incarnation, sequence: number.sequence)
            return .original(party: party, number: number, tag: tag, original)
        case .superseded(_, let producer, let number, let recipients, let newer):
            let original = try journal.original(
                producer: producer, incarnation: number.incarnation, sequence: number.sequence)
            return .superseded(original, recipients: recipients, by: newer)
        case .query(let query): return .answer(try desk.answer(query, from: journal))
        case .stop: return .failed("stopped")
        }
    }

    /// Puts records back into the form in which they travel. Destroyed content is left out.
    private static func pack(_ stored: [StoredMessage]) -> [CommittedMessage] {
        guard !stored.isEmpty else { return [] }
        let arena = Arena(
            capacity: stored.reduce(0) { $0 + 4 + $1.envelope.count + $1.payloadLength })
        return stored.compactMap { message in
            guard case .payload(let payload) = message.content else { return nil }
            let range = arena.append(envelope: message.envelope.span, payload: payload.span)
            return CommittedMessage(
                position: message.position.rawValue, lanes: message.lanes,
                bytes: RecordBytes(arena: arena, range: range), keyID: message.keyID,
                expiry: message.expiry, committedAt: message.committedAt)
        }
    }
}
