import GRDB
import Messaging
import Participant
import ParticipantStore

/// 既存住基's interfaces beside the life of a 異動 (その他の連携): initial load, certificates, 支援措置, 法務省, media, reception,
/// and what is compared with the CS and the 副本.
extension RegisterHandler {
    static func registerInterfaces(in migrator: inout DatabaseMigrator) {
    }

    /// False for a type that is none of these.
    func receiveInterface(_ message: ReceivedMessage, _ transaction: Transaction) throws -> Bool {
        return false
    }

    /// Runs what has become due.
    func tickInterfaces(_ transaction: Transaction) throws {
    }
}
