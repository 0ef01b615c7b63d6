import GRDB
import Messaging
import Participant
import ParticipantStore

/// What 庁内連携 does with its messages (庁内連携システムの業務処理): keeps what the register says, hands on what profiles allow.
final class LinkageHandler: MessageHandler {
    private let dispatch: Dispatch
    private let profiles: [TransferProfile]

    init(dispatch: Dispatch, profiles: [TransferProfile]) {
        self.dispatch = dispatch
        self.profiles = profiles
    }

    func migrations(_ migrator: inout DatabaseMigrator) { LinkageStore.register(in: &migrator) }

    func receive(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        switch message.envelope.topic.type.rawValue {
        case "resident.sync": try sync(message, transaction)
        case LabState.requestType:
            let facts = try LinkageFactsStore.facts(LabState(message).subject, transaction.database)
            try LabState.report(facts, to: message, by: dispatch, transaction)
        default: throw Refuse("type-not-handled")
        }
    }

    /// A1-11, then C5 for every recipient with a profile in force; an older version changes nothing.
    private func sync(_ message: ReceivedMessage, _ transaction: Transaction) throws {
        let sync = try PayloadCoding.decode(ResidentSync.self, from: message.payload)
        let database = transaction.database
        guard try sync.recordVersion > LinkageStore.version(of: sync.addresseeNumber, database)
        else {
            return
        }
        var items = sync.fields
        items["addresseeNumber"] = nil
        items["recordVersion"] = nil
        let kept = String(decoding: try PayloadCoding.encode(items), as: UTF8.self)
        try LinkageStore.keep(sync, items: kept, database)
        for profile in profiles where profile.isValid(on: transaction.now.day) {
            try transfer(sync, items, by: profile, for: message, transaction)
        }
    }

    /// Exactly the profile's items, and those of them that the register gave.
    private func transfer(
        _ sync: ResidentSync, _ items: JSONFields, by profile: TransferProfile,
        for message: ReceivedMessage, _ transaction: Transaction
    ) throws {
        let permitted = Set(profile.items)
        let given = items.filter { permitted.contains($0.key) && $0.value != .null }
        guard !given.isEmpty else { return }
        let body: JSONFields = [
            "transferNumber": .text(profile.transferNumber), "profile": .text(profile.profile),
            "addresseeNumber": .text(sync.addresseeNumber),
            "recordVersion": .integer(sync.recordVersion), "items": .object(given),
        ]
        var draft = try Draft("resident-info.transfer/v1", body)
            .ordered(by: "\(profile.recipient):\(sync.addresseeNumber)")
        draft.legalBasis = profile.legalBasis
        draft.businessTask = profile.businessTask
        try dispatch.send(draft, to: profile.recipient, for: Cause(message), transaction)
        try LinkageStore.note(profile, of: sync, at: transaction.now, transaction.database)
    }
}
