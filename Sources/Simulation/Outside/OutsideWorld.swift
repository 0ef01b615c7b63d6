package import Messaging

/// What the parties outside city hall know and have received (外部世界), as one model.
///
/// Parties change it one message at a time through ``OutsideParty``; what passes between two of them
/// outside the hub (prefecture to nation, L-29) is a change here and no message.
package struct OutsideWorld: Sendable {
    package let people: People
    /// 都道府県知事保存本人確認情報, by 住民票コード.
    var prefecture: [String: IdentityRecord] = [:]
    /// 機構保存本人確認情報, by 住民票コード.
    var nation: [String: IdentityRecord] = [:]
    /// 個人番号カード, by カード管理番号.
    var cards: [String: CardRecord] = [:]
    /// 符号 by 処理通番.
    var linkCodes: [String: String] = [:]
    /// What other municipalities received.
    var peers: [ParticipantID: PeerRecord] = [:]
    /// 証明書コンビニ交付 data, by 証明書連携番号.
    var certificates: [String: CertificateRecord] = [:]
    /// What departments received, by 宛名番号.
    var transfers: [ParticipantID: [String: TransferRecord]] = [:]
    /// 戸籍の附票 of the own city, by 住民票コード.
    var supplements: [String: SupplementRecord] = [:]
    /// Enquiries the nation answered, by 住民票コード.
    var verifications: [String: Int] = [:]
    var lastVerification = 0
    /// The newest messages of each party, oldest first.
    private var log: [ParticipantID: [LoggedMessage]] = [:]

    /// Messages remembered for each party.
    static let logLimit = 1_000

    package init(people: People) {
        self.people = people
        for person in people.byKey.values {
            let record = IdentityRecord(
                municipality: person.municipality, address: person.address,
                individualNumber: person.individualNumber, updates: 0)
            nation[person.juminhyoCode] = record
            if person.municipality.hasPrefix("08") { prefecture[person.juminhyoCode] = record }
            if let number = person.cardManagementNumber {
                cards[number] = CardRecord(
                    juminhyoCode: person.juminhyoCode, municipality: person.municipality,
                    continuedUses: 0)
            }
        }
    }

    mutating func remember(_ message: Incoming) {
        let party = message.party
        log[party, default: []].append(
            LoggedMessage(
                id: message.envelope.id, topic: message.envelope.topic,
                source: message.envelope.source, correlation: message.envelope.correlation,
                payload: message.payload))
        let excess = log[party, default: []].count - Self.logLimit
        if excess > 0 { log[party]?.removeFirst(excess) }
    }

    package func messages(of party: ParticipantID) -> [LoggedMessage] { log[party] ?? [] }
}

/// One person as prefecture or nation has them (保存本人確認情報).
struct IdentityRecord: Hashable, Sendable {
    var municipality: String
    var address: String
    var individualNumber: String?
    /// Updates received since the world began.
    var updates: Int
}

/// One 個人番号カード as 個人番号カード管理システム has it.
struct CardRecord: Hashable, Sendable {
    let juminhyoCode: String
    var municipality: String
    var continuedUses: Int
}

/// What another municipality's CS has received (他市町村CSの受信).
struct PeerRecord: Hashable, Sendable {
    /// 転入通知 by 住民票コード.
    var moveInNotices: [String: Int] = [:]
    /// 戸籍の附票情報 by 住民票コード.
    var supplements: [String: Int] = [:]
    /// 転出証明書情報 by 住民票コード.
    var certificates: [String: Int] = [:]
    /// Messages that must not, but did, hold somebody's 個人番号.
    var numbersWhereNone = 0
}

/// One person's data for コンビニ交付.
struct CertificateRecord: Hashable, Sendable {
    var juminhyoCode: String?
    var version: Int
    var issuable: Bool
}

/// One person's data as a department received it (庁内移転の受領).
struct TransferRecord: Hashable, Sendable {
    var person: String?
    var version: Int
    var count: Int
    var holdsIndividualNumber: Bool
}

/// One person's entry in the own city's 戸籍の附票.
struct SupplementRecord: Hashable, Sendable {
    var municipality: String
    var count: Int
}

/// A message a party received, content and all: the lab's people are invented (受信記録).
package struct LoggedMessage: Hashable, Sendable {
    package let id: MessageID
    package let topic: Topic
    package let source: ParticipantID
    package let correlation: CorrelationID
    package let payload: JSONValue
}
