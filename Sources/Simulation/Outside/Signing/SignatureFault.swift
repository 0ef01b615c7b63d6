/// Why an electronic signature does not hold (署名検証の結果, R-045); its raw value is the stable code.
package enum SignatureFault: String, Error, CaseIterable, Sendable {
    /// The application came without a signature.
    case missing = "signature-missing"
    /// Certificate or signature cannot be read.
    case malformed = "signature-malformed"
    /// The certificate was not issued by the authority the terminal trusts, or is not one to sign with.
    case untrusted = "certificate-untrusted"
    case notYetValid = "certificate-not-yet-valid"
    case expired = "certificate-expired"
    case revoked = "certificate-revoked"
    /// The list of revoked certificates is not the authority's own, or too old to rely on: nothing is accepted on it.
    case revocationUnknown = "revocation-unknown"
    /// What was signed is not what came (改ざん).
    case tampered = "signature-invalid"
    /// The certificate is somebody else's.
    case otherSigner = "signer-mismatch"
}
