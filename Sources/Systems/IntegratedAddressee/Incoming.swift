import ParticipantStore

/// 住民情報の更新 from the register (A1-11), v1 or v2, as far as 団体内統合宛名 decides by it.
struct ResidentSync: Decodable {
    let addresseeNumber: String
    let individualNumber: String?
    let recordVersion: Int64
    let removalCategory: String
    let removalMoveDate: JSONValue?
    let moveReason: String
    let nameKanji: String
    let sexCode: String
    let birthDate: JSONValue
    let currentAddress: String

    /// The 住民票コード is another one now, so a 符号 derived from the old one no longer stands for the person [INF].
    var renewsLinkCode: Bool { moveReason == "juminhyoCodeChangeRequest" }
}

/// 副本の更新要求, hop 1 (A1-12), v1 or v2: keyed by 宛名番号; the rest is handed on.
struct ReplicaUpdate: Decodable {
    let addresseeNumber: String
    let recordVersion: Int64
    let fields: JSONFields

    init(from decoder: any Decoder) throws {
        let fields = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = fields["addresseeNumber"]?.text,
            let version = fields["recordVersion"]?.integer
        else { throw Refuse("payload-unreadable") }
        addresseeNumber = number
        recordVersion = version
        self.fields = fields
    }
}

/// The 中間サーバー's answer to hop 2.
struct ReplicaReply: Decodable {
    let integratedAddresseeNumber: String
    let recordVersion: Int64
    let result: String
    let fields: JSONFields

    init(from decoder: any Decoder) throws {
        let fields = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = fields["integratedAddresseeNumber"]?.text,
            let version = fields["recordVersion"]?.integer, let result = fields["result"]?.text
        else { throw Refuse("payload-unreadable") }
        integratedAddresseeNumber = number
        recordVersion = version
        self.result = result
        self.fields = fields
    }
}

/// The 中間サーバー's answer to a pair (A5-01): the 処理通番 in it is not even read.
struct ProcessingNumberIssued: Decodable {
    let integratedAddresseeNumber: String
    let result: String
    let code: String?
}

/// 宛名の照会.
struct LookupRequest: Decodable {
    struct Key: Decodable {
        let integratedAddresseeNumber: String?
        let addresseeNumber: String?
        let individualNumber: String?
        let nameKanji: String?
        let birthDate: JSONValue?
    }

    let lookupId: String
    /// On whose behalf; absent: the asker's own.
    let department: String?
    let keys: [Key]
}
