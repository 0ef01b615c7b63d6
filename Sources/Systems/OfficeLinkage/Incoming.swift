import Messaging
import ParticipantStore

/// 住民情報の更新 from the register (A1-11), v1 or v2.
struct ResidentSync: Decodable {
    let addresseeNumber: String
    let recordVersion: Int64
    let removalCategory: String
    let moveReason: String
    let moveDate: String?
    /// F1-54: where somebody has told that he will move out, the day he means to.
    let removalMoveDate: String?
    /// 支援措置 [INF]: recipients get nothing while it stands.
    let isRestricted: Bool
    /// The items alone, as they are kept.
    let items: JSONFields

    init(from decoder: any Decoder) throws {
        let fields = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = fields["addresseeNumber"]?.text,
            let version = fields["recordVersion"]?.integer,
            let removal = fields["removalCategory"]?.text,
            let reason = fields["moveReason"]?.text
        else { throw Refuse("payload-unreadable") }
        addresseeNumber = number
        recordVersion = version
        removalCategory = removal
        moveReason = reason
        moveDate = fields["moveDate"]?.text
        if case .object(let date)? = fields["removalMoveDate"] {
            removalMoveDate = date["date"]?.text
        } else {
            removalMoveDate = nil
        }
        isRestricted = fields["restricted"] == .flag(true)
        var items = fields
        for name in ["addresseeNumber", "recordVersion", "restricted"] { items[name] = nil }
        self.items = items
    }

    /// What the change means, and from when (CL-1 read by the profiles' file).
    func meaning(_ meanings: [String: ChangeMeaning]) -> (change: ChangeMeaning, from: String?) {
        let change = meanings[moveReason] ?? .amendment
        switch change {
        case .plannedMoveOut where removalCategory != "none", .removal:
            return (.removal, removalMoveDate ?? moveDate)
        case .plannedMoveOut: return (.plannedMoveOut, removalMoveDate ?? moveDate)
        case .entry, .amendment, .correction, .cancellation, .snapshot: return (change, moveDate)
        }
    }
}

/// A department's answer to a transfer.
struct TransferAck: Decodable {
    let addresseeNumber: String
    let recordVersion: Int64
    let result: String
}

/// A department's wish for everybody.
struct SnapshotRequest: Decodable {
    let snapshotId: String
}

/// The register's word that everybody was sent.
struct ResyncCompleted: Decodable {
    let resyncId: String
    let sent: Int64
}
