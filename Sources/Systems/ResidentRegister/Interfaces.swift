import GRDB
import Messaging
import Participant
import ParticipantStore

/// 既存住基's interfaces beside the life of a 異動 (その他の連携): initial load, certificates, 支援措置, 法務省, media, reception,
/// and what is compared with the CS and the 副本.
extension RegisterHandler {
    static func registerInterfaces(in migrator: inout DatabaseMigrator) {
        PopulationStore.register(in: &migrator)
        RestrictionStore.register(in: &migrator)
        IssueStore.register(in: &migrator)
        MojNoticeStore.register(in: &migrator)
        ApplicationStore.register(in: &migrator)
        ReconcileStore.register(in: &migrator)
        ResyncStore.register(in: &migrator)
    }

    /// False for a type that is none of these.
    func receiveInterface(_ message: ReceivedMessage, _ transaction: Transaction) throws -> Bool {
        switch message.envelope.topic.type.rawValue {
        case "population.import.request": try importPopulation(message, transaction)
        case "identity.load.reply": try noteLoaded(message, transaction)
        case "certificate.issue.request": try issueCertificate(message, transaction)
        case "resident.restriction.request": try restrict(message, transaction)
        case "moj-notice.imported": try takeNotice(message, transaction)
        case "municipal-notice.result": try noteMunicipalNotice(message, transaction)
        case "e-application.media-transfer": try importApplication(message, transaction)
        case "e-application.purged": try noteErasure(message, transaction)
        case "reception.change-data": try takeReceptionData(message, transaction)
        case "register-cs.reconcile.start": try startReconciliation(message, transaction)
        case "register-cs.reconcile.result": try takeReconcileResult(message, transaction)
        case "replica.compare.request": try compareReplicas(message, transaction)
        case "resident.resync.request": try beginResync(message, transaction)
        default: return false
        }
        return true
    }

    /// Runs what has become due.
    func tickInterfaces(_ transaction: Transaction) throws {
        try continueResync(transaction)
        try tickReconciliation(transaction)
    }
}
