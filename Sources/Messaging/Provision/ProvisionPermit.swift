internal import Crypto
internal import FoundationEssentials

/// 情報提供許可証: lets one request of one body be answered for a while, signed by the 情報提供ネットワークシステム.
public struct ProvisionPermit: Hashable, Sendable, Codable {
    public let permitId: String
    public let requestId: String
    public let requestingBodyId: String
    public let lawItemNo: String
    public let listVersion: String
    public let issuedAt: Instant
    public let expiresAt: Instant
    /// Ed25519 over ``signedText``, base64url.
    public var signature: String

    public init(
        permitId: String, requestId: String, requestingBodyId: String, lawItemNo: String,
        listVersion: String, issuedAt: Instant, expiresAt: Instant, signedBy privateKey: [UInt8]
    ) {
        self.permitId = permitId
        self.requestId = requestId
        self.requestingBodyId = requestingBodyId
        self.lawItemNo = lawItemNo
        self.listVersion = listVersion
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        signature = ""
        let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey)
        let signed = key.flatMap { try? $0.signature(for: Data(signedText.utf8)) }
        signature = Base64URL.text(signed.map { Array($0) } ?? [])
    }

    /// Every field but the signature, a line each; times as ``Instant/rfc3339`` writes them.
    public var signedText: String {
        [
            "jukihub info-provision permit 1", permitId, requestId, requestingBodyId, lawItemNo,
            listVersion, issuedAt.rfc3339, expiresAt.rfc3339,
        ].joined(separator: "\n")
    }

    /// Whether the holder of `publicKey` (Ed25519) has signed exactly this.
    public func isSigned(by publicKey: [UInt8]) -> Bool {
        guard let bytes = Base64URL.bytes(signature),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        else { return false }
        return key.isValidSignature(Data(bytes), for: Data(signedText.utf8))
    }

    /// The Ed25519 public key of 32 private bytes; nil for another length.
    public static func publicKey(of privateKey: [UInt8]) -> [UInt8]? {
        (try? Curve25519.Signing.PrivateKey(rawRepresentation: privateKey)).map {
            Array($0.publicKey.rawRepresentation)
        }
    }
}
