import GRDB
import GRDBSQLite

/// A prepared statement of the commit path (準備済命令), bound without copies.
///
/// GRDB prepares and owns it; values are bound through SQLite's own functions, and blobs are lent for
/// the step. Every call returns through one check.
@safe final class BoundStatement {
    private let statement: Statement
    private let pointer: SQLiteStatement
    private let database: SQLiteConnection?

    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
        unsafe pointer = unsafe statement.sqliteStatement
        unsafe self.database = unsafe database.sqliteConnection
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Self {
        unsafe sqlite3_bind_int64(pointer, index, value)
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: UInt64) -> Self { bind(index, Int64(bitPattern: value)) }

    @discardableResult
    func bind(_ index: Int32, _ value: PartyNumber) -> Self { bind(index, Int64(value.rawValue)) }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Self {
        if let value { return bind(index, value) }
        unsafe sqlite3_bind_null(pointer, index)
        return self
    }

    /// Copies the text: it is short.
    @discardableResult
    func bind(_ index: Int32, _ value: String?) -> Self {
        guard var value else {
            unsafe sqlite3_bind_null(pointer, index)
            return self
        }
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        value.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) {
                _ = unsafe sqlite3_bind_text(
                    pointer, index, $0.baseAddress, Int32($0.count), copied)
            }
        }
        return self
    }

    /// Lends the bytes until the next ``run()``, which must come before they go.
    @discardableResult
    func lend(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Self {
        if bytes.count == 0 {
            unsafe sqlite3_bind_zeroblob(pointer, index, 0)
        } else {
            unsafe sqlite3_bind_blob64(pointer, index, bytes.baseAddress, UInt64(bytes.count), nil)
        }
        return self
    }

    /// Copies the bytes.
    @discardableResult
    func copy(_ index: Int32, _ bytes: [UInt8]) -> Self {
        let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        unsafe bytes.withUnsafeBytes {
            if $0.count == 0 {
                _ = unsafe sqlite3_bind_zeroblob(pointer, index, 0)
            } else {
                _ = unsafe sqlite3_bind_blob64(
                    pointer, index, $0.baseAddress, UInt64($0.count), copied)
            }
        }
        return self
    }

    /// Runs a statement that returns no rows.
    func run() throws(JournalError) {
        let code = unsafe sqlite3_step(pointer)
        unsafe sqlite3_reset(pointer)
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw failure(code) }
    }

    /// Runs a query and hands each row to `body`, which reads its whole-number columns.
    func rows(_ body: ((Int32) -> Int64) -> Void) throws(JournalError) {
        while true {
            let code = unsafe sqlite3_step(pointer)
            guard code == SQLITE_ROW else {
                unsafe sqlite3_reset(pointer)
                guard code == SQLITE_DONE else { throw failure(code) }
                return
            }
            body { unsafe sqlite3_column_int64(pointer, $0) }
        }
    }

    private func failure(_ code: Int32) -> JournalError {
        unsafe JournalError(sqlite: code, of: database, "step")
    }
}

extension JournalError {
    init(sqlite code: Int32, of database: SQLiteConnection?, _ operation: String) {
        let extended = unsafe database.map { unsafe sqlite3_extended_errcode($0) } ?? code
        let text = unsafe database.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? ""
        let kind: Code =
            switch code & 0xFF {
            case SQLITE_FULL: .full
            case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
            default: .storage
            }
        self.init(kind, operation, "sqlite \(extended): \(text)")
    }

    /// What GRDB threw, in the journal's terms.
    init(_ error: any Error, _ operation: String) {
        if let error = error as? JournalError {
            self = error
        } else if let error = error as? DatabaseError {
            let code = error.resultCode
            let kind: Code =
                code == .SQLITE_FULL
                ? .full : code == .SQLITE_CORRUPT || code == .SQLITE_NOTADB ? .damaged : .storage
            self.init(
                kind, operation,
                "sqlite \(error.extendedResultCode.rawValue): \(error.message ?? "")")
        } else {
            self.init(.storage, operation, "\(type(of: error))")
        }
    }
}
