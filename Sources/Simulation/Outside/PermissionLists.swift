import FoundationEssentials
import Messaging

/// The 照会許可照合リスト as 情報提供ネットワークシステム has them (`Schemas/catalogue/access-permission-lists.json`).
struct PermissionLists: Decodable, Sendable {
    struct List: Decodable, Sendable {
        let version: String
        let effectiveFrom: String
        let items: [String]
    }

    let bodies: [String]
    let itemSet: [String]
    let lists: [List]

    /// Throws `FileFailure` and `DecodingError`.
    init(file path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(FileText.bytes(path)))
    }

    /// The named one, or the one in force that day.
    func list(_ version: String?, on day: CivilDate) -> List? {
        guard let version else {
            return lists.filter { $0.effectiveFrom <= day.iso }
                .max { $0.effectiveFrom < $1.effectiveFrom }
        }
        return lists.first { $0.version == version }
    }

    /// Whose entry an item is; whoever comes first for an item that is not on the list.
    func body(for item: String, in list: List) -> String {
        let index = list.items.firstIndex(of: item) ?? 0
        return bodies.isEmpty ? "RB-01" : bodies[index % bodies.count]
    }

    func message(_ list: List, permitKey: [UInt8]) -> JSONValue {
        let set = JSONValue.array(itemSet.map(JSONValue.string))
        return [
            "version": .string(list.version), "effectiveFrom": .string(list.effectiveFrom),
            "permitPublicKey": .string(
                Base64URL.text(ProvisionPermit.publicKey(of: permitKey) ?? [])),
            "entries": .array(
                list.items.map { item in
                    [
                        "requestingBodyId": .string(body(for: item, in: list)),
                        "lawItemNo": .string(item), "itemSet": set,
                    ]
                }),
        ]
    }
}
