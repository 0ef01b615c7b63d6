import Foundation
import GRDB
package import Messaging

/// One message as operators' lists show it: from the evidence, so that it outlives the content (電文一覧の一件).
package struct ViewedMessage: Sendable {
    package struct Settlement: Sendable {
        package var party: PartyNumber
        package var outcome: Outcome
        package var at: Instant
    }

    package var position: Position
    package var committedAt: Instant
    package var envelope: Envelope
    /// Envelope and payload, in bytes.
    package var bytes: Int
    package var lanes: LaneSet
    package var settlements: [Settlement]
}

/// Which messages a list shows, newest first; key-set paging by `before`.
package struct ViewQuery: Sendable {
    package var before: Position?
    package var limit: Int
    package var source: String?
    package var recipient: String?
    package var type: String?
    package var step: String?
    package var correlation: String?

    package init(
        before: Position? = nil, limit: Int, source: String? = nil, recipient: String? = nil,
        type: String? = nil, step: String? = nil, correlation: String? = nil
    ) {
        self.before = before
        self.limit = limit
        self.source = source
        self.recipient = recipient
        self.type = type
        self.step = step
        self.correlation = correlation
    }
}

/// How many messages went one way, for one step (経路別件数).
package struct ViewedFlow: Sendable {
    package var step: String?
    package var topic: String
    package var source: String
    package var recipient: String
    package var messages: UInt64
}

/// The `views` database (照会用索引): cases, messages and totals for lists, followed from the journal's
/// blocks and rebuildable from them at any time, so that no list ever reads the journal (design §5, Reading).
///
/// For one thread, the follower's. `@unchecked Sendable` since its queue serialises itself.
package final class ViewStore: @unchecked Sendable {
    /// Entries taken from the journal in one transaction.
    private static let slice = 4096
    private static let busySlice = 256

    private let queue: DatabaseQueue

    /// Opens `views.sqlite` in the journal's directory; one of another format is made anew.
    package init(directory: String) throws {
        var configuration = Configuration()
        configuration.label = "journal.views"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete=ON")
        }
        queue = try DatabaseQueue(path: directory + "/views.sqlite", configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode=WAL")
            // Rebuildable: a lost tail is followed again.
            try database.execute(sql: "PRAGMA synchronous=NORMAL")
        }
        try Self.migrator.migrate(queue)
    }

    /// Time one call of ``catchUp(with:limit:patience:)`` may take where the hub is busy.
    package static let busyPatience = Duration.milliseconds(20)

    /// Throws away what is there and begins again: everything in it is in the journal.
    package static func remake(directory: String) throws -> ViewStore {
        for suffix in ["", "-wal", "-shm"] {
            let path = directory + "/views.sqlite" + suffix
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
        }
        return try ViewStore(directory: directory)
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("2") { database in
            try database.execute(
                sql: """
                    CREATE TABLE cursor(id INTEGER PRIMARY KEY CHECK(id=1), next INTEGER NOT NULL);
                    INSERT INTO cursor VALUES(1, 1);
                    CREATE TABLE message(
                        position INTEGER PRIMARY KEY, at INTEGER NOT NULL, type TEXT NOT NULL, step TEXT, source TEXT NOT NULL, recipients TEXT NOT NULL,
                        correlation TEXT NOT NULL, bytes INTEGER NOT NULL, lanes BLOB, envelope BLOB NOT NULL);
                    CREATE INDEX message_correlation ON message(correlation, position);
                    CREATE TABLE settlement(
                        party INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
                        outcome INTEGER NOT NULL, at INTEGER NOT NULL,
                        PRIMARY KEY(party, first)) WITHOUT ROWID;
                    CREATE TABLE refusal(
                        id INTEGER PRIMARY KEY, at INTEGER NOT NULL, producer INTEGER, incarnation INTEGER,
                        sequence INTEGER, code TEXT NOT NULL, pointer TEXT, source TEXT);
                    CREATE TABLE flow(
                        step TEXT NOT NULL, topic TEXT NOT NULL, source TEXT NOT NULL,
                        recipient TEXT NOT NULL, messages INTEGER NOT NULL,
                        PRIMARY KEY(step, topic, source, recipient)) WITHOUT ROWID;
                    """)
        }
        return migrator
    }

    // MARK: Following

    /// Takes over what the journal has and this does not, for about `patience`; false if more is left.
    @discardableResult
    package func catchUp(with journal: JournalReader, patience: Duration? = nil) throws -> Bool {
        let begun = ContinuousClock.now
        while patience.map({ ContinuousClock.now - begun < $0 }) ?? true {
            let next = try queue.read {
                try Int64.fetchOne($0, sql: "SELECT next FROM cursor") ?? 1
            }
            let entries = try journal.entries(
                from: Position(UInt64(next)), limit: patience == nil ? Self.slice : Self.busySlice)
            guard let last = entries.last, last.block >= UInt64(next) else { return true }
            let fresh = entries.filter { $0.block >= UInt64(next) }
            try queue.write { database in try take(fresh, database) }
        }
        return false
    }

    private func take(_ entries: [EvidenceEntry], _ database: Database) throws {
        var end: UInt64 = 0
        var flows: [FlowKey: Int64] = [:]
        for entry in entries {
            end = max(end, entry.block)
            switch entry.event {
            case .admitted(let message):
                end = max(end, message.position.rawValue)
                try insert(message, at: entry.committedAt, &flows, database)
            case .settled(let change): try insert(change, at: entry.committedAt, database)
            case .refused(let refusal): try insert(refusal, database)
            case .laneHeld, .laneFreed, .exceptionAdded, .exceptionChanged, .exceptionRemoved,
                .deadLetter, .epochRaised, .noted:
                break
            }
        }
        for (flow, count) in flows {
            try database.cachedStatement(
                sql: """
                    INSERT INTO flow VALUES(?,?,?,?,?)
                    ON CONFLICT DO UPDATE SET messages=messages+excluded.messages
                    """
            ).execute(arguments: [flow.step, flow.topic, flow.source, flow.recipient, count])
        }
        try database.execute(sql: "UPDATE cursor SET next=?", arguments: [Int64(end + 1)])
    }

    private struct FlowKey: Hashable {
        var step: String
        var topic: String
        var source: String
        var recipient: String
    }

    private func insert(
        _ message: EvidenceMessage, at: Instant, _ flows: inout [FlowKey: Int64],
        _ database: Database
    ) throws {
        let view = try EnvelopeView.scan(message.envelope.span)
        func text(_ range: Range<Int>) -> String {
            String(decoding: message.envelope[range], as: UTF8.self)
        }
        let recipients = text(view.recipient)
        let topic = text(view.dataschema)
        let source = text(view.source)
        let step = view.step.map(text)
        var lanes = Data()
        for lane in message.lanes.array {
            for shift in stride(from: 56, through: 0, by: -8) {
                lanes.append(UInt8(truncatingIfNeeded: lane.rawValue >> Int64(shift)))
            }
        }
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO message VALUES(?,?,?,?,?,?,?,?,?,?)")
        try statement.execute(arguments: [
            Int64(message.position.rawValue), at.nanosecondsSince1970, topic, step, source,
            recipients,
            text(view.correlation), 4 + message.envelope.count + message.payloadLength, lanes,
            Data(message.envelope),
        ])
        for recipient in recipients.split(separator: ",") {
            let key = FlowKey(
                step: step ?? "", topic: topic, source: source, recipient: String(recipient))
            flows[key, default: 0] += 1
        }
    }

    private func insert(
        _ change: SettlementChange, at: Instant, _ database: Database
    ) throws {
        for range in change.outcomes {
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO settlement VALUES(?,?,?,?,?)"
            ).execute(arguments: [
                Int64(change.subscription.rawValue), Int64(range.positions.lowerBound),
                Int64(range.positions.upperBound), Int64(range.outcome.rawValue),
                at.nanosecondsSince1970,
            ])
        }
    }

    private func insert(_ refusal: AppendedRefusal, _ database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT INTO refusal VALUES(NULL,?,?,?,?,?,?,?)"
        ).execute(arguments: [
            refusal.at.nanosecondsSince1970, refusal.producer.map { Int64($0.rawValue) },
            refusal.number.map { Int64(bitPattern: $0.incarnation) },
            refusal.number.map { Int64($0.sequence) }, refusal.code, refusal.pointer,
            refusal.source,
        ])
    }

    // MARK: Looking up

    /// Messages, newest first.
    package func messages(_ query: ViewQuery) throws -> [ViewedMessage] {
        var conditions = ["position < ?"]
        var arguments: [(any DatabaseValueConvertible)?] = [
            query.before.map { Int64(clamping: $0.rawValue) } ?? Int64.max
        ]
        func equals(_ column: String, _ value: String?) {
            guard let value else { return }
            conditions.append("\(column) = ?")
            arguments.append(value)
        }
        equals("source", query.source)
        equals("step", query.step)
        equals("correlation", query.correlation)
        if let type = query.type {
            conditions.append("(type = ? OR type LIKE ? || '/%')")
            arguments += [type, type]
        }
        if let recipient = query.recipient {
            conditions.append("(',' || recipients || ',') LIKE '%,' || ? || ',%'")
            arguments.append(recipient)
        }
        return try fetch(
            "WHERE \(conditions.joined(separator: " AND ")) ORDER BY position DESC LIMIT \(query.limit)",
            StatementArguments(arguments))
    }

    /// The messages of one case, in journal order.
    package func messages(correlation: String, limit: Int) throws -> [ViewedMessage] {
        try fetch("WHERE correlation=? ORDER BY position LIMIT \(limit)", [correlation])
    }

    package func message(at position: Position) throws -> ViewedMessage? {
        try fetch("WHERE position=?", [Int64(clamping: position.rawValue)]).first
    }

    package func flowTotals() throws -> [ViewedFlow] {
        try queue.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM flow ORDER BY step, topic, source, recipient"
            ).map { row in
                let step: String = row["step"]
                return ViewedFlow(
                    step: step.isEmpty ? nil : step, topic: row["topic"], source: row["source"],
                    recipient: row["recipient"], messages: UInt64(row["messages"] as Int64))
            }
        }
    }

    /// Refusals, newest first.
    package func refusals(limit: Int) throws -> [AppendedRefusal] {
        try refusals(sql: "ORDER BY id DESC LIMIT ?", [limit])
    }

    func refusals(sql clause: String, _ arguments: StatementArguments) throws -> [AppendedRefusal] {
        try queue.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM refusal \(clause)", arguments: arguments
            ).map { row in
                let producer: Int64? = row["producer"]
                let incarnation: Int64? = row["incarnation"]
                let sequence: Int64? = row["sequence"]
                return AppendedRefusal(
                    producer: producer.map { PartyNumber(rawValue: UInt32($0)) },
                    number: incarnation.flatMap { incarnation in
                        sequence.map {
                            MessageNumber(
                                incarnation: UInt64(bitPattern: incarnation), sequence: UInt64($0))
                        }
                    }, tag: nil, code: row["code"], pointer: row["pointer"], source: row["source"],
                    at: Instant(nanosecondsSince1970: row["at"]))
            }
        }
    }

    func fetch(_ clause: String, _ arguments: StatementArguments) throws -> [ViewedMessage] {
        try queue.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM message \(clause)", arguments: arguments)
                .map { try viewed($0, database) }
        }
    }

    private func viewed(_ row: Row, _ database: Database) throws -> ViewedMessage {
        let position = UInt64(row["position"] as Int64)
        let envelope = try Envelope(parsing: [UInt8](row["envelope"] as Data))
        let bytes = [UInt8]((row["lanes"] as Data?) ?? Data())
        let lanes = stride(from: 0, to: bytes.count - 7, by: 8).map { start in
            LaneID(
                bytes[start..<start + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) })
        }
        return ViewedMessage(
            position: Position(position), committedAt: Instant(nanosecondsSince1970: row["at"]),
            envelope: envelope, bytes: row["bytes"], lanes: LaneSet(lanes),
            settlements: try settlements(of: position, database))
    }

    private func settlements(
        of position: UInt64, _ database: Database
    ) throws -> [ViewedMessage.Settlement] {
        let parties = try Int64.fetchAll(database, sql: "SELECT DISTINCT party FROM settlement")
        return try parties.compactMap { party in
            guard
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT last, outcome, at FROM settlement
                        WHERE party=? AND first<=? ORDER BY first DESC LIMIT 1
                        """, arguments: [party, Int64(position)]),
                UInt64(row["last"] as Int64) >= position,
                let outcome = Outcome(rawValue: UInt8(row["outcome"] as Int64))
            else { return nil }
            return ViewedMessage.Settlement(
                party: PartyNumber(rawValue: UInt32(party)), outcome: outcome,
                at: Instant(nanosecondsSince1970: row["at"]))
        }
    }
}
