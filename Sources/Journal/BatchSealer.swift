import Foundation
import Messaging

/// Seals and digests the messages of one batch (一括封緘); its buffers serve commit after commit.
struct BatchSealer {
    private let seal: ContentSeal
    private let configuration: JournalConfiguration
    private let keys: ContentKeys
    private var salts: [UInt8] = []
    private var plain: [UInt8] = []
    private var pairs: [(keyClass: UInt16, day: CivilDate)] = []
    /// The key names of the batch, in order of first use.
    private(set) var names: [ContentKeyID] = []
    /// Which of ``names``, and which salted digest, each message has.
    private(set) var keyIndexes: [UInt16] = []
    private(set) var digests: [Digest32] = []
    /// One per name; nil where no message under that key has a recipient.
    private(set) var sealed: [(key: ContentKey, body: Data)?] = []

    init(_ configuration: JournalConfiguration, keys: ContentKeys) {
        self.configuration = configuration
        self.keys = keys
        seal = ContentSeal(configuration.zone)
    }

    /// Gives every message its key and its salt.
    mutating func assign(_ batch: CommitBatch) throws {
        pairs.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        keyIndexes.removeAll(keepingCapacity: true)
        var last = 0
        for message in batch.messages {
            let isLast =
                last < pairs.count && pairs[last].keyClass == message.keyClass
                && pairs[last].day == message.expiryDay
            if !isLast {
                last =
                    pairs.firstIndex {
                        $0.keyClass == message.keyClass && $0.day == message.expiryDay
                    }
                    ?? pairs.count
                if last == pairs.count {
                    pairs.append((message.keyClass, message.expiryDay))
                    names.append(configuration.keyID(message.keyClass, message.expiryDay))
                }
            }
            keyIndexes.append(UInt16(last))
        }
        let size = batch.messages.count * ContentSeal.saltBytes
        if salts.count != size { salts = [UInt8](repeating: 0, count: size) }
        try SystemFiles.fillRandom(&salts)
    }

    /// Copies the payloads of each key together and seals them.
    mutating func sealAll(_ batch: CommitBatch, block: UInt64) throws {
        sealed.removeAll(keepingCapacity: true)
        for (index, name) in names.enumerated() {
            gather(batch, UInt16(index))
            guard !plain.isEmpty else {
                sealed.append(nil)
                continue
            }
            let key = try keys.forSealing(name)
            let context = seal.blockContext(block, name)
            let body = try unsafe plain.withUnsafeBytes { try unsafe seal.seal($0, key, context) }
            sealed.append((key, body))
        }
    }

    /// SHA-256(salt ‖ content digest) of every message.
    mutating func digestAll(_ batch: CommitBatch) {
        digests.removeAll(keepingCapacity: true)
        unsafe salts.withUnsafeBytes { salts in
            for (index, message) in batch.messages.enumerated() {
                let start = index * ContentSeal.saltBytes
                let salt = unsafe UnsafeRawBufferPointer(
                    rebasing: salts[start..<start + ContentSeal.saltBytes])
                unsafe digests.append(ContentSeal.saltedDigest(salt, message.contentDigest))
            }
        }
    }

    /// The sealed copy of one exception.
    func seal(_ row: ExceptionRow) throws -> (key: ContentKey, body: Data) {
        let key = try keys.forSealing(row.keyID)
        let context = seal.exceptionContext(
            ExceptionKey(subscription: row.subscription, position: row.position), row.keyID)
        return (
            key, try unsafe row.record.withUnsafeBytes { try unsafe seal.seal($0, key, context) }
        )
    }

    private mutating func gather(_ batch: CommitBatch, _ index: UInt16) {
        plain.removeAll(keepingCapacity: true)
        unsafe salts.withUnsafeBytes { salts in
            for (place, message) in batch.messages.enumerated()
            where keyIndexes[place] == index && message.recipients.count > 0 {
                let head = 4 + message.envelopeLength
                let payload = ArenaRange(
                    offset: message.record.offset + head, count: message.record.count - head)
                append(UInt32(place))
                let start = place * ContentSeal.saltBytes
                unsafe plain.append(contentsOf: salts[start..<start + ContentSeal.saltBytes])
                append(UInt32(payload.count))
                unsafe plain.append(contentsOf: batch.arena.pointer(payload))
            }
        }
    }

    private mutating func append(_ value: UInt32) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe plain.append(contentsOf: $0) }
    }
}
