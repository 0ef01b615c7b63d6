import GRDB
import GRDBSQLite
import Synchronization

/// How long the write-ahead log is (WALの長さ), as the writer's last commit left it.
final class WALGauge: Sendable {
    let frames = Atomic<Int>(0)

    /// Has SQLite report the length after every commit of this connection. The gauge must outlive it.
    func watch(_ database: Database) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_wal_hook(
            database.sqliteConnection,
            { context, _, _, frames in
                if let context = unsafe context {
                    let gauge = unsafe Unmanaged<WALGauge>.fromOpaque(context).takeUnretainedValue()
                    gauge.frames.store(Int(frames), ordering: .relaxed)
                }
                return SQLITE_OK
            }, context)
    }

    var byteCount: Int { frames.load(ordering: .relaxed) * (SchemaStore.pageSize + 24) }
}

/// Moves the log into the database off the writer's path (チェックポイント), on a connection of its own.
final class Checkpointer: Sendable {
    private let queue: DatabaseQueue
    private let gauge: WALGauge

    init(_ configuration: JournalConfiguration, gauge: WALGauge) throws {
        var settings = Configuration()
        settings.label = "journal.checkpoint"
        settings.busyMode = .timeout(1)
        settings.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous=FULL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint=0")
            try database.execute(sql: "PRAGMA secure_delete=ON")
        }
        queue = try DatabaseQueue(
            path: configuration.directory + "/hub.sqlite", configuration: settings)
        self.gauge = gauge
    }

    /// Copies what is in the log and waits for nobody. Done completely, the writer's next commit
    /// starts the log again from its beginning. Where the writer is copying itself, it is left to it.
    func passive() throws {
        let before = gauge.frames.load(ordering: .relaxed)
        let result: (walFrameCount: Int, checkpointedFrameCount: Int)
        do {
            result = try queue.writeWithoutTransaction { try $0.checkpoint(.passive) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return
        }
        if result.walFrameCount == result.checkpointedFrameCount {
            _ = gauge.frames.compareExchange(expected: before, desired: 0, ordering: .relaxed)
        }
    }

    /// On the writer's own connection, between two commits: copies what is left and lets the next
    /// commit start the log again. Throws when readers are still in the way after `patience` ms.
    static func restart(_ database: Database, patience: Int) throws {
        unsafe sqlite3_busy_timeout(database.sqliteConnection, Int32(patience))
        defer {
            unsafe sqlite3_busy_timeout(
                database.sqliteConnection, Int32(SchemaStore.busySeconds * 1000))
        }
        _ = try database.checkpoint(.restart)
    }

    /// Copies everything, waits for writer and readers, and cuts the log to nothing.
    func truncate() throws {
        _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        gauge.frames.store(0, ordering: .relaxed)
    }
}
