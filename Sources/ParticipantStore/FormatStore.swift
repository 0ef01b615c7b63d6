import GRDB
import Messaging

/// The version and owner of a participant's database (格納形式).
///
/// Rules of change: additive changes are new migrations; a change that an older program cannot read raises ``current``,
/// and an older program refuses the file (`format-newer`) instead of guessing. Going back means restoring the backup
/// taken before the upgrade; a restored database gets new incarnations (``DurableStore/markRestored()``).
enum FormatStore {
    static let current = 1

    static func register(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("bus 1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE bus_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE bus_zone(
                        zone TEXT PRIMARY KEY,
                        incarnation INTEGER NOT NULL,       -- of this database towards this zone; new at each restore
                        last_sequence INTEGER NOT NULL,     -- last number given, without gaps from 1
                        highest_answered INTEGER NOT NULL,  -- highest number the hub has acknowledged or refused
                        hub_incarnation INTEGER,            -- of the hub's journal, as last welcomed
                        settled_floor INTEGER NOT NULL,
                        anchor_block INTEGER, anchor_head BLOB
                    ) WITHOUT ROWID;
                    CREATE TABLE bus_outbox(
                        id INTEGER PRIMARY KEY,
                        zone TEXT NOT NULL,
                        lane INTEGER,                       -- keyed hash of the order key; NULL: its own lane
                        state INTEGER NOT NULL,             -- 0 waiting, 1 numbered, 2 refused, 3 acknowledged, 4 released
                        sequence INTEGER,
                        topic TEXT NOT NULL, recipients TEXT NOT NULL, step TEXT,
                        keep INTEGER NOT NULL,
                        envelope BLOB NOT NULL, key_id TEXT NOT NULL, sealed BLOB,
                        position INTEGER, refusal TEXT, pointer TEXT, at INTEGER NOT NULL
                    );
                    CREATE INDEX bus_outbox_lane ON bus_outbox(zone, lane, id)
                        WHERE lane IS NOT NULL AND state < 3;
                    CREATE UNIQUE INDEX bus_outbox_number ON bus_outbox(zone, sequence) WHERE state = 1;
                    CREATE INDEX bus_outbox_kept ON bus_outbox(zone, sequence) WHERE state = 3;
                    CREATE INDEX bus_outbox_refused ON bus_outbox(zone, sequence) WHERE state = 2;
                    CREATE TABLE bus_source(
                        id INTEGER PRIMARY KEY,
                        zone TEXT NOT NULL, source TEXT NOT NULL, incarnation INTEGER NOT NULL,
                        UNIQUE(zone, source, incarnation)
                    );
                    CREATE TABLE bus_inbox(
                        source INTEGER NOT NULL, sequence INTEGER NOT NULL, position INTEGER NOT NULL,
                        PRIMARY KEY(source, sequence)
                    ) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("bus 2") { database in
            try database.execute(
                sql: """
                    -- What hubs' operators asked to be issued anew (差替え依頼); the owner's staff act on it.
                    CREATE TABLE bus_replacement(
                        message TEXT PRIMARY KEY, zone TEXT NOT NULL, request TEXT NOT NULL,
                        at INTEGER NOT NULL
                    ) WITHOUT ROWID
                    """)
        }
    }

    /// Writes the owner at creation; later refuses a newer format (`format-newer`) and another owner
    /// (`participant-mismatch`).
    static func claim(
        participant: ParticipantID, organisation: OrganisationCode, _ database: Database
    ) throws {
        let rows = try Row.fetchAll(database, sql: "SELECT key, value FROM bus_meta")
        var known: [String: String] = [:]
        for row in rows { known[row["key"]] = row["value"] }
        let wanted = [
            "format": String(current), "participant": participant.rawValue,
            "organisation": organisation.rawValue,
        ]
        guard !known.isEmpty else {
            for (key, value) in wanted {
                try database.execute(
                    sql: "INSERT INTO bus_meta(key, value) VALUES (?, ?)", arguments: [key, value])
            }
            return
        }
        guard let format = known["format"].flatMap({ Int($0) }), format <= current else {
            throw StoreError(
                "format-newer", "opening a database of format \(known["format"] ?? "?")")
        }
        guard known["participant"] == wanted["participant"],
            known["organisation"] == wanted["organisation"]
        else {
            throw StoreError(
                "participant-mismatch", "opening a database of \(known["participant"] ?? "?")")
        }
    }

    private static let neverBackedUpKey = "never-backed-up"

    /// Notes beside the data which tables no backup may hold (R-093), so that a backup needs the file only.
    static func declare(neverBackedUp tables: [String], _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO bus_meta(key, value) VALUES (?, ?)",
            arguments: [neverBackedUpKey, tables.sorted().joined(separator: ",")])
    }

    /// What ``declare(neverBackedUp:_:)`` noted; nil in a database no such program has opened yet.
    static func neverBackedUp(_ database: Database, schema: String) throws -> Set<String>? {
        try String.fetchOne(
            database, sql: "SELECT value FROM \(schema).bus_meta WHERE key = ?",
            arguments: [neverBackedUpKey]
        ).map { Set($0.split(separator: ",").map(String.init)) }
    }

    /// Asserts what the guarantees rest on, after GRDB has opened the file: it sets `synchronous=NORMAL` itself
    /// when it turns WAL on (design §10).
    static func harden(_ database: Database) throws {
        try database.execute(
            sql: """
                PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864
                """)
        guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
            throw StoreError("synchronous-not-full", "asserting synchronous=FULL")
        }
        guard try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal" else {
            throw StoreError("journal-mode", "asserting journal_mode=WAL")
        }
        guard try Int.fetchOne(database, sql: "PRAGMA secure_delete") == 1 else {
            throw StoreError("secure-delete", "asserting secure_delete=ON")
        }
    }
}
