import Crypto
import FoundationEssentials

/// 照合用ハッシュ of one 整合性確認 (B6-01), as the layout of `consistency.check.submit` says it.
package enum ConsistencyDigest {
    /// The items of a record in the order of the digest (F2-1, 2, 6, 7, 11, 13, 21, 22).
    static let items = [
        "juminhyoCode", "nameKanji", "birthDate", "sex", "address", "individualNumber",
        "moveReason",
        "moveDate",
    ]

    package static func of(_ records: [JSONValue], batch: String) -> String {
        var text = ""
        for record in records.sorted(by: {
            ($0["juminhyoCode"]?.string ?? "") < ($1["juminhyoCode"]?.string ?? "")
        }) {
            text += items.map { record[$0]?.string ?? "" }.joined(separator: "\u{1F}") + "\u{1E}"
        }
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(batch.utf8)))
        return code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
