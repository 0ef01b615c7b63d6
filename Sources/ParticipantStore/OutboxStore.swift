import FoundationEssentials
import GRDB
import Messaging
import Participant

/// The outgoing messages (送信箱) in the owner's database: numbered without gaps, one unacknowledged message a lane.
///
/// A number is given in the transaction that sends the message, if its lane has nothing unacknowledged before it;
/// otherwise in the transaction that records the acknowledgement of the one before (design §5). Bodies are sealed.
final class OutboxStore {
    /// What lives in memory between transactions and is rewound with a savepoint.
    struct Cursor {
        var lastSequence: [ZoneID: UInt64] = [:]
        var lastRow: Int64 = 0
        var unacknowledged = 0
    }

    /// The states of a row, as stored.
    enum RowState: Int { case waiting, numbered, refused, acknowledged, released }

    var cursor = Cursor()
    private(set) var incarnations: [ZoneID: UInt64] = [:]
    private let participant: ParticipantID
    private let organisation: OrganisationCode
    private let seal: PayloadSeal
    private let limits: StoreLimits

    init(
        participant: ParticipantID, organisation: OrganisationCode, seal: PayloadSeal,
        limits: StoreLimits
    ) {
        self.participant = participant
        self.organisation = organisation
        self.seal = seal
        self.limits = limits
    }

    /// Reads numbering from the database; rows for zones seen the first time are made with a new incarnation.
    func load(zones: [ZoneID], _ database: Database) throws {
        cursor = Cursor()
        for zone in zones {
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO bus_zone(
                        zone, incarnation, last_sequence, highest_answered, settled_floor)
                    VALUES (?, ?, 0, 0, 0)
                    """, arguments: [zone.rawValue, Self.newIncarnation()])
            let row = try Row.fetchOne(
                database, sql: "SELECT incarnation, last_sequence FROM bus_zone WHERE zone = ?",
                arguments: [zone.rawValue])
            guard let row else { throw StoreError("zone-unknown", "reading a zone's numbering") }
            incarnations[zone] = UInt64(bitPattern: row[0])
            cursor.lastSequence[zone] = UInt64(clamping: row[1] as Int64)
        }
        cursor.lastRow = try Int64.fetchOne(database, sql: "SELECT max(id) FROM bus_outbox") ?? 0
        cursor.unacknowledged =
            try Int.fetchOne(database, sql: "SELECT count(*) FROM bus_outbox WHERE state < 3") ?? 0
    }

    /// A number no earlier state of this database can have used.
    static func newIncarnation() -> Int64 { Int64(bitPattern: UInt64.random(in: 1...UInt64.max)) }

    // MARK: Sending

    func enqueue(
        _ message: OutgoingMessage, in zone: ZoneID, now: Instant, _ database: Database
    ) throws {
        guard incarnations[zone] != nil else {
            throw StoreError("zone-unknown", "sending into \(zone)")
        }
        guard cursor.unacknowledged < limits.outboxMessages else {
            throw RetryLater(after: .seconds(limits.outboxFullDelaySeconds), "outbox-full")
        }
        let lane = message.orderKey.map { seal.lane(of: $0, in: zone) }
        var sequence: UInt64?
        if try lane.map({ try !isBusy(lane: $0, zone, database) }) ?? true {
            sequence = nextSequence(zone)
        }
        cursor.lastRow += 1
        cursor.unacknowledged += 1
        let number = number(sequence ?? Self.unnumbered, zone)
        let envelope = Envelope(
            id: MessageID(source: participant, number: number), source: participant,
            topic: message.topic, time: now, recipients: message.recipients, step: message.step,
            correlation: message.correlation, causation: message.causation,
            operatorID: message.operatorID, terminal: message.terminal,
            businessTask: message.businessTask, legalBasis: message.legalBasis,
            organisation: organisation, expiry: message.expiry, traceparent: nil,
            authFactor: message.authFactor, refusalCode: message.refusalCode)
        let recipients = message.recipients.map(\.rawValue).joined(separator: ",")
        let route = route(row: cursor.lastRow, zone.rawValue, message.topic.rawValue, recipients)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO bus_outbox(
                    id, zone, lane, state, sequence, topic, recipients, step, keep, envelope, key_id, sealed, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let state = sequence == nil ? RowState.waiting : .numbered
        try insert.execute(arguments: [
            cursor.lastRow, zone.rawValue, lane, state.rawValue, sequence.map { Int64($0) },
            message.topic.rawValue, recipients, message.step?.rawValue, message.keepUntilBackup,
            Data(envelope.encoded()), seal.keyID, try seal.seal(message.payload, bound: route),
            now.nanosecondsSince1970,
        ])
    }

    /// Stands in the stored envelope of a waiting message until it has its number; never sent.
    private static let unnumbered = UInt64(Int64.max)

    private func nextSequence(_ zone: ZoneID) -> UInt64 {
        let next = (cursor.lastSequence[zone] ?? 0) + 1
        cursor.lastSequence[zone] = next
        return next
    }

    private func number(_ sequence: UInt64, _ zone: ZoneID) -> MessageNumber {
        MessageNumber(incarnation: incarnations[zone] ?? 0, sequence: sequence)
    }

    private func route(row: Int64, _ zone: String, _ topic: String, _ recipients: String) -> [UInt8]
    {
        Array("\(participant.rawValue)|\(row)|\(zone)|\(topic)|\(recipients)".utf8)
    }

    private func isBusy(lane: Int64, _ zone: ZoneID, _ database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM bus_outbox WHERE zone = ? AND lane = ? AND state < 3 LIMIT 1")
        return try Int.fetchOne(statement, arguments: [zone.rawValue, lane]) != nil
    }

    /// Writes the numbering back, once a transaction.
    func saveNumbering(since before: Cursor, _ database: Database) throws {
        for (zone, sequence) in cursor.lastSequence where before.lastSequence[zone] != sequence {
            let statement = try database.cachedStatement(
                sql: "UPDATE bus_zone SET last_sequence = ? WHERE zone = ?")
            try statement.execute(arguments: [Int64(clamping: sequence), zone.rawValue])
        }
    }

    // MARK: Publishing

    /// Numbered, unanswered messages after a number, in order of number; at least one if there is any.
    func outgoing(
        in zone: ZoneID, after sequence: UInt64, limit: Int, bytes: Int, _ database: Database
    ) throws -> [NumberedMessage] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, sequence, topic, recipients, envelope, sealed FROM bus_outbox
                WHERE zone = ? AND state = 1 AND sequence > ? ORDER BY sequence LIMIT ?
                """)
        let rows = try Row.fetchCursor(
            statement, arguments: [zone.rawValue, Int64(clamping: sequence), limit])
        var messages: [NumberedMessage] = []
        var total = 0
        while let row = try rows.next() {
            let route = route(row: row[0], zone.rawValue, row[2], row[3])
            let envelope: Data = row[4]
            let payload = try seal.open(row[5], bound: route)
            total += envelope.count + payload.count
            guard messages.isEmpty || total <= bytes else { break }
            messages.append(
                NumberedMessage(
                    zone: zone, number: number(UInt64(row[1] as Int64), zone),
                    envelope: Array(envelope), payload: payload))
        }
        return messages
    }

    /// The highest number below which everything is answered; what a session goes on from.
    func answeredThrough(in zone: ZoneID, _ database: Database) throws -> UInt64 {
        let first = try Int64.fetchOne(
            database, sql: "SELECT min(sequence) FROM bus_outbox WHERE zone = ? AND state = 1",
            arguments: [zone.rawValue])
        return first.map { UInt64($0) - 1 } ?? cursor.lastSequence[zone] ?? 0
    }

    // MARK: Answers

    /// Records an acknowledgement; false when the number was answered before.
    func acknowledge(
        _ sequence: UInt64, at position: Position, in zone: ZoneID, now: Instant,
        _ database: Database
    ) throws -> Bool {
        guard let row = try unanswered(sequence, zone, database) else { return false }
        if row.keep {
            let update = try database.cachedStatement(
                sql: "UPDATE bus_outbox SET state = 3, position = ?, at = ? WHERE id = ?")
            try update.execute(
                arguments: [Int64(clamping: position.rawValue), now.nanosecondsSince1970, row.id])
        } else {
            let delete = try database.cachedStatement(sql: "DELETE FROM bus_outbox WHERE id = ?")
            try delete.execute(arguments: [row.id])
        }
        cursor.unacknowledged -= 1
        if let lane = row.lane { try numberNext(in: lane, zone, database) }
        return true
    }

    /// Records a refusal: the number is used up, the message stays, its lane is parked.
    func refuse(
        _ sequence: UInt64, code: String, pointer: String?, in zone: ZoneID, now: Instant,
        _ database: Database
    ) throws -> Bool {
        guard let row = try unanswered(sequence, zone, database) else { return false }
        try database.execute(
            sql: "UPDATE bus_outbox SET state = 2, refusal = ?, pointer = ?, at = ? WHERE id = ?",
            arguments: [code, pointer, now.nanosecondsSince1970, row.id])
        return true
    }

    /// Gives a refused message up and lets its lane go on; the row stays without its body. False when unknown.
    func release(row: Int64, now: Instant, _ database: Database) throws -> Bool {
        let found = try Row.fetchOne(
            database, sql: "SELECT zone, lane FROM bus_outbox WHERE id = ? AND state = 2",
            arguments: [row])
        guard let found else { return false }
        try database.execute(
            sql: "UPDATE bus_outbox SET state = 4, sealed = NULL, at = ? WHERE id = ?",
            arguments: [now.nanosecondsSince1970, row])
        cursor.unacknowledged -= 1
        if let lane = found[1] as Int64? {
            try numberNext(in: lane, try ZoneID(found[0]), database)
        }
        return true
    }

    private func unanswered(
        _ sequence: UInt64, _ zone: ZoneID, _ database: Database
    ) throws -> (id: Int64, lane: Int64?, keep: Bool)? {
        guard sequence <= cursor.lastSequence[zone] ?? 0 else {
            throw StoreError("sequence-unknown", "an answer to a number never given in \(zone)")
        }
        let statement = try database.cachedStatement(
            sql:
                "SELECT id, lane, keep FROM bus_outbox WHERE zone = ? AND sequence = ? AND state = 1"
        )
        let row = try Row.fetchOne(
            statement, arguments: [zone.rawValue, Int64(clamping: sequence)])
        return row.map { ($0[0], $0[1], $0[2]) }
    }

    private func numberNext(in lane: Int64, _ zone: ZoneID, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, envelope, state FROM bus_outbox
                WHERE zone = ? AND lane = ? AND state < 3 ORDER BY id LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [zone.rawValue, lane]),
            row[2] == RowState.waiting.rawValue
        else { return }
        let stored: Data = row[1]
        var envelope = try Envelope(parsing: Array(stored))
        let sequence = nextSequence(zone)
        envelope.id = MessageID(source: participant, number: number(sequence, zone))
        let update = try database.cachedStatement(
            sql: "UPDATE bus_outbox SET state = 1, sequence = ?, envelope = ? WHERE id = ?")
        try update.execute(
            arguments: [Int64(clamping: sequence), Data(envelope.encoded()), row[0] as Int64])
    }

    // MARK: What is kept

    /// Forgets acknowledged messages: those a backup covers, and the oldest beyond the limit.
    func forgetAcknowledged(through sequence: UInt64, in zone: ZoneID, _ database: Database) throws
    {
        let newest = cursor.lastSequence[zone] ?? 0
        let limit = UInt64(limits.acknowledgedMessages)
        let bound = max(sequence, newest > limit ? newest - limit : 0)
        guard bound > 0 else { return }
        try database.execute(
            sql: """
                DELETE FROM bus_outbox WHERE id IN (
                    SELECT id FROM bus_outbox WHERE zone = ? AND state = 3 AND sequence <= ?
                    ORDER BY sequence LIMIT ?)
                """,
            arguments: [
                zone.rawValue, Int64(clamping: bound),
                sequence > 0 ? -1 : limits.prunedPerTransaction,
            ])
    }

    /// Makes kept messages above a number unanswered again: the hub has lost them in a restore.
    func republish(after sequence: UInt64, in zone: ZoneID, _ database: Database) throws {
        try database.execute(
            sql:
                "UPDATE bus_outbox SET state = 1, position = NULL WHERE zone = ? AND state = 3 AND sequence > ?",
            arguments: [zone.rawValue, Int64(clamping: sequence)])
        cursor.unacknowledged += database.changesCount
    }

    /// New incarnations after a restore of this database. What had a number may have been published in the lost
    /// time: it is parked as `restored` for an operator to release or send anew.
    func renumber(now: Instant, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE bus_outbox SET state = 2, refusal = 'restored', at = ? WHERE state = 1",
            arguments: [now.nanosecondsSince1970])
        try database.execute(sql: "DELETE FROM bus_outbox WHERE state = 3")
        for zone in incarnations.keys {
            try database.execute(
                sql: """
                    UPDATE bus_zone SET incarnation = ?, last_sequence = 0, highest_answered = 0 WHERE zone = ?
                    """, arguments: [Self.newIncarnation(), zone.rawValue])
        }
    }

    /// Outgoing messages by row, newest first, without content.
    func entries(limit: Int, unsettledOnly: Bool, _ database: Database) throws -> [OutboxEntry] {
        let condition = unsettledOnly ? "WHERE state < 3" : ""
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM bus_outbox \(condition) ORDER BY id DESC LIMIT ?",
            arguments: [limit])
        return try rows.map { row in
            let recipients: String = row["recipients"]
            let step: String? = row["step"]
            return OutboxEntry(
                row: row["id"], zone: try ZoneID(row["zone"]), topic: try Topic(row["topic"]),
                recipients: try recipients.split(separator: ",").map {
                    try ParticipantID(String($0))
                },
                step: try step.map { try StepID($0) }, state: try state(of: row),
                at: Instant(nanosecondsSince1970: row["at"]),
                hasLane: (row["lane"] as Int64?) != nil)
        }
    }

    private func state(of row: Row) throws -> OutboxEntry.State {
        let sequence = UInt64(clamping: row["sequence"] as Int64? ?? 0)
        switch RowState(rawValue: row["state"]) {
        case .waiting: return .waiting
        case .numbered: return .numbered(sequence)
        case .refused: return .refused(sequence, code: row["refusal"], pointer: row["pointer"])
        case .acknowledged:
            return .acknowledged(
                sequence, Position(UInt64(clamping: row["position"] as Int64? ?? 0)))
        case .released: return .released(sequence)
        case nil: throw StoreError("format-newer", "reading an outbox row's state")
        }
    }
}
