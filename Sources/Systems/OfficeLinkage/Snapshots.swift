import GRDB
import Messaging
import Participant
import ParticipantStore

/// Everybody at once, for a department that is new or has lost its data (全件提供), and for 庁内連携 itself (再同期).
///
/// A snapshot walks the residents by 宛名番号 in the order of ticks. Whoever changes meanwhile is sent as a running change;
/// if the walk has not come to him yet, it passes him by. So each version reaches the department once: no gap, no double.
extension LinkageHandler {
    /// Residents one snapshot moves on by at a tick.
    static let chunk = 500

    func beginSnapshot(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let request = try PayloadCoding.decode(SnapshotRequest.self, from: message.payload)
        let database = transaction.database
        let day = transaction.now.day
        var refusal: String?
        if profiles.valid(on: day, for: message.envelope.source).isEmpty {
            refusal = "no-profile"
        } else if try !SnapshotStore.begin(
            request.snapshotId, for: message, since: LinkageStore.lastTransfer(database), database)
        {
            refusal = "snapshot-running"
        }
        guard let refusal else { return }
        let answer = try Draft(
            "resident-info.snapshot.completed/v1",
            [
                "snapshotId": .text(request.snapshotId), "result": .text("refused"),
                "code": .text(refusal),
            ] as JSONFields)
        try dispatch.send(answer, to: message.envelope.source, for: Cause(message), transaction)
    }

    func continueSnapshots(_ transaction: Transaction) throws {
        for snapshot in try SnapshotStore.running(transaction.database) {
            try move(snapshot, transaction)
        }
    }

    private func move(_ snapshot: SnapshotStore.Snapshot, _ transaction: Transaction) throws {
        let database = transaction.database
        let residents = try LinkageStore.residents(
            after: snapshot.after, limit: Self.chunk, database)
        let cause = Cause(
            zone: snapshot.zone, causation: snapshot.request, operatorID: nil, terminal: nil
        ) { _ in snapshot.correlation }
        var snapshot = snapshot
        let valid = profiles.valid(on: transaction.now.day, for: snapshot.recipient)
        for resident in residents {
            for profile in valid where !resident.sync.isRestricted {
                if try LinkageStore.wasSent(
                    resident.sync, by: profile, since: snapshot.since, database)
                {
                    snapshot.overtaken += 1
                } else if try transfer(
                    resident.sync, by: profile, as: .snapshot, from: nil, snapshotID: snapshot.id,
                    for: cause, transaction)
                {
                    snapshot.sent += 1
                }
            }
            snapshot.after = resident.addresseeNumber
        }
        let isOver = residents.count < Self.chunk
        try SnapshotStore.advance(snapshot, isOver: isOver, database)
        guard isOver else { return }
        let answer = try Draft(
            "resident-info.snapshot.completed/v1",
            [
                "snapshotId": .text(snapshot.id), "result": .text("accepted"),
                "sent": .integer(snapshot.sent), "overtaken": .integer(snapshot.overtaken),
            ] as JSONFields)
        try dispatch.send(answer, to: snapshot.recipient, for: cause, transaction)
    }

    /// A store that is new, or was lost, asks the register for everybody, once.
    func askForEverybody(_ transaction: Transaction) throws {
        let id = "Y\(transaction.now.nanosecondsSince1970 / 1_000_000_000)"
        let correlation = try CorrelationID("resync-\(id)")
        let cause = Cause(zone: nil, causation: nil, operatorID: nil, terminal: nil) { _ in
            correlation
        }
        let draft = try Draft(
            "resident.resync.request/v1", ["resyncId": .text(id)] as JSONFields)
        try dispatch.send(draft, to: ParticipantID("residentRegister"), for: cause, transaction)
        try LinkageStore.noteResync(id, state: "asked", sent: nil, transaction.database)
    }
}
