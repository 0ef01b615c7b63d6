import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 庁内連携 does with its messages (庁内連携システムの業務処理): keeps what the register says, hands on what profiles allow.
final class LinkageHandler: MessageHandler {
    let dispatch: Dispatch
    let profiles: TransferProfiles

    init(dispatch: Dispatch, profiles: TransferProfiles) {
        self.dispatch = dispatch
        self.profiles = profiles
    }

    func migrations(_ migrator: inout DatabaseMigrator) {
        LinkageStore.register(in: &migrator)
        SnapshotStore.register(in: &migrator)
    }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "resident.sync": try sync(message, transaction)
        case "resident-info.ack":
            try LinkageStore.acknowledged(
                PayloadCoding.decode(TransferAck.self, from: message.payload),
                by: message.envelope.source, transaction.database)
        case "resident-info.snapshot.request": try beginSnapshot(message, transaction)
        case "resident.resync.completed":
            let done = try PayloadCoding.decode(ResyncCompleted.self, from: message.payload)
            try LinkageStore.noteResync(
                done.resyncId, state: "completed", sent: done.sent, transaction.database)
        case LabState.requestType:
            let facts = try LinkageFactsStore.facts(
                LabState(message).subject, profiles, on: transaction.now.day, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    func tick(_ transaction: Transaction) throws {
        if try LinkageStore.needsResync(transaction.database) { try askForEverybody(transaction) }
        try continueSnapshots(transaction)
    }

    // MARK: Running changes (A1-11, C5)

    /// A1-11, then C5 for every recipient with a profile in force; an older version changes nothing.
    ///
    /// The same version comes again where 支援措置 was set or released: then it is kept, and handed on at release.
    private func sync(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let sync = try PayloadCoding.decode(ResidentSync.self, from: message.payload)
        let database = transaction.database
        if let standing = try LinkageStore.standing(of: sync.addresseeNumber, database) {
            guard
                sync.recordVersion > standing.version
                    || (sync.recordVersion == standing.version
                        && sync.isRestricted != standing.isRestricted)
            else { return }
        }
        try LinkageStore.keep(sync, payload: message.payload, database)
        guard !sync.isRestricted else { return }
        let (change, from) = sync.meaning(profiles.meanings)
        for profile in profiles.valid(on: transaction.now.day) {
            // What a released restriction has held back may have been sent before it stood; a department that has
            // asked for everybody since then may have lost it.
            let since = try SnapshotStore.newestBeginning(of: profile.recipient, database)
            guard try !LinkageStore.wasSent(sync, by: profile, since: since, database) else {
                continue
            }
            try transfer(
                sync, by: profile, as: change, from: from, for: Cause(message), transaction)
        }
    }

    /// Exactly the profile's items, and those of them that the register gave; true if anything went.
    @discardableResult
    func transfer(
        _ sync: ResidentSync, by profile: TransferProfile, as change: ChangeMeaning, from: String?,
        snapshotID: String? = nil, for cause: Cause, _ transaction: Transaction
    ) throws -> Bool {
        let permitted = Set(profile.items)
        let given = sync.items.filter { permitted.contains($0.key) && $0.value != .null }
        guard !given.isEmpty else { return false }
        var body: JSONFields = [
            "transferNumber": .text(profile.transferNumber), "profile": .text(profile.profile),
            "addresseeNumber": .text(sync.addresseeNumber),
            "recordVersion": .integer(sync.recordVersion), "change": .text(change.rawValue),
            "items": .object(given),
        ]
        body["effectiveDate"] = from.map { .text($0) }
        body["snapshotId"] = snapshotID.map { .text($0) }
        var draft = try Draft("resident-info.transfer/v1", body)
            .ordered(by: "\(profile.recipient):\(sync.addresseeNumber)")
        draft.legalBasis = profile.legalBasis
        draft.businessTask = profile.businessTask
        try dispatch.send(draft, to: profile.recipient, for: cause, transaction)
        try LinkageStore.note(
            profile, of: sync, as: change, at: transaction.now, transaction.database)
        return true
    }
}
