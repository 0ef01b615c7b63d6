internal import Crypto
internal import FoundationEssentials

/// Content that one key alone can read (受取人の鍵による暗号化; ).
///
/// HPKE (RFC 9180) in base mode with X25519, HKDF-SHA256 and AES-256-GCM; what it is for and which request it belongs to are
/// bound to it, so that it opens as nothing else.
public struct SealedContent: Hashable, Sendable {
    public enum Purpose: String, Hashable, Sendable {
        /// 情報提供 to the 情報照会者 (C1-03).
        case infoProvision = "jukihub info-provision 1"
        /// 副本 written for a medium (C3).
        case replicaExport = "jukihub replica-export 1"
    }

    /// Why it does not open or close; says nothing about the content.
    public struct Failure: Error, Hashable, Sendable {
        public let code: String
    }

    public let encapsulatedKey: [UInt8]
    public let ciphertext: [UInt8]

    private static let suite = HPKE.Ciphersuite(
        kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)

    public init(encapsulatedKey: [UInt8], ciphertext: [UInt8]) {
        self.encapsulatedKey = encapsulatedKey
        self.ciphertext = ciphertext
    }

    /// Seals `plain` to an X25519 public key; `reference` is the request's number.
    public init(
        _ plain: [UInt8], to publicKey: [UInt8], for purpose: Purpose, reference: String
    ) throws(Failure) {
        do {
            let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
            try Self.checkOrder(of: key)
            var sender = try HPKE.Sender(
                recipientKey: key, ciphersuite: Self.suite, info: Data(purpose.rawValue.utf8))
            ciphertext = Array(try sender.seal(plain, authenticating: Data(reference.utf8)))
            encapsulatedKey = Array(sender.encapsulatedKey)
        } catch {
            throw Failure(code: "public-key-unusable")
        }
    }

    /// The content, for the holder of the private key.
    public func open(
        with privateKey: [UInt8], for purpose: Purpose, reference: String
    ) throws(Failure) -> [UInt8] {
        do {
            let key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: privateKey)
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: Self.suite, info: Data(purpose.rawValue.utf8),
                encapsulatedKey: Data(encapsulatedKey))
            return Array(
                try recipient.open(Data(ciphertext), authenticating: Data(reference.utf8)))
        } catch {
            throw Failure(code: "not-for-this-key")
        }
    }

    /// With a point of small order every secret is zero, so that anybody could read (RFC 9180 §7.1.4); the library leaves
    /// the check to its user.
    private static func checkOrder(of key: Curve25519.KeyAgreement.PublicKey) throws {
        let probe = try Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
        guard !(probe == Data(count: 32)) else { throw Failure(code: "public-key-unusable") }
    }

    /// The X25519 public key of 32 private bytes; nil for another length.
    public static func publicKey(of privateKey: [UInt8]) -> [UInt8]? {
        (try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: privateKey)).map {
            Array($0.publicKey.rawRepresentation)
        }
    }
}
