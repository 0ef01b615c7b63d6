import GRDBSQLite

/// What SQLite refused to do, in its own words.
struct SQLiteFailure: Error { let operation: String, code: Int32 }

/// One plain connection in the journal's settings, so that only the layouts differ.
@safe final class Connection {
    private var handle: OpaquePointer?
    private var statements: [String: Statement] = [:]

    init(path: String, pageSize: Int) throws {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(operation: "open", code: code) }
        try execute("PRAGMA page_size=\(pageSize)")
        for pragma in [
            "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "secure_delete=ON",
            "cache_size=-32768", "journal_size_limit=67108864", "locking_mode=NORMAL",
        ] { try execute("PRAGMA \(pragma)") }
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    func execute(_ sql: String) throws {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(operation: sql, code: code) }
    }

    func statement(_ sql: String) throws -> Statement {
        if let cached = statements[sql] { return cached }
        var pointer: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer = unsafe pointer else {
            throw SQLiteFailure(operation: sql, code: code)
        }
        let statement = unsafe Statement(pointer)
        statements[sql] = statement
        return statement
    }
}

/// One prepared statement; bound blobs are lent for the step only.
@safe final class Statement {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
    deinit { unsafe sqlite3_finalize(pointer) }

    func bind(_ index: Int32, _ value: Int64) { unsafe sqlite3_bind_int64(pointer, index, value) }

    func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        unsafe sqlite3_bind_blob64(pointer, index, bytes.baseAddress, UInt64(bytes.count), nil)
    }

    func run() throws {
        let code = unsafe sqlite3_step(pointer)
        unsafe sqlite3_reset(pointer)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            throw SQLiteFailure(operation: "step", code: code)
        }
    }
}
