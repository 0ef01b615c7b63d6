import Crypto
import FoundationEssentials

/// What puts an application onto a flash memory, encrypted (媒体への書込み, R-067).
///
/// One file an entry of the book, `<entry>.sealed`: AES-GCM, nonce and tag in it, the entry's number authenticated with
/// it, so that a file passed off as another entry's does not open.
package struct MediumWriter: Sendable {
    let directory: String
    private let key: SymmetricKey

    package init(directory: String, key: [UInt8]) {
        self.directory = directory
        self.key = SymmetricKey(data: key)
    }

    package func path(of entry: String) -> String { directory + "/" + entry + ".sealed" }

    func seal(_ application: JSONValue, for entry: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            CanonicalJSON.bytes(of: application), using: key, authenticating: Array(entry.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    package static func digest(_ file: [UInt8]) -> String {
        SHA256.hash(data: file).map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }
            .joined()
    }
}
