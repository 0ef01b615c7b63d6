import Crypto
import FoundationEssentials
import Messaging

/// The seal on outgoing bodies (電文本体の封緘): AES-256-GCM with random nonces, row and route as associated data.
///
/// Keeps 個人番号 out of the database file (design §7); the key lives apart from the data, its id stands beside each body.
struct PayloadSeal {
    /// Names the key, not the key: eight bytes of a hash over a derived value.
    let keyID: String
    private let bodyKey: SymmetricKey
    private let laneKey: SymmetricKey

    /// Accepts 32 bytes; throws `sealing-key` otherwise.
    init(key bytes: [UInt8]) throws(StoreError) {
        guard bytes.count == 32 else {
            throw StoreError("sealing-key", "a store key has 32 bytes")
        }
        let root = SymmetricKey(data: bytes)
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: root, info: Array("jukihub store \(purpose) 1".utf8),
                outputByteCount: 32)
        }
        bodyKey = derived("body")
        laneKey = derived("lane")
        // The bytes do not outlive the closure; a name derived for this purpose says nothing about the other keys.
        keyID = unsafe derived("key id").withUnsafeBytes { key in
            Hexadecimal.text(unsafe Array(key.prefix(8)))
        }
    }

    func seal(_ payload: [UInt8], bound route: [UInt8]) throws -> Data {
        let box = try AES.GCM.seal(payload, using: bodyKey, authenticating: route)
        guard let combined = box.combined else {
            throw StoreError("sealing-key", "a sealed body with a standard nonce")
        }
        return combined
    }

    /// Throws `body-unreadable` when the body was not sealed with this key for this route.
    func open(_ sealed: Data, bound route: [UInt8]) throws -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return try Array(AES.GCM.open(box, using: bodyKey, authenticating: route))
        } catch {
            throw StoreError("body-unreadable", "opening an outgoing body with key \(keyID)")
        }
    }

    /// The outbox lane of an order key (送信側の対象者別処理順): keyed, so that no identifier stands in the bus tables.
    func lane(of orderKey: String, in zone: ZoneID) -> Int64 {
        var mac = HMAC<SHA256>(key: laneKey)
        mac.update(data: Array(zone.rawValue.utf8))
        mac.update(data: [0])
        mac.update(data: Array(orderKey.utf8))
        return mac.finalize().prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
