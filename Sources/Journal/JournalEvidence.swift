import Foundation
import GRDB
package import Messaging

/// The evidence of a journal nobody writes any more (保存された証跡): read without keys, and so without content.
///
/// For one thread.
package final class JournalEvidence {
    private let queue: DatabaseQueue
    /// Everybody the journal knows, by number.
    package let parties: [PartyNumber: String]
    /// The zone the files belong to.
    package let zone: ZoneID

    /// Blocks read at a time.
    private static let pageSize = 64

    /// Opens `hub.sqlite` in `directory`; throws ``JournalError`` where it is none.
    package init(directory: String) throws {
        do {
            queue = try SchemaStore.openReading(directory, label: "journal.evidence")
            (parties, zone) = try queue.read { database in
                guard let zone = try SchemaStore.meta(database, "zone") else {
                    throw JournalError(.damaged, "open", "the files name no zone")
                }
                return (try RecoveryStore.state(database).parties, try ZoneID(zone))
            }
        } catch {
            throw JournalError(error, "open the evidence")
        }
    }

    /// Shows every event, in order.
    package func read(_ body: (EvidenceEntry) throws -> Void) throws {
        var next: UInt64 = 0
        while true {
            let blocks = try queue.read {
                try BlockStore.blocks(
                    $0, sql: "WHERE number>=? ORDER BY number LIMIT \(Self.pageSize)",
                    arguments: [Int64(bitPattern: next)])
            }
            guard let last = blocks.last else { return }
            for block in blocks {
                for event in try block.events() {
                    try body(
                        EvidenceEntry(
                            block: block.number, committedAt: block.committedAt, event: event))
                }
            }
            next = last.last + 1
        }
    }
}
