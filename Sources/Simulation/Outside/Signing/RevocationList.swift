import Crypto
import FoundationEssentials
package import Messaging

/// The certificates an authority has taken back (失効リスト), signed by it.
///
/// A model of a CRL of ours: serial numbers, the time of issue and of the next one, signed with the authority's own key.
package struct RevocationList: Codable, Hashable, Sendable {
    package let issuedAt: Instant
    /// After this time the list proves nothing.
    package let nextUpdate: Instant
    /// Serial numbers in hexadecimal digits.
    package let serials: [String]
    /// Over the canonical text of the other members, DER.
    let signature: Data

    init(
        issuedAt: Instant, nextUpdate: Instant, serials: [String],
        signedBy key: P256.Signing.PrivateKey
    ) throws {
        self.issuedAt = issuedAt
        self.nextUpdate = nextUpdate
        self.serials = serials
        signature =
            try key.signature(
                for: Self.text(issuedAt: issuedAt, nextUpdate: nextUpdate, serials: serials)
            ).derRepresentation
    }

    /// Whether `key` signed it and it is still to be relied on at `time`.
    func holds(under key: P256.Signing.PublicKey, at time: Instant) -> Bool {
        guard issuedAt <= time, time < nextUpdate,
            let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(
            signature, for: Self.text(issuedAt: issuedAt, nextUpdate: nextUpdate, serials: serials))
    }

    private static func text(issuedAt: Instant, nextUpdate: Instant, serials: [String]) -> [UInt8] {
        CanonicalJSON.bytes(of: [
            "issuedAt": .string(issuedAt.rfc3339), "nextUpdate": .string(nextUpdate.rfc3339),
            "serials": .array(serials.map(JSONValue.string)),
        ])
    }
}
