import Crypto
package import FoundationEssentials
package import Messaging
import SwiftASN1
import X509

/// What the LGWAN terminal verifies signatures with (署名検証, R-045): the certificate of the authority it trusts and its
/// list of revoked certificates. No secret is in it.
package struct SignatureTrust: Codable, Hashable, Sendable {
    /// DER.
    package let authority: Data
    package let revocations: RevocationList

    package init(authority: Data, revocations: RevocationList) {
        self.authority = authority
        self.revocations = revocations
    }

    /// Verifies certificate, revocation and signature of an application (有効性確認、改ざん検知) at `time`.
    ///
    /// `application` is what came, `signature` the message's own member; throws what is wrong first.
    package func verify(
        _ application: JSONValue, _ signature: JSONValue?, at time: Instant
    ) throws(SignatureFault) {
        guard let signature, signature != .null else { throw .missing }
        guard let root = try? Certificate(derEncoded: Array(authority)),
            let rootKey = P256.Signing.PublicKey(root.publicKey)
        else { throw .untrusted }
        let (certificate, key) = try Self.certificate(of: signature)
        guard certificate.issuer == root.subject,
            root.publicKey.isValidSignature(certificate.signature, for: certificate),
            Self.maySign(certificate)
        else { throw .untrusted }
        guard revocations.holds(under: rootKey, at: time) else { throw .revocationUnknown }
        let serial = Self.hexadecimal(certificate.serialNumber)
        if revocations.serials.contains(serial) { throw .revoked }
        let now = Date(timeIntervalSince1970: Double(time.nanosecondsSince1970) / 1e9)
        guard certificate.notValidBefore <= now else { throw .notYetValid }
        guard now <= certificate.notValidAfter else { throw .expired }
        guard let value = Self.signatureValue(of: signature) else { throw .malformed }
        guard key.isValidSignature(value, for: CanonicalJSON.bytes(of: application)) else {
            throw .tampered
        }
        guard let name = application["applicant"]?["nameKanji"]?.string,
            let subject = try? SigningAuthority.subject(name), certificate.subject == subject
        else { throw .otherSigner }
    }

    private static func certificate(
        of signature: JSONValue
    ) throws(SignatureFault) -> (Certificate, P256.Signing.PublicKey) {
        guard signature["algorithm"]?.string == "ecdsa-p256-sha256",
            let text = signature["certificate"]?.string, let der = Data(base64Encoded: text),
            let certificate = try? Certificate(derEncoded: Array(der)),
            let key = P256.Signing.PublicKey(certificate.publicKey)
        else { throw .malformed }
        return (certificate, key)
    }

    private static func signatureValue(of signature: JSONValue) -> P256.Signing.ECDSASignature? {
        guard let text = signature["value"]?.string, let der = Data(base64Encoded: text) else {
            return nil
        }
        return try? P256.Signing.ECDSASignature(derRepresentation: der)
    }

    /// A certificate to sign applications with, and none to issue others with.
    private static func maySign(_ certificate: Certificate) -> Bool {
        guard let usage = try? certificate.extensions.keyUsage, usage.digitalSignature else {
            return false
        }
        if case .isCertificateAuthority? = try? certificate.extensions.basicConstraints {
            return false
        }
        return true
    }

    static func hexadecimal(_ serial: Certificate.SerialNumber) -> String {
        serial.bytes.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
    }
}
