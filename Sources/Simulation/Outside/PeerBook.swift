import Messaging

/// What other municipalities keep.
struct PeerBook: PartyState {
    var peers: [ParticipantID: PeerRecord] = [:]

    init(people: People) {}
}

/// What one other municipality's CS has received and sent (他市町村CSの送受信), by 住民票コード.
struct PeerRecord: Hashable, Sendable {
    /// 転入通知 received.
    var moveInNotices: [String: PeerArrival] = [:]
    /// 戸籍の附票情報 received.
    var supplements: [String: PeerArrival] = [:]
    /// 転出証明書情報 received, with what became of it.
    var certificates: [String: HeldCertificate] = [:]
    /// 転出証明書情報 sent.
    var sent: [String: SentCertificate] = [:]
    /// 送信依頼 received and sent.
    var requestsReceived: [String: Int] = [:]
    var requestsSent: [String: Int] = [:]
    /// Answers received (`move-out-certificate.reply`, `….withdraw.ack`), the last refusal's code among them.
    var repliesAccepted = 0
    var repliesRefused = 0
    var lastReplyCode: String?
    /// Certificates it did not take because they are for somebody else (SC-24).
    var misdirected = 0
    /// Messages that must not, but did, hold somebody's 個人番号.
    var numbersWhereNone = 0
    /// Groups it has begun; part of the next one's number.
    var groups = 0
}

/// How often something came for a person, and the newest of it.
struct PeerArrival: Hashable, Sendable {
    var count = 0
    var municipality: String?
    var address: String?
    var date: String?
}

/// A 転出証明書情報 a peer holds for a person who is to come.
struct HeldCertificate: Hashable, Sendable {
    enum State: String, Sendable {
        case received
        /// The person has come: 転入 is done there.
        case consumed
        case withdrawn
    }
    var state = State.received
    var count = 1
    let groupID: String
    let groupSize: Int
    let plannedDate: String?
    let expiryDate: String?
}

/// A 転出証明書情報 a peer has sent.
struct SentCertificate: Hashable, Sendable {
    var count = 0
    var withdrawn = false
    let groupID: String
    let groupSize: Int
    let plannedDate: CivilDate
    /// The mover's own part of it.
    let mover: JSONValue
}
