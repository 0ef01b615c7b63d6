import Messaging
import ParticipantStore

/// 個人番号と団体内統合宛名番号のペア (A5-01); the 個人番号 lives no longer than this value.
struct PairRegistration: Decodable {
    let individualNumber: String
    let integratedAddresseeNumber: String
    /// The 住民票コード has changed: a bound 符号 no longer stands for the person.
    let renew: Bool?
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
    /// The items as they came, checked by ``ReplicaLayout`` before anything is written.
    let items: JSONFields

    var removalCategory: String { items["removalCategory"]?.text ?? "" }

    init(from decoder: any Decoder) throws {
        var items = try decoder.singleValueContainer().decode(JSONFields.self)
        guard let number = items["integratedAddresseeNumber"]?.text,
            let version = items["recordVersion"]?.integer
        else { throw Refuse("payload-unreadable") }
        integratedAddresseeNumber = number
        recordVersion = version
        items["integratedAddresseeNumber"] = nil
        items["recordVersion"] = nil
        self.items = items
    }
}

/// 情報照会要求 (C1-01).
struct ProvisionRequest: Decodable {
    /// 情報照会者への経路情報.
    struct Route: Decodable {
        let routeId: String
        let requestId: String
        let requestingBodyId: String
        let expiresAt: Instant
    }

    let requestId: String
    let requestingBodyId: String
    let lawItemNo: String
    let listVersion: String
    let itemSet: [String]
    let linkCode: String
    let permit: ProvisionPermit?
    let route: Route?
    let requesterPublicKey: String
}

/// 照会許可照合リストの更新 (C2).
struct PermissionListUpdate: Codable {
    struct Entry: Codable {
        let requestingBodyId: String
        let lawItemNo: String
        let itemSet: [String]
    }

    let version: String
    let effectiveFrom: CivilDate
    let permitPublicKey: String
    let entries: [Entry]
}

/// 内容確認後の提供の決定 (C1-04).
struct ManualDecision: Decodable {
    enum Kind: String, Decodable {
        case release, reject
    }

    let requestId: String
    let decision: Kind
    let reason: String
}

/// 自動応答不可フラグの設定・解除の依頼.
struct FlagRequest: Decodable {
    let integratedAddresseeNumber: String
    /// One item, or all when absent.
    let item: String?
    let noAutomaticAnswer: Bool
    let reason: String
}

/// 副本照合用の書出しの依頼 (C3).
struct ExportRequest: Decodable {
    enum Scope: String, Decodable {
        case all, removed, retentionExpired, listed
    }

    let exportId: String
    let scope: Scope
    let integratedAddresseeNumbers: [String]?
    let after: String?
    let limit: Int
    let approver: String?
    let mediumId: String?
    let ledgerEntryId: String?
    let mediumPublicKey: String?
}

/// 副本の消去の依頼 (C8).
struct PurgeRequest: Decodable {
    enum Cause: String, Decodable {
        case retentionExpired, registeredInError
    }

    let purgeId: String
    /// One person's 副本; absent: all whose retention has ended.
    let integratedAddresseeNumber: String?
    let cause: Cause
    let reason: String
}

/// 職員のログイン, ログアウト.
struct StaffSession: Decodable {
    let sessionId: String
    let factors: [String]?
    let cause: String?
}
