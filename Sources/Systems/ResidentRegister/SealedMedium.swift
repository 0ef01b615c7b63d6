import Crypto
import FoundationEssentials
import Messaging

/// An encrypted medium of the LGWAN terminal (フラッシュメモリ; ): one file a ledger entry, AES-GCM, bound to the entry.
///
/// The register reads and never writes it: the terminal erases it.
struct SealedMedium {
    /// No application of ours is longer.
    private static let limitBytes = 1 << 20

    let directory: String
    let key: [UInt8]

    /// The application's JSON; throws ``Declined`` with `ledger-unknown`, `digest-mismatch` or `not-encrypted`.
    func read(ledgerEntryID: String, digest: String) throws -> [UInt8] {
        // The layout keeps path separators out; the name of a file is checked where it is made nonetheless.
        guard ledgerEntryID.utf8.allSatisfy({ $0.isNameByte }) else {
            throw Declined("ledger-unknown")
        }
        let file = "\(directory)/\(ledgerEntryID).sealed"
        guard let sealed = try? Data(contentsOf: URL(filePath: file)),
            sealed.count <= Self.limitBytes
        else { throw Declined("ledger-unknown") }
        guard Hexadecimal.text(Array(SHA256.hash(data: sealed))) == digest else {
            throw Declined("digest-mismatch")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return try Array(
                AES.GCM.open(
                    box, using: SymmetricKey(data: key),
                    authenticating: Array(ledgerEntryID.utf8)))
        } catch {
            throw Declined("not-encrypted")
        }
    }
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
