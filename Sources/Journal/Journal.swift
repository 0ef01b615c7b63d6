import Crypto
import Foundation
import GRDB
package import Messaging
import Platform
import Synchronization

/// The one durable store of a hub (電文台帳): what was admitted, what is settled, what is held back,
/// and the evidence of it all.
///
/// One thread writes, by ``commit(_:)``: one transaction, one fsync, one link of the chain. Others read
/// through a ``JournalReader`` each, and one other thread calls ``checkpointIfNeeded()``.
/// `@unchecked Sendable`: the hub guarantees that all but ``checkpointIfNeeded()``, ``makeReader()`` and
/// ``contentKeys`` is called on its writer thread alone, after opening. Design §5, §7, §10.
package final class Journal: @unchecked Sendable {
    package let configuration: JournalConfiguration
    package let contentKeys: ContentKeys
    /// The life of this journal; new at each restore (design §5, Restore).
    package private(set) var incarnation: UInt64
    /// The last position used up; 0 in a new journal.
    package private(set) var lastPosition: Position
    package private(set) var lastBlock: UInt64
    package private(set) var chainHead: Digest32
    /// As SQLite reported them after opening.
    package let safetySettings: SafetySettings

    private let queue: DatabaseQueue
    private let store: JournalStore
    private let checkpointer: Checkpointer
    private let gauge: WALGauge
    private let clock: any TimeSource
    private var sealer: BatchSealer
    private var writer = ByteWriter()
    private var parties: [String: PartyNumber]
    private var incarnations: [PartyNumber: UInt64]
    private var pendingRelease: [PartyNumber: UInt64] = [:]
    private var waitBytes: Int
    private var failure: JournalError?
    /// Last, so that it is let go after the connections.
    private let lock: DirectoryLock

    /// Opens the journal, making or upgrading it, and checks it before anything is written.
    ///
    /// Throws ``JournalError``: `inUse`, `newerFormat`, `wrongZone`, `unsafeSettings`, `damaged`, `storage`.
    package init(_ configuration: JournalConfiguration, clock: any TimeSource) throws(JournalError)
    {
        self.configuration = configuration
        self.clock = clock
        waitBytes = configuration.walLimitBytes
        do {
            try SystemFiles.makeDirectory(configuration.directory)
            lock = try DirectoryLock(configuration.directory + "/hub.lock")
            contentKeys = try ContentKeys(directory: configuration.contentKeysDirectory)
            queue = try SchemaStore.open(configuration)
            var fresh = SystemRandomNumberGenerator()
            try SchemaStore.migrate(queue, zone: configuration.zone, incarnation: fresh.next())
            try SystemFiles.synchroniseDirectory(configuration.directory)
            let gauge = WALGauge()
            self.gauge = gauge
            (safetySettings, store) = try queue.writeWithoutTransaction { database in
                gauge.watch(database)
                return (try SchemaStore.settings(database), try JournalStore(database))
            }
            guard safetySettings.isSafe else {
                throw JournalError(.unsafeSettings, "open", "\(safetySettings)")
            }
            let opening = try queue.read { try RecoveryStore.opening($0, configuration.zone) }
            incarnation = opening.incarnation
            lastPosition = Position(opening.last?.last ?? 0)
            lastBlock = opening.last?.number ?? 0
            chainHead = opening.last?.hash ?? .zero
            parties = opening.parties
            incarnations = opening.incarnations
            checkpointer = try Checkpointer(configuration, gauge: gauge)
            sealer = BatchSealer(configuration, keys: contentKeys)
            for (subscription, floor) in opening.floors {
                pendingRelease[subscription] = try queue.writeWithoutTransaction { _ in
                    try store.firstBlock(notPassedBy: floor)
                }
            }
        } catch {
            throw JournalError(error, "open the journal")
        }
    }

    /// The number of a participant, given for good at the first call. Durable on return.
    package func party(named name: String) throws -> PartyNumber {
        if let known = parties[name] { return known }
        if let failure { throw failure }
        let number = try queue.write { try RecoveryStore.addParty($0, name) }
        parties[name] = number
        return number
    }

    /// Whether contents that nobody waits for are still to be deleted; the next commit goes on.
    package var hasPendingRelease: Bool { !pendingRelease.isEmpty }

    /// Makes the batch durable, whole. Returns after the fsync.
    ///
    /// Any error is fatal: stop acknowledging, say so, exit non-zero. The journal refuses everything
    /// after it (design §5, Group commit).
    package func commit(_ batch: CommitBatch) throws -> CommitReceipt {
        if let failure { throw failure }
        do {
            return try queue.writeWithoutTransaction { try write(batch, $0) }
        } catch {
            let failure = JournalError(error, "commit")
            self.failure = failure
            throw failure
        }
    }

    /// What a restart begins from.
    package func recovered() throws -> RecoveredState {
        var state = try queue.read { try RecoveryStore.state($0) }
        state.lastPosition = lastPosition
        state.lastBlock = lastBlock
        state.chainHead = chainHead
        return state
    }

    /// A reader with a connection of its own, for one other thread.
    package func makeReader() throws -> JournalReader {
        try JournalReader(configuration, keys: contentKeys)
    }

    /// Gives this journal a new life, after its files came back from a backup.
    package func renewIncarnation() throws {
        var fresh = SystemRandomNumberGenerator()
        let next = fresh.next()
        try queue.write { try RecoveryStore.setIncarnation($0, next) }
        incarnation = next
    }

    /// Moves the log into the database once it is long enough. From a thread other than the writer's.
    package func checkpointIfNeeded() throws {
        guard gauge.byteCount >= configuration.checkpointBytes else { return }
        try checkpointer.passive()
    }

    /// Moves the whole log into the database and empties it: at shutdown, and before a cold copy.
    package func checkpointFully() throws { try checkpointer.truncate() }

    /// The log's length in bytes, as the last commit left it.
    package var logBytes: Int { gauge.byteCount }

    // MARK: One commit

    private func write(_ batch: CommitBatch, _ database: Database) throws -> CommitReceipt {
        boundLog(database)
        var watch = Stopwatch()
        var timings = CommitTimings()
        let block = lastPosition.rawValue + 1
        let committedAt = clock.now()
        try sealer.assign(batch)
        try sealer.sealAll(batch, block: block)
        timings.seal = watch.lap()
        sealer.digestAll(batch)
        timings.digest = watch.lap()
        encode(batch)
        timings.encode = watch.lap()
        let link = chainHash(
            previous: chainHead, number: block, count: batch.messages.count,
            committedAt: committedAt,
            entries: writer.bytes)
        timings.digest += watch.lap()
        do {
            try store.beginTransaction()
            try writeEffects(batch)
            try writeBlock(batch, block, committedAt, link)
            timings.sqlite = watch.lap()
            KillPoint.reach("journal.before-commit")
            try store.commitTransaction()
            timings.commit = watch.lap()
            KillPoint.reach("journal.after-commit")
        } catch {
            store.abandon()
            throw error
        }
        lastPosition = Position(block + UInt64(max(1, batch.messages.count)) - 1)
        lastBlock = block
        chainHead = link
        return CommitReceipt(
            firstPosition: Position(block), block: block, chainHead: link, committedAt: committedAt,
            timings: timings)
    }

    private func encode(_ batch: CommitBatch) {
        let envelopes = batch.messages.reduce(0) { $0 + $1.envelopeLength + 112 }
        writer.reset(reserving: envelopes + 256)
        BlockCodec.encode(
            batch, keys: sealer.names, keyIndexes: sealer.keyIndexes, digests: sealer.digests,
            into: &writer)
    }

    /// Everything that changes rows of earlier blocks. It comes before the new block, so that pages freed by
    /// `secure_delete` are filled again in the same transaction and written once.
    private func writeEffects(_ batch: CommitBatch) throws {
        for row in batch.exceptionsAdded {
            let copy = try sealer.seal(row)
            var lanes = ByteWriter()
            BlockCodec.encode(row.lanes, &lanes)
            try store.upsert(row, lanes: lanes.bytes, key: copy.key, sealed: copy.body)
        }
        for change in batch.exceptionsChanged { try store.change(change) }
        for key in batch.exceptionsRemoved { try store.drop(key) }
        for row in batch.lanesUpserted { try store.upsert(row) }
        for lane in batch.lanesRemoved { try store.drop(lane) }
        for letter in batch.deadLettersUpserted { try store.upsert(letter) }
        for raise in batch.epochs { try store.upsert(raise) }
        for change in batch.settlements {
            precondition(change.floor <= lastPosition, "a floor stays within the journal")
            precondition(
                change.settled.count <= configuration.settledRangeLimit,
                "no more settled ranges than credit was granted")
            var settled = ByteWriter()
            BlockCodec.encode(change.settled, above: change.floor.rawValue, &settled)
            try store.upsert(change, settled: settled.bytes)
            pendingRelease[change.subscription] = try store.firstBlock(
                notPassedBy: change.floor.rawValue)
        }
        for (subscription, limit) in pendingRelease {
            let isDone = try store.release(
                subscription, below: limit, most: configuration.releaseBlockLimit)
            if isDone { pendingRelease[subscription] = nil }
        }
    }

    private func writeBlock(
        _ batch: CommitBatch, _ block: UInt64, _ committedAt: Instant, _ link: Digest32
    ) throws {
        try store.insert(
            block: block, count: batch.messages.count, committedAt: committedAt,
            previous: chainHead.bytes, hash: link.bytes, entries: writer.bytes)
        for (index, name) in sealer.names.enumerated() {
            guard let content = sealer.sealed[index] else { continue }
            try store.insert(
                content: block + UInt64(index), name, content.key, sealed: content.body)
        }
        for subscription in recipients(batch) {
            try store.insert(inbound: subscription, block: block)
        }
        for run in numberRuns(batch) {
            try store.insert(numbers: run, block: block)
            incarnations[run.producer] = run.incarnation
        }
    }

    private func recipients(_ batch: CommitBatch) -> [PartyNumber] {
        var found: [PartyNumber] = []
        var last: PartyNumber?
        for message in batch.messages {
            switch message.recipients {
            case .one(let only):
                if only != last, !found.contains(only) { found.append(only) }
                last = only
            case .many(let parties):
                for party in parties where !found.contains(party) { found.append(party) }
            }
        }
        return found
    }

    /// The numbers used up, per producer and incarnation; a producer's present incarnation comes before
    /// a new one, so that the new one stays.
    private func numberRuns(_ batch: CommitBatch) -> [NumberRun] {
        var runs: [NumberRun] = []
        func use(_ producer: PartyNumber, _ incarnation: UInt64, _ sequence: UInt64) {
            let place = runs.firstIndex { $0.producer == producer && $0.incarnation == incarnation }
            guard let place else {
                runs.append(
                    NumberRun(
                        producer: producer, incarnation: incarnation, first: sequence,
                        last: sequence))
                return
            }
            runs[place].first = min(runs[place].first, sequence)
            runs[place].last = max(runs[place].last, sequence)
        }
        for message in batch.messages {
            use(message.producer, message.incarnation, message.sequence)
        }
        for refusal in batch.refusals {
            guard let producer = refusal.producer, let number = refusal.number else { continue }
            use(producer, number.incarnation, number.sequence)
        }
        let isPresent = { (run: NumberRun) in self.incarnations[run.producer] == run.incarnation }
        return runs.filter(isPresent) + runs.filter { !isPresent($0) }
    }

    /// Keeps the log bounded even where nobody checkpoints fast enough: the writer waits for once.
    private func boundLog(_ database: Database) {
        let size = gauge.byteCount
        guard size > waitBytes else { return }
        do {
            try Checkpointer.restart(database, patience: configuration.walPatienceMilliseconds)
            gauge.frames.store(0, ordering: .relaxed)
            waitBytes = configuration.walLimitBytes
        } catch {
            // A reader is in the way: go on, and try again a quarter of the limit later.
            waitBytes = size + configuration.walLimitBytes / 4
        }
    }
}

/// SHA-256(previous ‖ number ‖ count ‖ committed at ‖ entries): one link of the chain.
func chainHash(
    previous: Digest32, number: UInt64, count: Int, committedAt: Instant, entries: [UInt8]
) -> Digest32 {
    var hash = SHA256()
    hash.update(data: previous.bytes)
    hash.update(data: ContentSeal.bytes(number))
    hash.update(data: ContentSeal.bytes(UInt64(count)))
    hash.update(data: ContentSeal.bytes(UInt64(bitPattern: committedAt.nanosecondsSince1970)))
    hash.update(data: entries)
    return ContentSeal.digest(hash.finalize())
}

/// Measures the stages of one commit.
private struct Stopwatch {
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    init() { last = ContinuousClock().now }

    mutating func lap() -> UInt64 {
        let now = clock.now
        let parts = (now - last).components
        last = now
        return UInt64(parts.seconds) * 1_000_000_000 + UInt64(parts.attoseconds / 1_000_000_000)
    }
}
