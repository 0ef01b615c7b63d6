import GRDB
import Messaging
import Participant
import ParticipantStore

/// The integrated resident data (統合データベース機能) by 宛名番号, and the record of what went to whom.
enum LinkageStore {
    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("linkage 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE resident(addresseeNumber TEXT PRIMARY KEY, version INTEGER NOT NULL,
                        removalCategory TEXT NOT NULL, restricted INTEGER NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE transfer(number INTEGER PRIMARY KEY, addresseeNumber TEXT NOT NULL,
                        version INTEGER NOT NULL, profile TEXT NOT NULL, recipient TEXT NOT NULL,
                        legalBasis TEXT NOT NULL, businessTask TEXT NOT NULL, change TEXT NOT NULL, at TEXT NOT NULL,
                        result TEXT NOT NULL DEFAULT 'waiting');
                    CREATE UNIQUE INDEX transfer_once ON transfer(addresseeNumber, version, profile);
                    CREATE TABLE resync(id TEXT PRIMARY KEY, state TEXT NOT NULL, sent INTEGER) WITHOUT ROWID;
                    """)
        }
    }

    /// A resident as kept.
    struct Kept {
        let addresseeNumber: String
        let sync: ResidentSync
    }

    /// The version kept, and whether it is held back; nil where nobody is known by that number.
    static func standing(
        of addresseeNumber: String, _ database: Database
    ) throws -> (version: Int64, isRestricted: Bool)? {
        try Row.fetchOne(
            database, sql: "SELECT version, restricted FROM resident WHERE addresseeNumber = ?",
            arguments: [addresseeNumber]
        ).map { ($0[0], $0[1]) }
    }

    /// Movers-out stay, marked (corrections 8).
    static func keep(_ sync: ResidentSync, payload: [UInt8], _ database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO resident VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [
            sync.addresseeNumber, sync.recordVersion, sync.removalCategory, sync.isRestricted,
            String(decoding: payload, as: UTF8.self),
        ])
    }

    /// Residents after one, in the order of their numbers.
    static func residents(
        after addresseeNumber: String, limit: Int, _ database: Database
    ) throws -> [Kept] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT addresseeNumber, payload FROM resident WHERE addresseeNumber > ?
                ORDER BY addresseeNumber LIMIT ?
                """, arguments: [addresseeNumber, limit]
        ).map { row in
            let payload: String = row[1]
            return Kept(
                addresseeNumber: row[0],
                sync: try PayloadCoding.decode(ResidentSync.self, from: Array(payload.utf8)))
        }
    }

    // MARK: Transfers

    static func note(
        _ profile: TransferProfile, of sync: ResidentSync, as change: ChangeMeaning, at: Instant,
        _ database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO transfer(addresseeNumber, version, profile, recipient, legalBasis,
                    businessTask, change, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            sync.addresseeNumber, sync.recordVersion, profile.profile,
            profile.recipient.rawValue, profile.legalBasis, profile.businessTask,
            change.rawValue, at.rfc3339,
        ])
    }

    /// Whether this version went out by this profile after the transfer numbered `number`.
    static func wasSent(
        _ sync: ResidentSync, by profile: TransferProfile, since number: Int64,
        _ database: Database
    ) throws -> Bool {
        try Int.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT 1 FROM transfer
                    WHERE addresseeNumber = ? AND version = ? AND profile = ? AND number > ?
                    """),
            arguments: [sync.addresseeNumber, sync.recordVersion, profile.profile, number]) != nil
    }

    static func lastTransfer(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT max(number) FROM transfer") ?? 0
    }

    static func acknowledged(
        _ ack: TransferAck, by recipient: ParticipantID, _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE transfer SET result = ? WHERE addresseeNumber = ? AND version = ? AND recipient = ?
                """,
            arguments: [ack.result, ack.addresseeNumber, ack.recordVersion, recipient.rawValue])
    }

    // MARK: Resync from the register

    /// True once: a store without data and without an earlier wish is new or was lost.
    static func needsResync(_ database: Database) throws -> Bool {
        try Int.fetchOne(
            database,
            sql: """
                SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM resync)
                    AND NOT EXISTS (SELECT 1 FROM resident)
                """) != nil
    }

    static func noteResync(_ id: String, state: String, sent: Int64?, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO resync VALUES (?, ?, ?)", arguments: [id, state, sent])
    }
}
