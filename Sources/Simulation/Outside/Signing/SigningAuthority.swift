import Crypto
import FoundationEssentials
import Messaging
import Platform
import SwiftASN1
import X509

/// The authority that issues 署名用電子証明書 in a lab (試験用認証局), and signs with them as a card would.
///
/// Its key is made with the lab and stands in the lab's own directory; nobody outside trusts it.
package struct SigningAuthority: Sendable {
    let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    /// What certificate an application is signed with (署名用電子証明書の状態).
    package enum Standing: String, CaseIterable, Sendable {
        case valid, expired, revoked, notYetValid
        /// Issued by an authority that nobody trusts.
        case otherAuthority
        /// A valid one, but of somebody else.
        case otherPerson
        /// There is no signature at all.
        case missing
    }

    /// Certificates are valid this long: longer than any lab's clock runs.
    private static let validity = (from: "2020-01-01T00:00:00+09:00", to: "2200-12-31T00:00:00Z")
    private static let expiredAt = "2024-12-31T23:59:59+09:00"
    private static let notBefore = "2199-01-01T00:00:00Z"
    /// The serial of the revoked certificate; every other is drawn.
    private static let revokedSerial: [UInt8] = [0x4A, 0x48, 0x2D, 0x52, 0x45, 0x56, 0x01]

    /// Makes a new authority.
    package init(named name: String = "JukiHub Lab CA") throws {
        try self.init(key: P256.Signing.PrivateKey(), named: name)
    }

    /// The authority whose key `secret` is: 32 bytes.
    package init(secret: [UInt8], named name: String = "JukiHub Lab CA") throws {
        try self.init(key: P256.Signing.PrivateKey(rawRepresentation: secret), named: name)
    }

    private init(key: P256.Signing.PrivateKey, named name: String) throws {
        self.key = key
        let subject = try Self.subject(name)
        certificate = try Certificate(
            version: .v3, serialNumber: .init(bytes: [1]), publicKey: .init(key.publicKey),
            notValidBefore: Self.date(Self.validity.from),
            notValidAfter: Self.date(Self.validity.to),
            issuer: subject, subject: subject,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            },
            issuerPrivateKey: .init(key))
    }

    package var secret: [UInt8] { Array(key.rawRepresentation) }

    /// What a terminal that trusts this authority verifies with.
    package func trust() throws -> SignatureTrust {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return SignatureTrust(
            authority: Data(serializer.serializedBytes),
            revocations: try RevocationList(
                issuedAt: Instant(rfc3339: Self.validity.from),
                nextUpdate: Instant(rfc3339: Self.validity.to),
                serials: [SignatureTrust.hexadecimal(.init(bytes: Self.revokedSerial))],
                signedBy: key))
    }

    /// Signs an application with a certificate of `name` in that standing; nil for `missing`.
    package func sign(_ application: JSONValue, as name: String, with standing: Standing) throws
        -> JSONValue?
    {
        guard standing != .missing else { return nil }
        let holder = P256.Signing.PrivateKey()
        let issuer = standing == .otherAuthority ? try SigningAuthority(named: "Other CA") : self
        let issued = try issuer.issue(
            holder.publicKey, to: standing == .otherPerson ? name + "（別人）" : name, standing)
        var serializer = DER.Serializer()
        try serializer.serialize(issued)
        let value = try holder.signature(for: CanonicalJSON.bytes(of: application))
        return [
            "algorithm": "ecdsa-p256-sha256",
            "certificate": .string(Data(serializer.serializedBytes).base64EncodedString()),
            "value": .string(value.derRepresentation.base64EncodedString()),
        ]
    }

    private func issue(
        _ holder: P256.Signing.PublicKey, to name: String, _ standing: Standing
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: standing == .revoked ? .init(bytes: Self.revokedSerial) : .init(),
            publicKey: .init(holder),
            notValidBefore: Self.date(
                standing == .notYetValid ? Self.notBefore : Self.validity.from),
            notValidAfter: Self.date(standing == .expired ? Self.expiredAt : Self.validity.to),
            issuer: certificate.subject, subject: try Self.subject(name),
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true, nonRepudiation: true))
            },
            issuerPrivateKey: .init(key))
    }

    /// The name a certificate is issued to.
    static func subject(_ name: String) throws -> DistinguishedName {
        try DistinguishedName {
            CountryName("JP")
            OrganizationName("JukiHub Lab")
            CommonName(name)
        }
    }

    private static func date(_ text: String) throws -> Date {
        Date(
            timeIntervalSince1970:
                Double(try Instant(rfc3339: text).nanosecondsSince1970) / 1e9)
    }
}
