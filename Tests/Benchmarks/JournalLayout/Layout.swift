import Crypto
import Foundation

/// A way to lay one group commit out in tables.
protocol Layout: AnyObject {
    func append(first: Int64, records: [[UInt8]]) throws
    func settle(first: Int64, count: Int) throws
}

let envelopeLength = 384

/// One sealed row per message, one row per recipient, one index entry per number.
final class RowLayout: Layout {
    private let connection: Connection
    private let key = SymmetricKey(size: .bits256)
    private var previous = [UInt8](repeating: 0, count: 32)

    init(_ connection: Connection) throws {
        self.connection = connection
        try connection.execute(
            """
            CREATE TABLE message(position INTEGER PRIMARY KEY, producer INT, incarnation INT,
              sequence INT, lane INT, tag BLOB, digest BLOB, key_id TEXT, envelope BLOB);
            CREATE TABLE content(position INTEGER PRIMARY KEY, sealed BLOB);
            CREATE UNIQUE INDEX number ON message(producer, incarnation, sequence);
            CREATE TABLE inbound(subscription INT, position INT, PRIMARY KEY(subscription, position))
              WITHOUT ROWID;
            CREATE TABLE block(number INTEGER PRIMARY KEY, hash BLOB);
            """)
    }

    func append(first: Int64, records: [[UInt8]]) throws {
        let message = try connection.statement("INSERT INTO message VALUES(?,?,?,?,?,?,?,?,?)")
        let content = try connection.statement("INSERT INTO content VALUES(?,?)")
        let inbound = try connection.statement("INSERT INTO inbound VALUES(?,?)")
        var chain = SHA256()
        chain.update(data: previous)
        for (index, record) in records.enumerated() {
            let position = first + Int64(index)
            let salt = unsafe SymmetricKey(size: .bits128).withUnsafeBytes { unsafe Array($0) }
            let digest = salted(salt, record)
            chain.update(data: digest)
            let sealed = try AES.GCM.seal(
                salt + record[envelopeLength...], using: key,
                authenticating: Data("z\(position)".utf8))
            let combined = sealed.combined ?? Data()
            try unsafe record.withUnsafeBytes { bytes in
                for (column, value) in [position, 1, 7, position, 99].enumerated() {
                    message.bind(Int32(column + 1), value)
                }
                try unsafe digest.withUnsafeBytes { digest in
                    unsafe message.bind(6, UnsafeRawBufferPointer(rebasing: digest[0..<16]))
                    unsafe message.bind(7, digest)
                    unsafe message.bind(8, UnsafeRawBufferPointer(rebasing: bytes[0..<16]))
                    unsafe message.bind(
                        9, UnsafeRawBufferPointer(rebasing: bytes[0..<envelopeLength]))
                    try message.run()
                }
            }
            content.bind(1, position)
            try unsafe combined.withUnsafeBytes {
                unsafe content.bind(2, $0)
                try content.run()
            }
            inbound.bind(1, 5)
            inbound.bind(2, position)
            try inbound.run()
        }
        previous = Array(chain.finalize())
        let block = try connection.statement("INSERT INTO block VALUES(?,?)")
        block.bind(1, first)
        try unsafe previous.withUnsafeBytes {
            unsafe block.bind(2, $0)
            try block.run()
        }
    }

    func settle(first: Int64, count: Int) throws {
        for sql in [
            "DELETE FROM inbound WHERE subscription=5 AND position BETWEEN ? AND ?",
            "DELETE FROM content WHERE position BETWEEN ? AND ?",
        ] {
            let statement = try connection.statement(sql)
            statement.bind(1, first)
            statement.bind(2, first + Int64(count) - 1)
            try statement.run()
        }
    }
}

/// One evidence block and one sealed chunk per group commit, with a row per subscription and block.
final class ChunkLayout: Layout {
    private let connection: Connection
    private let key = SymmetricKey(size: .bits256)
    private var previous = [UInt8](repeating: 0, count: 32)
    private var entries: [UInt8] = []
    private var plain: [UInt8] = []

    init(_ connection: Connection) throws {
        self.connection = connection
        try connection.execute(
            """
            CREATE TABLE block(number INTEGER PRIMARY KEY, count INT, committed_at INT, previous BLOB,
              hash BLOB, entries BLOB);
            CREATE TABLE content(block INT, key_id TEXT, sealed BLOB, UNIQUE(block, key_id));
            CREATE TABLE inbound(subscription INT, block INT, PRIMARY KEY(subscription, block))
              WITHOUT ROWID;
            CREATE INDEX inbound_block ON inbound(block);
            CREATE TABLE number_range(producer INT, incarnation INT, first INT, last INT, block INT,
              PRIMARY KEY(producer, incarnation, first)) WITHOUT ROWID;
            """)
    }

    func append(first: Int64, records: [[UInt8]]) throws {
        entries.removeAll(keepingCapacity: true)
        plain.removeAll(keepingCapacity: true)
        let salts = unsafe SymmetricKey(size: .init(bitCount: 128 * records.count))
            .withUnsafeBytes { unsafe Array($0) }
        for (index, record) in records.enumerated() {
            let salt = Array(salts[index * 16..<index * 16 + 16])
            entries += salted(salt, record)
            entries += [1, 7, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0] + salt
            entries += record[0..<envelopeLength]
            plain += salt
            plain += record[envelopeLength...]
        }
        let sealed = try AES.GCM.seal(plain, using: key, authenticating: Data("z\(first)".utf8))
        let combined = sealed.combined ?? Data()
        var chain = SHA256()
        chain.update(data: previous)
        chain.update(data: entries)
        let hash = Array(chain.finalize())
        let block = try connection.statement("INSERT INTO block VALUES(?,?,?,?,?,?)")
        try unsafe entries.withUnsafeBytes { entries in
            try unsafe previous.withUnsafeBytes { previous in
                try unsafe hash.withUnsafeBytes { hash in
                    block.bind(1, first)
                    block.bind(2, Int64(records.count))
                    block.bind(3, 0)
                    unsafe block.bind(4, previous)
                    unsafe block.bind(5, hash)
                    unsafe block.bind(6, entries)
                    try block.run()
                }
            }
        }
        previous = hash
        let content = try connection.statement(
            "INSERT INTO content VALUES(?,'standard-20990101',?)")
        content.bind(1, first)
        try unsafe combined.withUnsafeBytes {
            unsafe content.bind(2, $0)
            try content.run()
        }
        let inbound = try connection.statement("INSERT INTO inbound VALUES(5,?)")
        inbound.bind(1, first)
        try inbound.run()
        let range = try connection.statement("INSERT INTO number_range VALUES(1,7,?,?,?)")
        range.bind(1, first)
        range.bind(2, first + Int64(records.count) - 1)
        range.bind(3, first)
        try range.run()
    }

    func settle(first: Int64, count: Int) throws {
        for sql in [
            "DELETE FROM inbound WHERE subscription=5 AND block<=?",
            "DELETE FROM content WHERE block=? AND NOT EXISTS(SELECT 1 FROM inbound i WHERE i.block=content.block)",
        ] {
            let statement = try connection.statement(sql)
            statement.bind(1, first)
            try statement.run()
        }
    }
}

/// SHA-256(salt ‖ SHA-256(record)), as the evidence carries it.
func salted(_ salt: [UInt8], _ record: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: salt)
    hash.update(data: Array(SHA256.hash(data: record)))
    return Array(hash.finalize())
}
