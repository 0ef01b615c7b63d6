import ParticipantStore

/// 個人番号と団体内統合宛名番号のペア (A5-01); the 個人番号 lives no longer than this value.
struct PairRegistration: Decodable {
    let individualNumber: String
    let integratedAddresseeNumber: String
}

/// 符号 as the 情報提供ネットワークシステム notifies it (A5-04).
struct LinkCodeIssued: Decodable {
    let processingNumber: String
    let linkCode: String
}

/// 副本の更新, hop 2 (A1-12), v1 or v2.
struct ReplicaUpdate: Decodable {
    let integratedAddresseeNumber: String
    let recordVersion: Int64
    let removalCategory: String
    let items: JSONFields

    init(from decoder: any Decoder) throws {
        var items = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = items["integratedAddresseeNumber"]?.text,
            let version = items["recordVersion"]?.integer,
            let removal = items["removalCategory"]?.text
        else { throw Refuse("payload-unreadable") }
        integratedAddresseeNumber = number
        recordVersion = version
        removalCategory = removal
        items["integratedAddresseeNumber"] = nil
        items["recordVersion"] = nil
        self.items = items
    }
}
