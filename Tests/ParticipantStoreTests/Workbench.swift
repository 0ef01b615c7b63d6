import Foundation
import GRDB
import Messaging
import Participant
import ParticipantStore

/// A database file in a directory of its own, removed with it, and a handler made of closures.
final class Workbench {
    static let zone = "juki-net"
    let directory: URL
    let key = [UInt8](repeating: 7, count: 32)
    let handler = ClosureHandler()
    let clock = SteppedClock()
    var limits = StoreLimits()

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("store-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        limits.inboxPositionsKept = 0
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    var path: String { directory.appendingPathComponent("store.sqlite").path }

    func open(participant: String = "municipalCS", key: [UInt8]? = nil) throws -> DurableStore {
        try DurableStore(
            path: path, participant: ParticipantID(participant),
            organisation: OrganisationCode("082015"),
            zones: [ZoneID(Self.zone), ZoneID("lgwan")], sealingKey: key ?? self.key,
            handler: handler, clock: clock, limits: limits)
    }

    /// Every byte of the database, its WAL and its index.
    func filesContain(_ text: String) throws -> Bool {
        let files = try FileManager.default.contentsOfDirectory(
            at: directory, includingPropertiesForKeys: nil)
        return try files.contains { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }
    }
}

final class ClosureHandler: MessageHandler {
    var onReceive: (ReceivedMessage, Transaction) throws -> Void = { _, _ in }
    var onTick: (Transaction) throws -> Void = { _ in }

    func migrations(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("test 1") { database in
            try database.execute(sql: "CREATE TABLE applied(number INTEGER, note TEXT)")
        }
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        try onReceive(message, transaction)
    }

    func tick(_ transaction: Transaction) throws { try onTick(transaction) }
}

final class SteppedClock: TimeSource, @unchecked Sendable {
    // One test thread uses it.
    var time = Instant(nanosecondsSince1970: 1_760_000_000_000_000_000)
    func now() -> Instant { time }
}

/// A message as the hub would deliver it.
func received(
    _ sequence: UInt64, incarnation: UInt64 = 9, position: UInt64? = nil,
    zone: String = Workbench.zone,
    source: String = "residentRegister", payload: String = "{}"
) throws -> ReceivedMessage {
    let source = try ParticipantID(source)
    let envelope = Envelope(
        id: MessageID(
            source: source, number: MessageNumber(incarnation: incarnation, sequence: sequence)),
        source: source, topic: try Topic("identity.update.request/v3"),
        time: Instant(nanosecondsSince1970: 1_760_000_000_000_000_000),
        recipients: [try ParticipantID("municipalCS")], step: nil,
        correlation: try CorrelationID("case-\(sequence)"), causation: nil, operatorID: nil,
        terminal: nil, businessTask: nil, legalBasis: nil,
        organisation: try OrganisationCode("082015"), expiry: nil, traceparent: nil)
    return ReceivedMessage(
        zone: try ZoneID(zone), position: Position(position ?? sequence), attempt: 1,
        envelope: envelope, payload: Array(payload.utf8))
}

func outgoing(
    _ payload: String, orderKey: String? = nil, keep: Bool = true
) throws -> OutgoingMessage {
    OutgoingMessage(
        topic: try Topic("identity.update.notice/v3"),
        recipients: [try ParticipantID("prefecturalServer")], step: try StepID("A1-04"),
        correlation: try CorrelationID("case-1"), orderKey: orderKey, keepUntilBackup: keep,
        payload: Array(payload.utf8))
}
