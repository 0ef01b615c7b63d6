import Foundation
import GRDB
package import Messaging

/// Reads one journal beside its writer (台帳の読取り), on a connection of its own.
///
/// For one thread at a time. It also opens a journal nobody is writing, for offline verification.
/// `@unchecked Sendable`: its connection serialises itself, and nothing else in it changes but a
/// counter that only its own thread touches.
package final class JournalReader: @unchecked Sendable {
    private let queue: DatabaseQueue
    private let keys: ContentKeys
    private let seal: ContentSeal
    /// Blocks decoded so far; what a read costs.
    package private(set) var blocksRead = 0

    package init(_ configuration: JournalConfiguration, keys: ContentKeys) throws {
        queue = try SchemaStore.openReading(configuration.directory, label: "journal.reader")
        self.keys = keys
        seal = ContentSeal(configuration.zone)
    }

    /// The subscription's messages behind `after`, in order, from its own blocks alone.
    ///
    /// Returns at most `messageLimit` messages and, but for the first, `byteLimit` bytes of records. Content
    /// whose key is gone comes as `.destroyed`; content that does not authenticate throws `damaged`.
    package func backlog(
        for subscription: PartyNumber, after: Position, messageLimit: Int, byteLimit: Int
    ) throws -> Backlog {
        try queue.read { database in
            let end = try BlockStore.lastPosition(database)
            var result = Backlog(
                messages: [], scannedThrough: after, isComplete: false, blocksRead: 0)
            var bytes = 0
            let first = try BlockStore.firstOfBlock(database, holding: after.rawValue + 1)
            // One more block than messages: the first may hold none behind `after`.
            let numbers = try BlockStore.inbound(
                database, subscription, from: first, limit: max(1, messageLimit) + 1)
            for number in numbers {
                guard let block = try read(database, number) else {
                    throw JournalError(.damaged, "read a backlog", "block \(number) is missing")
                }
                result.blocksRead += 1
                var contents = OpenedContents()
                for entry in try block.messages()
                where entry.position > after && entry.recipients.contains(subscription) {
                    let size = 4 + entry.envelope.count + entry.payloadLength
                    let isFull = result.messages.count >= messageLimit || bytes + size > byteLimit
                    if isFull && !result.messages.isEmpty { return result }
                    result.messages.append(try stored(database, block, entry, &contents))
                    result.scannedThrough = entry.position
                    bytes += size
                }
                result.scannedThrough = max(result.scannedThrough, Position(block.last))
            }
            if numbers.count <= max(1, messageLimit) {
                result.scannedThrough = max(after, Position(end))
                result.isComplete = true
            }
            return result
        }
    }

    /// The message at a position, or nil where none is.
    package func message(at position: Position) throws -> StoredMessage? {
        try queue.read { database in
            guard let block = try BlockStore.block(database, holding: position.rawValue) else {
                return nil
            }
            blocksRead += 1
            var contents = OpenedContents()
            guard let entry = try block.messages().first(where: { $0.position == position }) else {
                return nil
            }
            return try stored(database, block, entry, &contents)
        }
    }

    /// A held-back message from its own copy, or nil where there is no such exception.
    package func exception(subscription: PartyNumber, position: Position) throws -> StoredMessage? {
        let key = ExceptionKey(subscription: subscription, position: position)
        return try queue.read { database in
            guard let row = try BlockStore.exception(database, key) else { return nil }
            guard let block = try BlockStore.block(database, holding: position.rawValue),
                let entry = try block.messages().first(where: { $0.position == position })
            else {
                throw JournalError(.damaged, "read exception \(position)", "its block is missing")
            }
            blocksRead += 1
            var content = StoredContent.destroyed
            if let opened = try open(
                row.sealed, row.key, row.check, seal.exceptionContext(key, row.key),
                "exception \(position)")
            {
                let head = 4 + entry.envelope.count
                guard opened.count >= head, Array(opened[4..<head]) == entry.envelope else {
                    throw JournalError(
                        .damaged, "read exception \(position)", "its copy has another envelope")
                }
                content = .payload(Array(opened[head...]))
            }
            return message(entry, block, content)
        }
    }

    /// Positions of a lane's exceptions behind `after`, ascending.
    package func exceptions(
        in lane: SubscriptionLane, after: Position, limit: Int
    ) throws -> [Position] {
        try queue.read {
            try BlockStore.exceptions($0, in: lane, after: after.rawValue, limit: limit)
        }
    }

    /// What was answered when this number was first used; nil if it never was.
    package func original(
        producer: PartyNumber, incarnation: UInt64, sequence: UInt64
    ) throws -> OriginalAnswer? {
        let number = MessageNumber(incarnation: incarnation, sequence: sequence)
        return try queue.read { database in
            guard let at = try BlockStore.block(database, producer: producer, number: number),
                let block = try read(database, at)
            else { return nil }
            for event in try block.events() {
                switch event {
                case .admitted(let message)
                where message.producer == producer && message.number == number:
                    return OriginalAnswer(answer: .admitted(message.position), tag: message.tag)
                case .refused(let refusal)
                where refusal.producer == producer && refusal.number == number:
                    return OriginalAnswer(
                        answer: .refused(code: refusal.code, pointer: refusal.pointer),
                        tag: refusal.tag)
                case .admitted, .refused, .settled, .laneHeld, .laneFreed, .exceptionAdded,
                    .exceptionChanged, .exceptionRemoved, .deadLetter, .epochRaised, .noted:
                    continue
                }
            }
            return nil
        }
    }

    /// The highest number a producer used up in one life of its numbering; 0 if none.
    package func lastSequence(of producer: PartyNumber, incarnation: UInt64) throws -> UInt64 {
        try queue.read {
            try BlockStore.lastSequence($0, of: producer, incarnation: incarnation)
        }
    }

    /// The evidence from the block that holds `from` on, at least one block, until `limit` entries.
    package func entries(from: Position, limit: Int) throws -> [EvidenceEntry] {
        try queue.read { database in
            var result: [EvidenceEntry] = []
            var next = try BlockStore.firstOfBlock(database, holding: from.rawValue)
            while result.count < limit {
                let blocks = try BlockStore.blocks(
                    database, sql: "WHERE number>=? ORDER BY number LIMIT 16",
                    arguments: [Int64(bitPattern: next)])
                guard let last = blocks.last else { break }
                for block in blocks where result.count < limit {
                    blocksRead += 1
                    for event in try block.events() {
                        result.append(
                            EvidenceEntry(
                                block: block.number, committedAt: block.committedAt, event: event))
                    }
                }
                next = last.last + 1
            }
            return result
        }
    }

    /// How much room the journal takes.
    package func usage() throws -> StorageUsage { try queue.read { try BlockStore.usage($0) } }

    /// All dead letters, also the resolved ones, at most `limit`.
    package func deadLetters(limit: Int) throws -> [DeadLetterRow] {
        try queue.read { Array(try RecoveryStore.deadLetters($0, sql: "").prefix(limit)) }
    }

    /// Follows the chain from the block holding `from` to the one holding `to` (nil: the ends).
    ///
    /// Anchors kept outside are checked too, so that a truncated or rewritten tail shows. It needs no
    /// key, and reads in pieces, so that a long chain holds no transaction open.
    package func verifyChain(
        from: Position? = nil, to: Position? = nil, anchors: [ChainAnchor] = []
    ) throws -> ChainVerdict {
        var expected: [UInt64: Digest32] = [:]
        for anchor in anchors { expected[anchor.block] = anchor.chainHead }
        var count = 0
        var next: UInt64 = 0
        var previous: Block?
        if let from {
            (next, previous) = try queue.read { database in
                let first = try BlockStore.firstOfBlock(database, holding: from.rawValue)
                let before = first == 0 ? nil : try BlockStore.block(database, holding: first - 1)
                return (first, before)
            }
        }
        let startsAtFirst = next <= 1
        reading: while true {
            let blocks = try queue.read {
                try BlockStore.blocks(
                    $0, sql: "WHERE number>=? ORDER BY number LIMIT 64",
                    arguments: [Int64(bitPattern: next)])
            }
            guard let last = blocks.last else { break }
            for block in blocks {
                if let to, block.number > to.rawValue { break reading }
                blocksRead += 1
                if let fault = block.fault(after: previous, isFirst: startsAtFirst && count == 0) {
                    return .broken(block: block.number, fault: fault)
                }
                if let anchored = expected.removeValue(forKey: block.number), anchored != block.hash
                {
                    return .broken(block: block.number, fault: .rewritten)
                }
                previous = block
                count += 1
            }
            next = last.last + 1
        }
        let inScope = expected.keys.filter { number in
            number >= (from?.rawValue ?? 0) && number <= (to?.rawValue ?? .max)
        }
        if let missing = inScope.min() { return .broken(block: missing, fault: .missing) }
        return .intact(blocks: count, head: previous?.hash ?? .zero)
    }

    /// Everything: SQLite's own check, the chain, every content against its evidence (`check --deep`).
    package func deepCheck(anchors: [ChainAnchor] = []) throws -> [DeepFinding] {
        var findings = try queue.read { try BlockStore.integrity($0) }.map {
            DeepFinding(block: 0, text: "sqlite: \($0)")
        }
        if case .broken(let block, let fault) = try verifyChain(anchors: anchors) {
            findings.append(DeepFinding(block: block, text: "the chain breaks: \(fault.rawValue)"))
        }
        var slot: UInt64 = 0
        while true {
            let slots = try queue.read { try BlockStore.contentSlots($0, after: slot, limit: 64) }
            guard let last = slots.last else { return findings }
            for slot in slots { findings += try checkContent(slot) }
            slot = last
        }
    }

    private func checkContent(_ slot: UInt64) throws -> [DeepFinding] {
        try queue.read { database in
            guard let block = try BlockStore.block(database, holding: slot) else {
                return [DeepFinding(block: slot, text: "content without a block")]
            }
            do {
                let index = Int(slot - block.number)
                guard let parts = try openContent(database, block, index) else { return [] }
                return try block.messages().filter { $0.keyIndex == index }.compactMap { entry in
                    guard entry.recipients.count > 0 else { return nil }
                    guard let part = parts[Int(entry.position.rawValue - block.number)],
                        entry.matches(part)
                    else {
                        return DeepFinding(
                            block: block.number,
                            text: "the content at \(entry.position) is not what the evidence says")
                    }
                    return nil
                }
            } catch let error as JournalError where error.code == .damaged {
                return [DeepFinding(block: block.number, text: error.cause)]
            }
        }
    }

    // MARK: Reading one block

    private typealias OpenedContents = [Int: [Int: ContentPart]?]

    private func read(_ database: Database, _ number: UInt64) throws -> Block? {
        blocksRead += 1
        return try BlockStore.block(database, number: number)
    }

    private func stored(
        _ database: Database, _ block: Block, _ entry: EvidenceMessage,
        _ contents: inout OpenedContents
    ) throws -> StoredMessage {
        let parts: [Int: ContentPart]?
        if let known = contents[entry.keyIndex] {
            parts = known
        } else {
            parts = try openContent(database, block, entry.keyIndex)
            contents[entry.keyIndex] = .some(parts)
        }
        guard let parts else { return message(entry, block, .destroyed) }
        guard let part = parts[Int(entry.position.rawValue - block.number)] else {
            throw JournalError(
                .damaged, "read \(entry.position)", "its content lacks the message")
        }
        return message(entry, block, .payload(part.payload))
    }

    private func message(
        _ entry: EvidenceMessage, _ block: Block, _ content: StoredContent
    ) -> StoredMessage {
        StoredMessage(
            position: entry.position, producer: entry.producer, number: entry.number,
            recipients: entry.recipients, lanes: entry.lanes, keyID: entry.keyID,
            expiry: entry.expiry, tag: entry.tag, committedAt: block.committedAt,
            envelope: entry.envelope, content: content, payloadLength: entry.payloadLength)
    }

    /// The parts of a block's content under one of its keys; nil when it is destroyed.
    private func openContent(
        _ database: Database, _ block: Block, _ keyIndex: Int
    ) throws -> [Int: ContentPart]? {
        let slot = block.number + UInt64(keyIndex)
        guard let row = try BlockStore.content(database, slot: slot) else { return nil }
        let plain = try open(
            row.sealed, row.key, row.check, seal.blockContext(block.number, row.key),
            "the content of block \(block.number)")
        guard let plain else { return nil }
        guard let parts = ContentSeal.parts(plain) else {
            throw JournalError(.damaged, "read block \(block.number)", "its content is malformed")
        }
        return parts
    }

    /// Nil when the key is gone, or is a newer one of the same name.
    private func open(
        _ sealed: Data, _ id: ContentKeyID, _ check: Int64, _ context: [UInt8], _ what: String
    ) throws -> [UInt8]? {
        guard let key = try keys.forOpening(id), key.check == check else { return nil }
        do {
            return try seal.open(sealed, key, context)
        } catch {
            throw JournalError(.damaged, "open \(what)", "\(what) does not authenticate")
        }
    }
}

extension EvidenceMessage {
    /// Whether an opened content is the one whose salted digest stands in the evidence.
    func matches(_ part: ContentPart) -> Bool {
        let length = UInt32(envelope.count)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
        let content = ContentSeal.contentDigest(of: head + envelope + part.payload)
        return unsafe part.salt.withUnsafeBytes { salt in
            unsafe ContentSeal.saltedDigest(salt, content) == saltedDigest
        }
    }
}
