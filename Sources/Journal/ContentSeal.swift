import Crypto
import Foundation
import Messaging

/// How payloads are sealed (内容封緘): those of one block under one key in one AES-256-GCM.
///
/// The plain text is, per message: index in the block u32 ‖ salt 16 ‖ length u32 ‖ payload, all
/// big-endian. Associated data is `zone ‖ 0 ‖ block u64 ‖ key name`, and for the copy of an exception
/// `zone ‖ 1 ‖ subscription u32 ‖ position u64 ‖ key name`, so that no body can stand in another's place.
struct ContentSeal {
    static let saltBytes = 16
    static let headBytes = 4 + saltBytes + 4

    private let zone: [UInt8]

    init(_ zone: ZoneID) { self.zone = Array(zone.rawValue.utf8) }

    func blockContext(_ block: UInt64, _ key: ContentKeyID) -> [UInt8] {
        zone + [0] + Self.bytes(block) + Array(key.rawValue.utf8)
    }

    func exceptionContext(_ key: ExceptionKey, _ id: ContentKeyID) -> [UInt8] {
        zone + [1] + Self.bytes(UInt64(key.subscription.rawValue)).suffix(4)
            + Self.bytes(key.position.rawValue) + Array(id.rawValue.utf8)
    }

    /// nonce ‖ ciphertext ‖ tag.
    func seal(_ plain: UnsafeRawBufferPointer, _ key: ContentKey, _ context: [UInt8]) throws -> Data
    {
        let box = try unsafe AES.GCM.seal(plain, using: key.symmetric, authenticating: context)
        guard let combined = box.combined else {
            throw JournalError(.storage, "seal", "no combined form for a twelve-byte nonce")
        }
        return combined
    }

    /// Throws if it does not authenticate.
    func open(_ sealed: Data, _ key: ContentKey, _ context: [UInt8]) throws -> [UInt8] {
        Array(
            try AES.GCM.open(
                AES.GCM.SealedBox(combined: sealed), using: key.symmetric, authenticating: context))
    }

    /// Takes an opened content apart.
    static func parts(_ plain: [UInt8]) -> [Int: ContentPart]? {
        var parts: [Int: ContentPart] = [:]
        var offset = 0
        while offset < plain.count {
            guard plain.count - offset >= headBytes else { return nil }
            let index = Int(word(plain, offset))
            let length = Int(word(plain, offset + 4 + saltBytes))
            let start = offset + headBytes
            guard plain.count - start >= length else { return nil }
            parts[index] = ContentPart(
                salt: Array(plain[offset + 4..<offset + 4 + saltBytes]),
                payload: Array(plain[start..<start + length]))
            offset = start + length
        }
        return parts
    }

    /// SHA-256(salt ‖ content digest), the only digest the evidence carries.
    static func saltedDigest(_ salt: UnsafeRawBufferPointer, _ content: Digest32) -> Digest32 {
        var hash = SHA256()
        unsafe hash.update(bufferPointer: salt)
        unsafe withUnsafeBytes(
            of: (
                content.words.0.bigEndian, content.words.1.bigEndian, content.words.2.bigEndian,
                content.words.3.bigEndian
            )
        ) { unsafe hash.update(bufferPointer: $0) }
        return digest(hash.finalize())
    }

    /// SHA-256 of a record, as ``AppendedMessage/contentDigest`` wants it.
    static func contentDigest(of record: [UInt8]) -> Digest32 { digest(SHA256.hash(data: record)) }

    static func digest(_ value: SHA256.Digest) -> Digest32 {
        unsafe value.withUnsafeBytes { bytes in
            let words = unsafe (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            )
            return Digest32(
                words: (
                    UInt64(bigEndian: words.0), UInt64(bigEndian: words.1),
                    UInt64(bigEndian: words.2), UInt64(bigEndian: words.3)
                ))
        }
    }

    static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
    }
}

/// One message's share of an opened content.
struct ContentPart {
    let salt: [UInt8]
    let payload: [UInt8]
}
