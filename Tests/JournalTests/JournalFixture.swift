import Crypto
import Foundation
import Journal
import Messaging
import Synchronization

/// A clock that tests set.
final class TestClock: TimeSource {
    private let value = Mutex(Instant(secondsSince1970: 1_760_000_000))

    func now() -> Instant { value.withLock { $0 } }
    func advance(by duration: Duration) { value.withLock { $0 = $0 + duration } }
}

/// A directory for one journal, gone with the test.
final class JournalFixture {
    let root: String
    let clock = TestClock()
    var configuration: JournalConfiguration

    init() throws {
        root = NSTemporaryDirectory() + "/jukihub-journal-\(UUID().uuidString)"
        configuration = try Self.configuration(root)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    static func configuration(_ root: String) throws -> JournalConfiguration {
        JournalConfiguration(
            directory: root + "/data", contentKeysDirectory: root + "/keys",
            zone: try ZoneID("juki-net"), retentionClasses: ["standard", "short"])
    }

    var keysDirectory: String { configuration.contentKeysDirectory }
    var database: String { configuration.directory + "/hub.sqlite" }

    func open() throws -> Journal { try Journal(configuration, clock: clock) }

    /// All bytes of database, WAL and the rest of the data directory.
    func rawFiles() throws -> Data {
        var all = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: configuration.directory) {
            all += try Data(contentsOf: URL(fileURLWithPath: configuration.directory + "/" + name))
        }
        return all
    }
}

/// What a test says of a message.
struct Draft {
    var producer: PartyNumber
    var incarnation: UInt64 = 7
    var sequence: UInt64
    var recipients: [PartyNumber]
    var lanes: [Int64] = [11]
    var keyClass: UInt16 = 0
    var envelope = "envelope"
    var payload = "payload"

    var tag: ContentTag { ContentTag(high: sequence, low: UInt64(payload.utf8.count)) }

    func append(to batch: inout CommitBatch) throws {
        let range = batch.arena.append(envelope: envelope.utf8.span, payload: payload.utf8.span)
        let digest = SHA256.hash(data: batch.arena.array(range))
        guard let content = Digest32(Array(digest)) else { throw CocoaError(.coderInvalidValue) }
        batch.messages.append(
            AppendedMessage(
                producer: producer, incarnation: incarnation, sequence: sequence,
                recipients: recipients.count == 1 ? .one(recipients[0]) : .many(recipients),
                lanes: LaneSet(lanes.map { LaneID($0) }), keyClass: keyClass,
                expiryDay: try CivilDate(date8: "20260331"), expiry: nil, tag: tag,
                contentDigest: content, record: range, envelopeLength: envelope.utf8.count))
    }
}

extension Journal {
    /// Commits these messages, and nothing else.
    @discardableResult
    func commit(_ drafts: [Draft]) throws -> CommitReceipt {
        var batch = CommitBatch()
        for draft in drafts { try draft.append(to: &batch) }
        return try commit(batch)
    }

    /// Moves a subscription's floor.
    @discardableResult
    func settle(_ subscription: PartyNumber, floor: UInt64) throws -> CommitReceipt {
        var batch = CommitBatch()
        batch.settlements = [
            SettlementChange(
                subscription: subscription, floor: Position(floor), settled: [], outcomes: [])
        ]
        return try commit(batch)
    }
}

extension StoredMessage {
    /// The payload as text, nil when it is destroyed.
    var text: String? {
        switch content {
        case .payload(let bytes): String(decoding: bytes, as: UTF8.self)
        case .destroyed: nil
        }
    }
}

/// A repeatable source of randomness (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
