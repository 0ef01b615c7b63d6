import Foundation
import GRDB
import Messaging

/// The journal's tables and settings (台帳の表): opening, making and upgrading them.
///
/// Format 1. Upgrades are GRDB migrations; a file of a newer format is refused, and going back means
/// restoring a backup (design §5, Restore).
enum SchemaStore {
    static let format = 1
    static let pageSize = 8192
    /// How long a statement waits for another connection's lock.
    static let busySeconds = 5

    static func open(_ configuration: JournalConfiguration) throws -> DatabaseQueue {
        var settings = Configuration()
        settings.label = "journal.writer"
        settings.journalMode = .wal
        settings.busyMode = .timeout(Double(busySeconds))
        settings.prepareDatabase { database in
            for pragma in [
                "page_size=\(pageSize)", "secure_delete=ON", "temp_store=MEMORY",
                "cache_size=-\(configuration.cacheKiB)", "wal_autocheckpoint=0",
                "journal_size_limit=\(configuration.walLimitBytes)",
            ] { try database.execute(sql: "PRAGMA \(pragma)") }
        }
        let queue = try DatabaseQueue(
            path: configuration.directory + "/hub.sqlite", configuration: settings)
        // GRDB sets NORMAL when it turns WAL on, after prepareDatabase (design §10).
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous=FULL") }
        return queue
    }

    /// A connection that can only read.
    static func openReading(_ directory: String, label: String) throws -> DatabaseQueue {
        var settings = Configuration()
        settings.label = label
        settings.readonly = true
        settings.busyMode = .timeout(Double(busySeconds))
        return try DatabaseQueue(path: directory + "/hub.sqlite", configuration: settings)
    }

    /// The settings as SQLite reports them back.
    static func settings(_ database: Database) throws -> SafetySettings {
        SafetySettings(
            synchronous: try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1,
            journalMode: try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "",
            secureDelete: try Int.fetchOne(database, sql: "PRAGMA secure_delete") ?? -1,
            automaticCheckpoint: try Int.fetchOne(database, sql: "PRAGMA wal_autocheckpoint") ?? -1,
            pageSize: try Int.fetchOne(database, sql: "PRAGMA page_size") ?? -1)
    }

    /// Refuses a newer format, then brings an older or empty file to the present one.
    static func migrate(_ queue: DatabaseQueue, zone: ZoneID, incarnation: UInt64) throws {
        try queue.read { database in
            guard try database.tableExists("meta") else { return }
            let found = try meta(database, "format").flatMap { Int($0) } ?? 0
            guard found <= format else {
                throw JournalError(
                    .newerFormat, "open", "format \(found) is newer than this software's \(format)")
            }
        }
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: tables)
            for (key, value) in [
                ("format", "\(format)"), ("zone", zone.rawValue),
                ("incarnation", Hexadecimal.text(incarnation)),
            ] {
                try database.execute(
                    sql: "INSERT INTO meta(key, value) VALUES(?, ?)", arguments: [key, value])
            }
        }
        try migrator.migrate(queue)
    }

    static func meta(_ database: Database, _ key: String) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key=?", arguments: [key])
    }

    /// `content.slot` is the block's number plus the key's index in it: a block has no more keys than
    /// messages, so slots of different blocks never meet.
    private static let tables = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE party(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE producer(party INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL,
          last_sequence INTEGER NOT NULL);
        CREATE TABLE epoch(party INTEGER PRIMARY KEY, epoch INTEGER NOT NULL);
        CREATE TABLE block(number INTEGER PRIMARY KEY, count INTEGER NOT NULL,
          committed_at INTEGER NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
          entries BLOB NOT NULL);
        CREATE TABLE content(slot INTEGER PRIMARY KEY, key_id TEXT NOT NULL,
          key_check INTEGER NOT NULL, sealed BLOB NOT NULL);
        CREATE TABLE inbound(subscription INTEGER NOT NULL, block INTEGER NOT NULL,
          PRIMARY KEY(subscription, block)) WITHOUT ROWID;
        CREATE INDEX inbound_block ON inbound(block);
        CREATE TABLE number_range(producer INTEGER NOT NULL, incarnation INTEGER NOT NULL,
          first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL, block INTEGER NOT NULL,
          PRIMARY KEY(producer, incarnation, first_sequence)) WITHOUT ROWID;
        CREATE TABLE subscription(party INTEGER PRIMARY KEY, floor INTEGER NOT NULL,
          settled BLOB NOT NULL);
        CREATE TABLE exception(subscription INTEGER NOT NULL, position INTEGER NOT NULL,
          lanes BLOB NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL, expiry INTEGER,
          key_id TEXT NOT NULL, key_check INTEGER NOT NULL, sealed BLOB NOT NULL,
          PRIMARY KEY(subscription, position)) WITHOUT ROWID;
        CREATE TABLE exception_lane(subscription INTEGER NOT NULL, lane INTEGER NOT NULL,
          position INTEGER NOT NULL, PRIMARY KEY(subscription, lane, position)) WITHOUT ROWID;
        CREATE TABLE lane(subscription INTEGER NOT NULL, lane INTEGER NOT NULL,
          state INTEGER NOT NULL, until INTEGER, failures INTEGER NOT NULL,
          suspect INTEGER NOT NULL, since INTEGER NOT NULL, code TEXT NOT NULL,
          head_position INTEGER NOT NULL, PRIMARY KEY(subscription, lane)) WITHOUT ROWID;
        CREATE TABLE dead_letter(subscription INTEGER NOT NULL, position INTEGER NOT NULL,
          lane INTEGER, since INTEGER NOT NULL, code TEXT NOT NULL, failures INTEGER NOT NULL,
          resolved_at INTEGER, resolution INTEGER, operator TEXT, reason TEXT,
          PRIMARY KEY(subscription, position)) WITHOUT ROWID;
        """
}

/// The settings that durability and erasure rest on (安全設定), as SQLite reports them.
package struct SafetySettings: Hashable, Sendable {
    /// 2 is FULL.
    package var synchronous: Int
    package var journalMode: String
    /// 1 is ON.
    package var secureDelete: Int
    package var automaticCheckpoint: Int
    package var pageSize: Int

    var isSafe: Bool { synchronous == 2 && journalMode == "wal" && secureDelete == 1 }
}
