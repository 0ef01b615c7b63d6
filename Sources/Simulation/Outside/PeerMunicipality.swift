import Messaging

/// 他市町村CS: receives 転入通知, 戸籍の附票情報 and 転出証明書情報; what it sends is injected.
struct PeerMunicipality: OutsideParty {
    func receive(
        _ message: Incoming, in world: inout OutsideWorld
    ) throws(PartyRefusal) -> [Dispatch] {
        var record = world[PeerBook.self].peers[message.party] ?? PeerRecord()
        let code = message.juminhyoCode
        switch message.type {
        case "move-in-notice.deliver":
            record.moveInNotices[code, default: 0] += 1
            record.countNumbers(in: message, world.people)
        case "family-register-supplement.deliver":
            record.supplements[code, default: 0] += 1
            record.countNumbers(in: message, world.people)
        case "move-out-certificate.deliver":
            for mover in message.payload["movers"]?.array ?? [] {
                record.certificates[mover["juminhyoCode"]?.string ?? "", default: 0] += 1
            }
        default:
            throw PartyRefusal(code: "type-unexpected")
        }
        world[PeerBook.self].peers[message.party] = record
        return []
    }

    func facts(
        about person: Person?, of party: ParticipantID, in world: OutsideWorld
    ) -> [String: JSONValue] {
        let record = world[PeerBook.self].peers[party] ?? PeerRecord()
        func count(_ received: [String: Int]) -> JSONValue {
            .integer(person.map { received[$0.juminhyoCode] ?? 0 } ?? received.values.reduce(0, +))
        }
        return [
            "moveInNotices": count(record.moveInNotices),
            "supplements": count(record.supplements),
            "certificates": count(record.certificates),
            "numbersWhereNone": .integer(record.numbersWhereNone),
        ]
    }
}

extension PeerRecord {
    /// ※特定個人情報を含まない: counts a message that holds anybody's 個人番号 anywhere.
    fileprivate mutating func countNumbers(in message: Incoming, _ people: People) {
        let numbers = people.individualNumbers
        var found = false
        message.payload.forEachScalar { text, _ in
            found = found || numbers.contains { text.contains($0) }
        }
        if found { numbersWhereNone += 1 }
    }
}

/// What other municipalities keep.
struct PeerBook: PartyState {
    var peers: [ParticipantID: PeerRecord] = [:]

    init(people: People) {}
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
