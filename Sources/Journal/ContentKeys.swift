import Crypto
import Foundation
package import Messaging
import Synchronization

/// The keys that content is sealed under (内容鍵), one file each, apart from the data.
///
/// A file holds 32 random bytes, mode 0600, and is durable before its first use. Destroying a key
/// erases every copy of what was sealed under it (design §7). Safe on several threads.
package final class ContentKeys: Sendable {
    private let directory: String
    private let cache = Mutex<[ContentKeyID: ContentKey]>([:])

    package init(directory: String) throws(JournalError) {
        try SystemFiles.makeDirectory(directory)
        self.directory = directory
    }

    /// The key of that name, made if there is none yet.
    func forSealing(_ id: ContentKeyID) throws -> ContentKey {
        try cache.withLock { cache in
            if let key = cache[id] { return key }
            if let key = try load(id) {
                cache[id] = key
                return key
            }
            let bytes = try SystemFiles.random(32)
            try SystemFiles.writeNew(bytes, directory: directory, name: id.rawValue)
            let key = ContentKey(bytes)
            cache[id] = key
            return key
        }
    }

    /// The key of that name, or nil: destroyed.
    func forOpening(_ id: ContentKeyID) throws -> ContentKey? {
        try cache.withLock { cache in
            if let key = cache[id] { return key }
            let key = try load(id)
            if let key { cache[id] = key }
            return key
        }
    }

    /// Erases the key. False if there was none.
    @discardableResult
    package func destroy(_ id: ContentKeyID) throws -> Bool {
        try cache.withLock { cache in
            cache[id] = nil
            return try SystemFiles.destroy(directory: directory, name: id.rawValue)
        }
    }

    /// Names of all keys whose day lies before `day`, in order: what is due for destruction.
    package func due(before day: CivilDate) throws -> [ContentKeyID] {
        try all().filter { $0.rawValue.suffix(8) < day.date8 }
    }

    package func all() throws -> [ContentKeyID] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted().compactMap {
            ContentKeyID($0)
        }
    }

    private func load(_ id: ContentKeyID) throws(JournalError) -> ContentKey? {
        guard let bytes = try SystemFiles.read(directory + "/" + id.rawValue, limit: 64) else {
            return nil
        }
        guard bytes.count == 32 else {
            throw JournalError(.key, "read key \(id)", "it does not have 32 bytes")
        }
        return ContentKey(bytes)
    }
}

/// One loaded key and the number by which a body tells whether it is the right one.
struct ContentKey: Sendable {
    let symmetric: SymmetricKey
    /// From SHA-256 of a label and the key; tells a new key of an old name from damage.
    let check: Int64

    init(_ bytes: [UInt8]) {
        symmetric = SymmetricKey(data: bytes)
        let digest = SHA256.hash(data: Array("jukihub content key\0".utf8) + bytes)
        var value: UInt64 = 0
        for byte in digest.prefix(8) { value = value << 8 | UInt64(byte) }
        check = Int64(bitPattern: value)
    }
}
