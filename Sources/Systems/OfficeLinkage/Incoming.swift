import ParticipantStore

/// 住民情報の更新 from the register (A1-11), v1 or v2.
struct ResidentSync: Decodable {
    let addresseeNumber: String
    let recordVersion: Int64
    let removalCategory: String
    let fields: JSONFields

    init(from decoder: any Decoder) throws {
        let fields = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = fields["addresseeNumber"]?.text,
            let version = fields["recordVersion"]?.integer,
            let removal = fields["removalCategory"]?.text
        else { throw Refuse("payload-unreadable") }
        addresseeNumber = number
        recordVersion = version
        removalCategory = removal
        self.fields = fields
    }
}
