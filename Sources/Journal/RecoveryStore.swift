import Foundation
import GRDB
import Messaging

/// The queries at opening and after a restart (復旧のSQL).
enum RecoveryStore {
    /// What opening needs: identity, the tail, and the edges.
    struct Opening {
        var incarnation: UInt64 = 0
        var last: Block?
        var parties: [String: PartyNumber] = [:]
        var incarnations: [PartyNumber: UInt64] = [:]
        var floors: [PartyNumber: UInt64] = [:]
    }

    /// Reads them, and checks the zone, the last block's hash and its link.
    static func opening(_ database: Database, _ zone: ZoneID) throws -> Opening {
        let found = try SchemaStore.meta(database, "zone")
        guard found == zone.rawValue else {
            throw JournalError(.wrongZone, "open", "the files belong to zone \(found ?? "?")")
        }
        var opening = Opening()
        let text = try SchemaStore.meta(database, "incarnation") ?? ""
        guard let incarnation = UInt64(text, radix: 16) else {
            throw JournalError(.damaged, "open", "the incarnation is unreadable")
        }
        opening.incarnation = incarnation
        opening.last = try checkedTail(database)
        for row in try Row.fetchAll(database, sql: "SELECT id, name FROM party") {
            opening.parties[row[1]] = PartyNumber(rawValue: row[0])
        }
        for producer in try producers(database) {
            opening.incarnations[producer.party] = producer.incarnation
        }
        for subscription in try subscriptions(database) {
            opening.floors[subscription.party] = subscription.floor.rawValue
        }
        return opening
    }

    private static func checkedTail(_ database: Database) throws -> Block? {
        let tail = try BlockStore.blocks(
            database, sql: "WHERE 1 ORDER BY number DESC LIMIT 2", arguments: [])
        guard let last = tail.first else { return nil }
        if let fault = last.fault(after: tail.count > 1 ? tail[1] : nil, isFirst: tail.count == 1) {
            throw JournalError(.damaged, "check the last block", "\(fault.rawValue) \(last.number)")
        }
        _ = try last.events()
        return last
    }

    static func addParty(_ database: Database, _ name: String) throws -> PartyNumber {
        try database.execute(sql: "INSERT INTO party(name) VALUES(?)", arguments: [name])
        guard let number = UInt32(exactly: database.lastInsertedRowID) else {
            throw JournalError(.full, "number a party", "out of numbers")
        }
        return PartyNumber(rawValue: number)
    }

    static func setIncarnation(_ database: Database, _ incarnation: UInt64) throws {
        try database.execute(
            sql: "UPDATE meta SET value=? WHERE key='incarnation'",
            arguments: [Hexadecimal.text(incarnation)])
    }

    static func state(_ database: Database) throws -> RecoveredState {
        var state = RecoveredState()
        for row in try Row.fetchAll(database, sql: "SELECT id, name FROM party") {
            state.parties[PartyNumber(rawValue: row[0])] = row[1]
        }
        state.producers = try producers(database)
        for row in try Row.fetchAll(database, sql: "SELECT party, epoch FROM epoch") {
            state.epochs[PartyNumber(rawValue: row[0])] = Epoch(row[1] as UInt32)
        }
        state.subscriptions = try subscriptions(database)
        state.lanes = try lanes(database)
        state.exceptions = try exceptions(database)
        state.deadLetters = try deadLetters(database, sql: "WHERE resolved_at IS NULL")
        return state
    }

    private static func producers(_ database: Database) throws -> [RecoveredState.Producer] {
        try Row.fetchAll(
            database, sql: "SELECT party, incarnation, last_sequence FROM producer ORDER BY party"
        ).map { row in
            RecoveredState.Producer(
                party: PartyNumber(rawValue: row[0]), incarnation: UInt64(bitPattern: row[1]),
                lastSequence: UInt64(bitPattern: row[2]))
        }
    }

    private static func subscriptions(
        _ database: Database
    ) throws -> [RecoveredState.Subscription] {
        try Row.fetchAll(
            database, sql: "SELECT party, floor, settled FROM subscription ORDER BY party"
        ).map { row in
            let floor = UInt64(bitPattern: row[1])
            var reader = ByteReader(Array(row[2] as Data))
            return RecoveredState.Subscription(
                party: PartyNumber(rawValue: row[0]), floor: Position(floor),
                settled: try Block.ranges(&reader, above: floor))
        }
    }

    private static func lanes(_ database: Database) throws -> [LaneRow] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT subscription, lane, state, until, failures, suspect, since, code, head_position
                FROM lane ORDER BY subscription, lane
                """
        ).map { row in
            let until = Instant(nanosecondsSince1970: row[3] ?? 0)
            return LaneRow(
                key: SubscriptionLane(
                    subscription: PartyNumber(rawValue: row[0]), lane: LaneID(row[1] as Int64)),
                hold: row[2] == 1 ? .backoff(until: until) : .parked, failures: row[4],
                suspect: row[5], since: Instant(nanosecondsSince1970: row[6]), code: row[7],
                head: Position(UInt64(bitPattern: row[8])))
        }
    }

    private static func exceptions(_ database: Database) throws -> [ExceptionSummary] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT subscription, position, lanes, state, attempts, expiry, key_id, length(sealed)
                FROM exception ORDER BY subscription, position
                """
        ).map { row in
            var reader = ByteReader(Array(row[2] as Data))
            guard let state = ExceptionState(rawValue: row[3]),
                let key = ContentKeyID(row[6] as String)
            else { throw JournalError(.damaged, "read the exceptions", "an impossible row") }
            return ExceptionSummary(
                key: ExceptionKey(
                    subscription: PartyNumber(rawValue: row[0]),
                    position: Position(UInt64(bitPattern: row[1]))),
                lanes: try Block.laneSet(&reader), state: state, attempts: row[4], keyID: key,
                expiry: (row[5] as Int64?).map { Instant(nanosecondsSince1970: $0) },
                sealedBytes: row[7])
        }
    }

    static func deadLetters(_ database: Database, sql condition: String) throws -> [DeadLetterRow] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT subscription, position, lane, since, code, failures, resolved_at, resolution,
                  operator, reason FROM dead_letter \(condition) ORDER BY subscription, position
                """
        ).map { row in
            var state = DeadLetterState.open
            if let at = row[6] as Int64? {
                guard let how = Resolution(rawValue: row[7]) else {
                    throw JournalError(.damaged, "read the dead letters", "an impossible row")
                }
                let by = try (row[8] as String?).map { try OperatorID($0) }
                state = .resolved(
                    at: Instant(nanosecondsSince1970: at), how: how, by: by, reason: row[9] ?? "")
            }
            return DeadLetterRow(
                subscription: PartyNumber(rawValue: row[0]),
                position: Position(UInt64(bitPattern: row[1])),
                lane: (row[2] as Int64?).map { LaneID($0) },
                since: Instant(nanosecondsSince1970: row[3]), code: row[4], failures: row[5],
                state: state)
        }
    }
}
